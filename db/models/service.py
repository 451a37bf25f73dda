"""What customers are promised: appointments, a person to talk to, an answer to a complaint."""

from tortoise import fields
from tortoise.models import Model


class Appointment(Model):
    """A test drive or visit at a dealer. Times are aware UTC.

    `place_key` is `DEALER|MODEL|START|N` while it takes the N-th place of that slot and null
    otherwise: unique, so the database itself makes double booking impossible. Until `held_until`
    the place is only held: a hold that lapses or is given back is deleted, it never was one.
    """

    id = fields.BigIntField(primary_key=True)
    customer_id = fields.BigIntField(db_index=True)
    lead_id = fields.BigIntField(null=True, db_index=True)
    dealer_code = fields.CharField(32)
    model_code = fields.CharField(32, null=True)
    start_at = fields.DatetimeField()
    end_at = fields.DatetimeField()
    state = fields.CharField(16)
    place_key = fields.CharField(120, null=True, unique=True)
    held_until = fields.DatetimeField(null=True)
    booked_by = fields.CharField(80)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "appointment"
        indexes = (("dealer_code", "start_at"), ("state", "start_at"))


class Handoff(Model):
    """One conversation between a customer and a member of staff, through the bot.

    `open_customer_id` is the customer while it is open: unique, so one at a time. Nobody being
    there (`staff_id` null), a message is taken. `waiting_since` is when the customer first wrote
    without an answer, `asked` who was called to this conversation since anybody last answered.
    """

    id = fields.BigIntField(primary_key=True)
    customer_id = fields.BigIntField(db_index=True)
    open_customer_id = fields.BigIntField(null=True, unique=True)
    lead_id = fields.BigIntField(null=True)
    dealer_code = fields.CharField(32, null=True)
    staff_id = fields.CharField(64, null=True)
    opened_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    waiting_since = fields.DatetimeField(null=True)
    last_message_at = fields.DatetimeField()
    asked = fields.JSONField[list[str]](default=list)
    closed_at = fields.DatetimeField(null=True)
    close_reason = fields.CharField(24, null=True)

    class Meta:
        table = "handoff"
        indexes = (("staff_id", "closed_at"),)


class Ticket(Model):
    """A complaint or a request for service, with a receipt number (`id`) and a deadline.

    `open_key` is `CUSTOMER|KIND` while it is open: what the same person adds belongs to it.
    """

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(16)
    customer_id = fields.BigIntField(db_index=True)
    open_key = fields.CharField(40, null=True, unique=True)
    dealer_code = fields.CharField(32, null=True)
    text = fields.TextField(default="")
    state = fields.CharField(16, default="open")
    created_at = fields.DatetimeField()
    due_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    answered_by = fields.CharField(80, null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "ticket"
        indexes = (("dealer_code", "state"),)


class CustomerAct(Model):
    """Something a follower did that lets us write to them for a while (WeChat's send windows)."""

    id = fields.BigIntField(primary_key=True)
    customer_id = fields.BigIntField()
    kind = fields.CharField(16)
    at = fields.DatetimeField()

    class Meta:
        table = "customer_act"
        indexes = (("customer_id", "at"),)

"""Calls that are worth making today to customers who were given up or rest."""

from tortoise import fields
from tortoise.models import Model


class CallTask(Model):
    """One customer to call on one day; unique, so that planning it twice is planning it once.

    `state` is open or done, `points` and `reasons` are as of that day. A task of an earlier day,
    or of a lead that is in work again, is nobody's to-do any more. `customer_id` is who it was
    planned for; whose it is after a merge, the lead knows.
    """

    id = fields.BigIntField(primary_key=True)
    dealer_code = fields.CharField(32)
    day = fields.CharField(10)
    customer_id = fields.BigIntField()
    lead_id = fields.BigIntField()
    staff_id = fields.CharField(64)
    points = fields.FloatField()
    reasons = fields.JSONField[list[dict[str, object]]](default=list)
    state = fields.CharField(8, default="open")
    outcome = fields.CharField(24, null=True)
    note = fields.TextField(default="")
    created_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)
    done_by = fields.CharField(80, null=True)

    class Meta:
        table = "call_task"
        unique_together = (("dealer_code", "day", "customer_id"),)
        indexes = (("lead_id", "day"), ("staff_id", "day"))

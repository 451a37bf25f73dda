"""How customers move between the pools, who leads the conversation with them, and the proof.

Each move opens a stay and ends the one before; `open_customer_id` is unique and null once the
stay is over: so the database itself keeps every customer in exactly one pool.
"""

from tortoise import fields
from tortoise.models import Model


class PoolMove(Model):
    """A customer came from the pool `before` (empty: the first move) into `pool`, and why.

    `cause` is what set it going (`opened`, `follow_up`, `touch:12` …). Source, model and dealer
    are those of the lead that counted then; `day` is the local day. `stayed_s` is known when left.
    """

    id = fields.BigIntField(primary_key=True)
    customer_id = fields.BigIntField()
    open_customer_id = fields.BigIntField(null=True, unique=True)
    before = fields.CharField(16, default="")
    pool = fields.CharField(16)
    link = fields.CharField(16)
    reason = fields.JSONField[dict[str, object]](default=dict)
    cause = fields.CharField(32, default="")
    lead_id = fields.BigIntField(null=True)
    source = fields.CharField(64, default="")
    model_code = fields.CharField(32, null=True)
    dealer_code = fields.CharField(32, null=True)
    at = fields.DatetimeField()
    day = fields.CharField(10)
    left_at = fields.DatetimeField(null=True)
    stayed_s = fields.BigIntField(null=True)

    class Meta:
        table = "pool_move"
        indexes = (
            ("customer_id", "id"),
            # what the figures ask, answered from the index alone
            ("at", "day", "before", "pool", "source", "model_code", "dealer_code"),
            ("left_at", "pool", "at", "source", "model_code", "dealer_code"),
            ("pool", "left_at", "dealer_code", "customer_id", "stayed_s"),
            ("dealer_code", "at"),
        )


class HandOver(Model):
    """The conversation with a customer went from one link to the other, both sides being told.

    `lead_id`, `dealer_code` and `staff_id` are the dealer's side of it, where there is one.
    """

    id = fields.BigIntField(primary_key=True)
    customer_id = fields.BigIntField()
    before = fields.CharField(16)
    link = fields.CharField(16)
    cause = fields.CharField(32, default="")
    reason = fields.JSONField[dict[str, object]](default=dict)
    lead_id = fields.BigIntField(null=True)
    dealer_code = fields.CharField(32, null=True)
    staff_id = fields.CharField(64, null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "hand_over"
        indexes = (("customer_id", "id"), ("at", "link"), ("dealer_code", "at"))


class PoolCheck(Model):
    """One night's comparison of every customer's pool with what the facts say now."""

    day = fields.CharField(10, primary_key=True)
    last_id = fields.BigIntField(default=0)
    checked = fields.IntField(default=0)
    differences = fields.IntField(default=0)
    started_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "pool_check"


class PoolDifference(Model):
    """A customer whose pool was not what the facts say: a defect, put right and kept in sight."""

    id = fields.BigIntField(primary_key=True)
    customer_id = fields.BigIntField()
    kept = fields.CharField(16)
    kept_link = fields.CharField(16)
    pool = fields.CharField(16)
    link = fields.CharField(16)
    reason = fields.JSONField[dict[str, object]](default=dict)
    at = fields.DatetimeField()

    class Meta:
        table = "pool_difference"

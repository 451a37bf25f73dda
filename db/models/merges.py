"""Who became part of whom."""

from tortoise import fields
from tortoise.models import Model


class CustomerMerge(Model):
    """One merge, with all it takes to undo it: which rows moved, and what was changed how.

    `moved` is table → ids, `before` what columns held. Erasing the person empties both: what is
    forgotten cannot be taken apart again.
    """

    id = fields.BigIntField(primary_key=True)
    survivor_id = fields.BigIntField()
    other_id = fields.BigIntField(db_index=True)
    at = fields.DatetimeField()
    by = fields.CharField(80)
    reason = fields.CharField(200, default="")
    moved = fields.JSONField[dict[str, list[int]]](default=dict)
    before = fields.JSONField[dict[str, object]](default=dict)
    conflicts = fields.JSONField[list[dict[str, object]]](default=list)
    undone_at = fields.DatetimeField(null=True)
    undone_by = fields.CharField(80, null=True)

    class Meta:
        table = "customer_merge"
        indexes = (("survivor_id", "id"),)

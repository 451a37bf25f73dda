"""What figures are counted from: one narrow row a lead and one an assignment, worked out from all
that is known of them (`db/figures.py`) and kept true with every change."""

from tortoise import fields
from tortoise.models import Model


class LeadFigure(Model):
    """When one lead came how far. `staff_id` holds it, or held it last.

    `promised_level` is the first level that says when they buy, `order_days` how long after it
    they ordered; `decided_at` is when it was ordered or lost.
    """

    lead_id = fields.BigIntField(primary_key=True)
    customer_id = fields.BigIntField()
    dealer_code = fields.CharField(32, default="")
    staff_id = fields.CharField(64, default="")
    source = fields.CharField(64)
    model_code = fields.CharField(32, default="")
    pool = fields.CharField(16)
    state = fields.CharField(24)
    opened_at = fields.DatetimeField(db_index=True)
    assigned_at = fields.DatetimeField(null=True)
    tried_at = fields.DatetimeField(null=True, db_index=True)
    contacted_at = fields.DatetimeField(null=True)
    visit_due_at = fields.DatetimeField(null=True, db_index=True)
    visited_at = fields.DatetimeField(null=True, db_index=True)
    test_drove_at = fields.DatetimeField(null=True)
    ordered_at = fields.DatetimeField(null=True)
    delivered_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True, db_index=True)
    promised_level = fields.CharField(8, default="")
    promised_at = fields.DatetimeField(null=True, db_index=True)
    order_days = fields.FloatField(null=True)

    class Meta:
        table = "lead_figure"
        indexes = (("dealer_code", "opened_at"),)


class AssignmentFigure(Model):
    """How one adviser did with one lead: the first response, and the follow-ups after it.

    `kept` counts contacts in time, `missed` times that went by without one.
    """

    assignment_id = fields.BigIntField(primary_key=True)
    lead_id = fields.BigIntField()
    dealer_code = fields.CharField(32)
    staff_id = fields.CharField(64)
    source = fields.CharField(64)
    model_code = fields.CharField(32, default="")
    pool = fields.CharField(16)
    promised_level = fields.CharField(8, default="")
    state = fields.CharField(24)
    opened_at = fields.DatetimeField(db_index=True)
    assigned_at = fields.DatetimeField(db_index=True)
    due_at = fields.DatetimeField()
    responded_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    kept = fields.IntField(default=0)
    missed = fields.IntField(default=0)

    class Meta:
        table = "assignment_figure"
        indexes = (("dealer_code", "opened_at"),)

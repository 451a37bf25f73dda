"""Leads and everything that happens to them.

`open_key` and `open_lead_id` are unique and null once the thing is over: so the database itself
guarantees one open lead per phone and dealer, one running assignment and one open defeat per lead.
"""

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.models import Model

from db.models.organisation import Dealer, Staff
from db.models.people import Customer


class Lead(Model):
    """One interest of one customer at one dealer (or not yet dispatched)."""

    id = fields.BigIntField(primary_key=True)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "leadloop.Customer", related_name="leads", on_delete=fields.RESTRICT
    )
    customer_id: int
    dealer: fields.ForeignKeyNullableRelation[Dealer] = fields.ForeignKeyField(
        "leadloop.Dealer", related_name="leads", null=True, on_delete=fields.RESTRICT
    )
    dealer_id: str | None
    open_key = fields.CharField(128, null=True, unique=True)
    state = fields.CharField(24)
    hold_reason = fields.JSONField[dict[str, object] | None](null=True)
    waiting_since = fields.DatetimeField(null=True)

    source = fields.CharField(64)
    attribution = fields.CharField(16)
    model_code = fields.CharField(32, null=True)
    city = fields.CharField(32, default="")
    message = fields.TextField(default="")
    budget = fields.IntField(null=True)
    finance = fields.BooleanField(null=True)
    trade_in = fields.BooleanField(null=True)

    level = fields.CharField(8, default="N")
    score = fields.IntField(default=0)
    reasons = fields.JSONField[list[dict[str, object]]](default=list)
    purchase_window_days = fields.IntField(null=True)
    window_stated_at = fields.DatetimeField(null=True)
    adviser_level = fields.CharField(8, null=True)
    adviser_level_at = fields.DatetimeField(null=True)
    signals = fields.JSONField[list[list[str]]](default=list)
    lowered_steps = fields.IntField(default=0)
    recycles = fields.IntField(default=0)

    opened_at = fields.DatetimeField()
    reactivated_at = fields.DatetimeField(null=True)
    last_active_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    updated_at = fields.DatetimeField(db_index=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "lead"
        indexes = (
            ("customer_id", "dealer_id"),
            ("dealer_id", "state", "id"),
            ("dealer_id", "waiting_since"),
            ("dealer_id", "opened_at"),
            ("level", "id"),
            ("source", "id"),
            ("opened_at",),
        )


class Touchpoint(Model):
    """Where an interest was seen. (source, external_id) is the intake's idempotency key."""

    id = fields.BigIntField(primary_key=True)
    lead: fields.ForeignKeyRelation[Lead] = fields.ForeignKeyField(
        "leadloop.Lead", related_name="touchpoints", on_delete=fields.CASCADE
    )
    lead_id: int
    source = fields.CharField(64)
    external_id = fields.CharField(128)
    occurred_at = fields.DatetimeField()
    outcome = fields.CharField(16)
    data = fields.JSONField[dict[str, object]](default=dict)
    created_at = fields.DatetimeField()

    class Meta:
        table = "touchpoint"
        unique_together = (("source", "external_id"),)
        indexes = (("lead_id", "id"),)


class Assignment(Model):
    """One period in which one adviser holds one lead, with its own clocks."""

    id = fields.BigIntField(primary_key=True)
    lead: fields.ForeignKeyRelation[Lead] = fields.ForeignKeyField(
        "leadloop.Lead", related_name="assignments", on_delete=fields.CASCADE
    )
    lead_id: int
    open_lead_id = fields.BigIntField(null=True, unique=True)
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "leadloop.Staff", related_name="assignments", on_delete=fields.RESTRICT
    )
    staff_id: str
    dealer_code = fields.CharField(32)
    why = fields.JSONField[dict[str, object]](default=dict)
    assigned_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)
    first_response_due_at = fields.DatetimeField()
    first_response_at = fields.DatetimeField(null=True)
    next_follow_up_at = fields.DatetimeField(null=True, db_index=True)
    missed_cycles = fields.IntField(default=0)
    ended_at = fields.DatetimeField(null=True)
    end_reason = fields.CharField(24, null=True)

    class Meta:
        table = "assignment"
        indexes = (
            ("staff_id", "ended_at"),
            ("staff_id", "assigned_at"),
            ("dealer_code", "ended_at"),
            ("lead_id", "id"),
            ("first_response_at",),
            ("ended_at", "first_response_at", "first_response_due_at"),
        )


class FollowUp(Model):
    """What was done, how, with what result, what next. `before` restores the lead on an undo."""

    id = fields.BigIntField(primary_key=True)
    lead: fields.ForeignKeyRelation[Lead] = fields.ForeignKeyField(
        "leadloop.Lead", related_name="follow_ups", on_delete=fields.CASCADE
    )
    lead_id: int
    assignment_id = fields.BigIntField(null=True)
    staff_id = fields.CharField(64)
    result = fields.CharField(16)
    way = fields.CharField(16)
    note = fields.TextField(default="")
    occurred_at = fields.DatetimeField()
    logged_at = fields.DatetimeField()
    level = fields.CharField(8, null=True)
    next_follow_up_at = fields.DatetimeField(null=True)
    appointment_at = fields.DatetimeField(null=True)
    model_code = fields.CharField(32, null=True)
    slots = fields.JSONField[dict[str, object]](default=dict)
    before = fields.JSONField[dict[str, object]](default=dict)
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        table = "follow_up"
        indexes = (
            ("lead_id", "occurred_at"),
            ("staff_id", "logged_at"),
            ("staff_id", "appointment_at"),
        )


class Defeat(Model):
    """A request to give a lead up, and the decision on it."""

    id = fields.BigIntField(primary_key=True)
    lead: fields.ForeignKeyRelation[Lead] = fields.ForeignKeyField(
        "leadloop.Lead", related_name="defeats", on_delete=fields.CASCADE
    )
    lead_id: int
    open_lead_id = fields.BigIntField(null=True, unique=True)
    requested_by = fields.CharField(80)
    requested_at = fields.DatetimeField()
    reason = fields.CharField(32)
    competitor = fields.CharField(64, default="")
    note = fields.TextField(default="")
    state = fields.CharField(16, default="requested")
    suspicion = fields.JSONField[dict[str, object]](default=dict)
    suspicious = fields.BooleanField(default=False, db_default=False)
    dealer_code = fields.CharField(32, default="", db_default="")
    reviewed_by = fields.CharField(80, null=True)
    reviewed_at = fields.DatetimeField(null=True)
    passed_to = fields.CharField(64, null=True)

    class Meta:
        table = "defeat"
        indexes = (
            ("state", "requested_at"),
            ("requested_by", "requested_at"),
            ("dealer_code", "requested_at"),
            ("lead_id", "id"),
            ("reviewed_at",),
        )


class GradeRecord(Model):
    """One grading with its inputs, so that it can be explained and replayed."""

    id = fields.BigIntField(primary_key=True)
    lead: fields.ForeignKeyRelation[Lead] = fields.ForeignKeyField(
        "leadloop.Lead", related_name="grades", on_delete=fields.CASCADE
    )
    lead_id: int
    at = fields.DatetimeField()
    cause = fields.CharField(32)
    level = fields.CharField(8)
    score = fields.IntField()
    reasons = fields.JSONField[list[dict[str, object]]]()
    inputs = fields.JSONField[dict[str, object]]()

    class Meta:
        table = "grade_record"
        indexes = (("lead_id", "id"),)


class TimelineEvent(Model):
    """One thing that happened. Without a lead it belongs to all leads of the customer."""

    id = fields.BigIntField(primary_key=True)
    lead_id = fields.BigIntField(null=True)
    customer_id = fields.BigIntField()
    at = fields.DatetimeField()
    kind = fields.CharField(32)
    actor = fields.CharField(80)
    data = fields.JSONField[dict[str, object]](default=dict)

    class Meta:
        table = "timeline_event"
        indexes = (
            ("lead_id", "at"),
            ("customer_id", "at"),
            PartialIndex(fields=("at",), condition={"kind": "pushed"}, name="timeline_pushed"),
            PartialIndex(
                fields=("at", "customer_id"), condition={"kind": "touch"}, name="timeline_touched"
            ),
            PartialIndex(
                fields=("lead_id", "at"),
                condition={"kind": "follow_up_missed"},
                name="timeline_missed",
            ),
        )

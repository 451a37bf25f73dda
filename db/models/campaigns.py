"""Campaigns: what they say, who takes part, what was sent, and what came of it."""

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.models import Model


class Campaign(Model):
    """One campaign. Who joins now goes through the flow of `version`, to its end.

    `occasion` makes people join: defeated, dormant, delivered, or segment. `figures` are those
    of `figures_at`, for lists.
    """

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(32, unique=True)
    name = fields.CharField(64)
    state = fields.CharField(16, default="draft")
    occasion = fields.CharField(16)
    version = fields.IntField()
    refill = fields.BooleanField(default=False)
    filled_at = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)
    figures = fields.JSONField[dict[str, object]](default=dict)
    figures_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    updated_by = fields.CharField(80)

    class Meta:
        table = "campaign"
        indexes = (("state", "occasion"),)


class CampaignVersion(Model):
    """A flow as it was written (`domain/campaign_reading.py`); never changed."""

    id = fields.BigIntField(primary_key=True)
    campaign_id = fields.BigIntField()
    version = fields.IntField()
    document = fields.JSONField[dict[str, object]]()
    created_at = fields.DatetimeField()
    created_by = fields.CharField(80)

    class Meta:
        table = "campaign_version"
        unique_together = (("campaign_id", "version"),)


class Enrolment(Model):
    """One customer in one campaign. A flow may take people again: that is a further `round`.

    `state`: waiting for `due_at`, armed (a job of the outbox looks at it), over, or held_out:
    left alone for comparison, and never anything else. Outcomes count until `watched_until`.
    """

    id = fields.BigIntField(primary_key=True)
    campaign_id = fields.BigIntField()
    customer_id = fields.BigIntField()
    round = fields.SmallIntField(default=1)
    version = fields.IntField()
    lead_id = fields.BigIntField(null=True)
    arm = fields.CharField(8)
    state = fields.CharField(8)
    step = fields.SmallIntField(default=0)
    armings = fields.IntField(default=0)
    due_at = fields.DatetimeField()
    reason = fields.CharField(24, default="")
    joined_at = fields.DatetimeField()
    watched_until = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "enrolment"
        unique_together = (("campaign_id", "customer_id", "round"),)
        indexes = (
            PartialIndex(
                fields=("campaign_id", "due_at"),
                condition={"state": "waiting"},
                name="enrolment_due",
            ),
            ("customer_id", "watched_until"),
            ("campaign_id", "arm", "state", "reason"),
        )


class Touch(Model):
    """One message of a campaign to one customer. The row is written before it is sent.

    `state`: sending, sent, or unknown: perhaps sent, so never sent again. `channel`: message,
    template or task.
    """

    id = fields.BigIntField(primary_key=True)
    enrolment_id = fields.BigIntField()
    campaign_id = fields.BigIntField()
    customer_id = fields.BigIntField()
    step = fields.SmallIntField()
    channel = fields.CharField(8)
    state = fields.CharField(8)
    outbox_id = fields.BigIntField()
    at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "touch"
        unique_together = (("enrolment_id", "step"),)
        indexes = (
            ("customer_id", "at"),
            ("campaign_id", "step", "channel", "state"),
            PartialIndex(
                fields=("campaign_id", "id"),
                condition={"state": "unknown"},
                name="touch_unknown",
            ),
        )


class Outcome(Model):
    """What somebody in a campaign did while it was watched: each kind counts once.

    `kind`: reply, new_intent, visit or order. `label` is the lead's attribution. `credit_key` is
    unique: an order, a visit, an intent of a lead is the merit of one campaign, the one whose
    touch came last; null where it is nobody's.
    """

    id = fields.BigIntField(primary_key=True)
    enrolment_id = fields.BigIntField()
    campaign_id = fields.BigIntField()
    customer_id = fields.BigIntField()
    arm = fields.CharField(8)
    kind = fields.CharField(16)
    at = fields.DatetimeField()
    touch_id = fields.BigIntField(null=True)
    lead_id = fields.BigIntField(null=True)
    follow_up_id = fields.BigIntField(null=True, db_index=True)
    label = fields.CharField(16, null=True)
    credit_key = fields.CharField(48, null=True, unique=True)

    class Meta:
        table = "outcome"
        unique_together = (("enrolment_id", "kind"),)
        indexes = (("campaign_id", "arm", "kind"), ("customer_id",))


class TouchPace(Model):
    """One row: up to when the minute's touches are given out (epoch ms)."""

    id = fields.SmallIntField(primary_key=True)
    spent_until_ms = fields.BigIntField()

    class Meta:
        table = "touch_pace"


class TrialRecipient(Model):
    """Somebody of our own, known as a customer, whom steps may be tried out on."""

    id = fields.BigIntField(primary_key=True)
    customer_id = fields.BigIntField(db_index=True)
    added_at = fields.DatetimeField()
    added_by = fields.CharField(80)

    class Meta:
        table = "trial_recipient"

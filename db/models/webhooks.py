"""What other programs are told: who asked for it, what happened, and each delivery of it."""

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.models import Model

from db.models.queues import QueueRow


class Webhook(Model):
    """A receiver's address and what it wants; empty lists want everything.

    Both secrets are sealed. Until `previous_until` the one before signs too. A failing receiver
    is left alone until `held_until_ms`; a deleted one stays as a row for what still names it.
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(64)
    url = fields.CharField(500)
    types = fields.JSONField[list[str]](default=list)
    dealers = fields.JSONField[list[str]](default=list)
    regions = fields.JSONField[list[str]](default=list)
    enabled = fields.BooleanField(default=True)
    secret = fields.BinaryField()
    previous_secret = fields.BinaryField(null=True)
    previous_until = fields.DatetimeField(null=True)
    failures = fields.IntField(default=0)
    failing_since = fields.DatetimeField(null=True)
    held_until_ms = fields.BigIntField(default=0)
    disabled_at = fields.DatetimeField(null=True)
    disabled_why = fields.CharField(16, default="")
    missed_since = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    created_by = fields.CharField(80)
    deleted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "webhook"


class WebhookEvent(Model):
    """Something that happened, as other programs may know it. Of a person it holds ids only.

    `dealers` and `regions` are those it concerns, so that a replay can ask again who wanted it.
    """

    id = fields.BigIntField(primary_key=True)
    uid = fields.CharField(40, unique=True)
    kind = fields.CharField(32)
    at = fields.DatetimeField()
    lead_id = fields.BigIntField(null=True)
    customer_id = fields.BigIntField(null=True)
    dealers = fields.JSONField[list[str]](default=list)
    regions = fields.JSONField[list[str]](default=list)
    data = fields.JSONField[dict[str, object]](default=dict)

    class Meta:
        table = "webhook_event"
        indexes = (("at", "id"),)


class WebhookDelivery(QueueRow):
    """One event on its way to one webhook. `status` is what its receiver answered last."""

    webhook_id = fields.BigIntField()
    event_uid = fields.CharField(40)
    kind = fields.CharField(32)
    lead_id = fields.BigIntField(null=True)
    status = fields.SmallIntField(null=True)
    took_ms = fields.IntField(null=True)

    class Meta:
        table = "webhook_delivery"
        indexes = (
            PartialIndex(fields=("queue", "due_at_ms"), condition={"state": 0}),
            PartialIndex(fields=("queue", "lease_until_ms"), condition={"state": 1}),
            PartialIndex(fields=("done_at_ms",), condition={"state": 2}),
            PartialIndex(
                fields=("webhook_id", "due_at_ms", "id"),
                condition={"state": 0},
                name="webhook_due",
            ),
            PartialIndex(fields=("webhook_id",), condition={"state": 1}, name="webhook_under_way"),
            ("queue", "state", "attempts"),
            ("webhook_id", "id"),
            ("webhook_id", "state", "id"),
        )

"""What a member of staff asks a manager to agree to; defeats have a table of their own."""

from tortoise import fields
from tortoise.models import Model

from db.models.leads import Lead


class Approval(Model):
    """A request to hand a lead on or to let it rest, and the decision on it.

    `open_lead_id` is unique and null once decided: one open request per lead. `to_staff` or
    `to_dealer` is where a transfer shall go; `follow_up_id` is the record that asks for rest.
    Refused, `passed_to` goes on with the lead.
    """

    id = fields.BigIntField(primary_key=True)
    lead: fields.ForeignKeyRelation[Lead] = fields.ForeignKeyField(
        "leadloop.Lead", related_name="approvals", on_delete=fields.CASCADE
    )
    lead_id: int
    open_lead_id = fields.BigIntField(null=True, unique=True)
    kind = fields.CharField(16)
    asked_by = fields.CharField(80)
    asked_at = fields.DatetimeField()
    reason = fields.CharField(64)
    note = fields.TextField(default="")
    to_staff = fields.CharField(64, null=True)
    to_dealer = fields.CharField(32, null=True)
    follow_up_id = fields.BigIntField(null=True)
    suspicion = fields.JSONField[dict[str, object]](default=dict)
    state = fields.CharField(16, default="requested")
    reviewed_by = fields.CharField(80, null=True)
    reviewed_at = fields.DatetimeField(null=True)
    passed_to = fields.CharField(64, null=True)

    class Meta:
        table = "approval"
        indexes = (("state", "asked_at"), ("lead_id", "id"), ("follow_up_id",))

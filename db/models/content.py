"""What brand operations write for customers."""

from tortoise import fields
from tortoise.models import Model


class FaqVersion(Model):
    """The frequent questions as they stood from `created_at`; the highest version counts.

    `questions` null: those delivered with the program. `digest` names the content, so that who
    has read it once need not read it again.
    """

    id = fields.BigIntField(primary_key=True)
    version = fields.IntField(unique=True)
    questions = fields.JSONField[list[dict[str, object]] | None](null=True)
    digest = fields.CharField(64)
    created_at = fields.DatetimeField()
    created_by = fields.CharField(80)
    note = fields.CharField(200, default="")

    class Meta:
        table = "faq_version"

"""Whom the brand speaks to: segments as data."""

from tortoise import fields
from tortoise.models import Model


class SegmentDocument(Model):
    """One named segment (`domain/segment.py` reads `document`). `version` grows with each change.

    A row takes the place of the ready-made segment of its code (`domain/ready_segments.py`).
    """

    code = fields.CharField(32, primary_key=True)
    name = fields.CharField(64)
    document = fields.JSONField[object]()
    version = fields.IntField(default=1)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    updated_by = fields.CharField(80)

    class Meta:
        table = "segment"

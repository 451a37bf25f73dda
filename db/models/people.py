"""Customers, the identities merged onto them, and their consents."""

from tortoise import fields
from tortoise.models import Model


class Customer(Model):
    """One person, however many phones, openids and leads.

    `merged_into_id` points to the survivor of a merge; such a row owns nothing any more.
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(64, default="", db_index=True)
    city = fields.CharField(32, default="")
    pool = fields.CharField(16, default="traffic", db_index=True)
    link = fields.CharField(16, default="brand")
    pool_reason = fields.JSONField[dict[str, object]](default=dict)
    opted_out_at = fields.DatetimeField(null=True)
    erased_at = fields.DatetimeField(null=True)
    merged_into_id = fields.BigIntField(null=True)
    lat = fields.FloatField(null=True)
    lng = fields.FloatField(null=True)
    scene = fields.CharField(64, default="")
    last_message_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "customer"


class Identity(Model):
    """One way to recognise a customer: unique over all customers, so races cannot split a person.

    For a phone, `value` is its keyed hash and `cipher` the encrypted number; other kinds keep
    the platform's id in `value`.
    """

    id = fields.BigIntField(primary_key=True)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "leadloop.Customer", related_name="identities", on_delete=fields.RESTRICT
    )
    customer_id: int
    kind = fields.CharField(16)
    value = fields.CharField(128)
    cipher = fields.CharField(255, null=True)
    last_four = fields.CharField(4, null=True, db_index=True)
    subscribed = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "identity"
        unique_together = (("kind", "value"),)
        indexes = (("customer_id", "kind"),)


class Consent(Model):
    """A receipt: what was agreed to, in which wording, where, when, and for which dealer."""

    id = fields.BigIntField(primary_key=True)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "leadloop.Customer", related_name="consents", on_delete=fields.CASCADE
    )
    customer_id: int
    purpose = fields.CharField(32)
    version = fields.CharField(32)
    channel = fields.CharField(64)
    dealer_code = fields.CharField(32, null=True)
    obtained_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "consent"
        indexes = (("customer_id", "purpose"),)

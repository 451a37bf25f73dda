"""Customers, the identities merged onto them, their consents, and their profiles."""

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


class Profile(Model):
    """What segments ask about a customer, in one narrow row: worked out, never written by hand.

    `db/profiles.py` draws it anew in the transaction of every change. `lead_id` is the lead that
    counts: the open one active last, else the one active last. Customers who were merged away or
    erased have none.
    """

    customer_id = fields.BigIntField(primary_key=True)
    pool = fields.CharField(16)
    link = fields.CharField(16)
    city = fields.CharField(32, null=True)
    has_phone = fields.BooleanField()
    follows = fields.BooleanField()
    opted_out = fields.BooleanField()
    may_contact = fields.BooleanField()
    may_share = fields.BooleanField()
    may_market = fields.BooleanField()
    leads = fields.IntField()

    lead_id = fields.BigIntField(null=True)
    state = fields.CharField(24, null=True)
    level = fields.CharField(8, null=True)
    score = fields.IntField(null=True)
    source = fields.CharField(64, null=True)
    attribution = fields.CharField(16, null=True)
    model_code = fields.CharField(32, null=True)
    dealer_code = fields.CharField(32, null=True)
    budget = fields.IntField(null=True)
    window_days = fields.IntField(null=True)
    defeat_reason = fields.CharField(32, null=True)
    opened_at = fields.DatetimeField(null=True)
    active_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)

    created_at = fields.DatetimeField()
    heard_at = fields.DatetimeField(null=True)
    tried_at = fields.DatetimeField(null=True)
    contacted_at = fields.DatetimeField(null=True)
    visited_at = fields.DatetimeField(null=True)
    test_drove_at = fields.DatetimeField(null=True)
    quoted_at = fields.DatetimeField(null=True)
    ordered_at = fields.DatetimeField(null=True)
    delivered_at = fields.DatetimeField(null=True)
    touched_at = fields.DatetimeField(null=True)

    class Meta:
        table = "customer_profile"
        indexes = (
            ("pool", "level", "customer_id"),
            ("state", "closed_at"),
            ("dealer_code", "state", "closed_at"),
            ("delivered_at",),
            ("quoted_at",),
            ("test_drove_at",),
        )

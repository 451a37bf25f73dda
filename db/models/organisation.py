"""Who works where, what is sold, and by which rules. Natural keys: rows read like sentences."""

from typing import Any

from tortoise import fields
from tortoise.models import Model


class WordOrJSONField(fields.JSONField[object]):
    """A JSON column that may hold a bare word ("always"), which Tortoise takes for JSON text."""

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> str | None:
        quoted = self.encoder(value) if isinstance(value, str) else value
        return super().to_db_value(quoted, instance)

    def to_python_value(self, value: Any) -> Any:
        is_word = (
            isinstance(value, str) and value.isalpha() and value not in ("true", "false", "null")
        )
        return value if is_word else super().to_python_value(value)


class Region(Model):
    """A sales region (大区). `parent` makes sub-regions."""

    code = fields.CharField(32, primary_key=True)
    name = fields.CharField(64)
    parent_code = fields.CharField(32, null=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "region"


class Dealer(Model):
    """A store. `hours` is "always" or weekday → spans; `models` is "all" or a list of codes."""

    code = fields.CharField(32, primary_key=True)
    name = fields.CharField(64)
    region: fields.ForeignKeyNullableRelation[Region] = fields.ForeignKeyField(
        "leadloop.Region", related_name="dealers", null=True, on_delete=fields.RESTRICT
    )
    region_id: str | None
    city = fields.CharField(32, db_index=True)
    address = fields.CharField(200, default="")
    lat = fields.FloatField(null=True)
    lng = fields.FloatField(null=True)
    phone = fields.CharField(32, default="")
    hours = WordOrJSONField(default="always")
    models = WordOrJSONField(default="all")
    open = fields.BooleanField(default=True)
    quota = fields.IntField(default=0)
    quality = fields.FloatField(default=1.0)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "dealer"


class Staff(Model):
    """Somebody who works with leads. `focus_lead_id` is the lead whose card was last handled.

    `wecom`: a member of WeCom. Others cannot be written to, and sign in with a password only.
    """

    userid = fields.CharField(64, primary_key=True)
    name = fields.CharField(64)
    dealer: fields.ForeignKeyNullableRelation[Dealer] = fields.ForeignKeyField(
        "leadloop.Dealer", related_name="staff", null=True, on_delete=fields.RESTRICT
    )
    dealer_id: str | None
    region: fields.ForeignKeyNullableRelation[Region] = fields.ForeignKeyField(
        "leadloop.Region", related_name="staff", null=True, on_delete=fields.RESTRICT
    )
    region_id: str | None
    role = fields.CharField(16)
    active = fields.BooleanField(default=True)
    wecom = fields.BooleanField(default=True, db_default=True)
    on_duty = fields.BooleanField(default=True)
    capacity = fields.IntField(default=60)
    shifts = fields.JSONField[object](null=True)
    leave = fields.JSONField[list[list[str]]](default=list)
    last_assigned_at = fields.DatetimeField(null=True)
    focus_lead_id = fields.BigIntField(null=True)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "staff"
        indexes = (("dealer_id", "role"), ("name",))


class CarModel(Model):
    """A car line (车型). Prices in yuan."""

    code = fields.CharField(32, primary_key=True)
    name = fields.CharField(64)
    aliases = fields.JSONField[list[str]](default=list)
    price_low = fields.IntField(null=True)
    price_high = fields.IntField(null=True)
    energy = fields.CharField(16, default="ice")
    on_sale = fields.BooleanField(default=True)
    highlights = fields.JSONField[list[str]](default=list)
    updated_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "car_model"


class PolicyVersion(Model):
    """The overrides of one scope as they stood from `created_at`; the highest version rules.

    `scope` is `brand`, `region:CODE` or `dealer:CODE`.
    """

    id = fields.BigIntField(primary_key=True)
    scope = fields.CharField(48)
    version = fields.IntField()
    overrides = fields.JSONField[dict[str, object]]()
    created_at = fields.DatetimeField()
    created_by = fields.CharField(80)
    note = fields.CharField(200, default="", db_default="")

    class Meta:
        table = "policy_version"
        unique_together = (("scope", "version"),)


class ApiKey(Model):
    """An API key: only its hash is kept. `last_used_at` is true to a minute."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(64, unique=True)
    key_hash = fields.CharField(64, unique=True)
    scopes = fields.JSONField[list[str]]()
    created_at = fields.DatetimeField()
    created_by = fields.CharField(80, default="", db_default="")
    last_used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "api_key"


class AuditEntry(Model):
    """What somebody did: who, what, to which thing, and from where. No field holds a phone.

    `data` may hold `before` and `after`: what the act changed, and nothing else.
    """

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    actor = fields.CharField(80)
    action = fields.CharField(32)
    target = fields.CharField(80)
    data = fields.JSONField[dict[str, object]](default=dict)
    address = fields.CharField(45, default="", db_default="")
    agent = fields.CharField(200, default="", db_default="")

    class Meta:
        table = "audit_entry"
        indexes = (("at", "id"), ("actor", "at"), ("action", "at"), ("target", "at"))

from tortoise import migrations
from tortoise.migrations import operations as ops
from db.models.organisation import WordOrJSONField
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index, PartialIndex


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("name", fields.CharField(unique=True, max_length=64)),
                ("key_hash", fields.CharField(unique=True, max_length=64)),
                ("scopes", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "revoked_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={"table": "api_key", "app": "leadloop", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Appointment",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("customer_id", fields.BigIntField(db_index=True)),
                ("lead_id", fields.BigIntField(null=True, db_index=True)),
                ("dealer_code", fields.CharField(max_length=32)),
                ("model_code", fields.CharField(null=True, max_length=32)),
                ("start_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("end_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("state", fields.CharField(max_length=16)),
                ("place_key", fields.CharField(null=True, unique=True, max_length=120)),
                (
                    "held_until",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("booked_by", fields.CharField(max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "appointment",
                "app": "leadloop",
                "indexes": [
                    Index(fields=["dealer_code", "start_at"]),
                    Index(fields=["state", "start_at"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(max_length=80)),
                ("action", fields.CharField(max_length=32)),
                ("target", fields.CharField(max_length=80)),
                ("data", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "audit_entry",
                "app": "leadloop",
                "indexes": [Index(fields=["actor", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CarModel",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("name", fields.CharField(max_length=64)),
                ("aliases", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("price_low", fields.IntField(null=True)),
                ("price_high", fields.IntField(null=True)),
                ("energy", fields.CharField(default="ice", max_length=16)),
                ("on_sale", fields.BooleanField(default=True)),
                ("highlights", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={"table": "car_model", "app": "leadloop", "pk_attr": "code"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Card",
            fields=[
                (
                    "task_id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("staff_id", fields.CharField(max_length=64)),
                ("lead_id", fields.BigIntField(db_index=True)),
                ("assignment_id", fields.BigIntField(null=True)),
                ("defeat_id", fields.BigIntField(null=True)),
                ("response_code", fields.CharField(null=True, max_length=255)),
                ("code_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("outcome", fields.CharField(default="", max_length=80)),
                ("data", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "card",
                "app": "leadloop",
                "indexes": [Index(fields=["assignment_id"]), Index(fields=["defeat_id"])],
                "pk_attr": "task_id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ChatSession",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("channel", fields.CharField(max_length=16)),
                ("peer", fields.CharField(max_length=128)),
                ("state", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "chat_session",
                "app": "leadloop",
                "unique_together": (("channel", "peer"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("name", fields.CharField(default="", db_index=True, max_length=64)),
                ("city", fields.CharField(default="", max_length=32)),
                ("pool", fields.CharField(default="traffic", db_index=True, max_length=16)),
                ("link", fields.CharField(default="brand", max_length=16)),
                ("pool_reason", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                (
                    "opted_out_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("erased_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("merged_into_id", fields.BigIntField(null=True)),
                ("lat", fields.FloatField(null=True)),
                ("lng", fields.FloatField(null=True)),
                ("scene", fields.CharField(default="", max_length=64)),
                (
                    "last_message_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={"table": "customer", "app": "leadloop", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "leadloop.Customer",
                        source_field="customer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="consents",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("purpose", fields.CharField(max_length=32)),
                ("version", fields.CharField(max_length=32)),
                ("channel", fields.CharField(max_length=64)),
                ("dealer_code", fields.CharField(null=True, max_length=32)),
                ("obtained_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "withdrawn_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "consent",
                "app": "leadloop",
                "indexes": [Index(fields=["customer_id", "purpose"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CustomerAct",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("customer_id", fields.BigIntField()),
                ("kind", fields.CharField(max_length=16)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "customer_act",
                "app": "leadloop",
                "indexes": [Index(fields=["customer_id", "at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Handoff",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("customer_id", fields.BigIntField(db_index=True)),
                ("open_customer_id", fields.BigIntField(null=True, unique=True)),
                ("lead_id", fields.BigIntField(null=True)),
                ("dealer_code", fields.CharField(null=True, max_length=32)),
                ("staff_id", fields.CharField(null=True, max_length=64)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "answered_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "waiting_since",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("last_message_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("asked", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("close_reason", fields.CharField(null=True, max_length=24)),
            ],
            options={
                "table": "handoff",
                "app": "leadloop",
                "indexes": [Index(fields=["staff_id", "closed_at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Identity",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "leadloop.Customer",
                        source_field="customer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="identities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("value", fields.CharField(max_length=128)),
                ("cipher", fields.CharField(null=True, max_length=255)),
                ("last_four", fields.CharField(null=True, db_index=True, max_length=4)),
                ("subscribed", fields.BooleanField(default=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "identity",
                "app": "leadloop",
                "unique_together": (("kind", "value"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InboxMessage",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("queue", fields.CharField(max_length=16)),
                ("state", fields.SmallIntField(default=0)),
                ("due_at_ms", fields.BigIntField()),
                ("lease_until_ms", fields.BigIntField(default=0)),
                ("attempts", fields.IntField(default=0)),
                ("unfinished", fields.SmallIntField(default=0)),
                ("error", fields.TextField(default="", unique=False)),
                ("created_at_ms", fields.BigIntField()),
                ("done_at_ms", fields.BigIntField(null=True)),
                ("app", fields.CharField(max_length=16)),
                ("message_key", fields.CharField(unique=True, max_length=160)),
                ("sender", fields.CharField(max_length=128)),
                ("payload", fields.BinaryField()),
            ],
            options={
                "table": "inbox",
                "app": "leadloop",
                "indexes": [
                    PartialIndex(fields=["queue", "due_at_ms"], condition={"state": 0}),
                    PartialIndex(fields=["queue", "lease_until_ms"], condition={"state": 1}),
                    PartialIndex(
                        fields=["sender", "id"], name="inbox_open_ready", condition={"state": 0}
                    ),
                    PartialIndex(
                        fields=["sender", "id"], name="inbox_open_leased", condition={"state": 1}
                    ),
                    PartialIndex(fields=["done_at_ms"], condition={"state": 2}),
                    Index(fields=["queue", "state", "attempts"]),
                ],
                "pk_attr": "id",
            },
            bases=["QueueRow"],
        ),
        ops.CreateModel(
            name="OutboxJob",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("queue", fields.CharField(max_length=16)),
                ("state", fields.SmallIntField(default=0)),
                ("due_at_ms", fields.BigIntField()),
                ("lease_until_ms", fields.BigIntField(default=0)),
                ("attempts", fields.IntField(default=0)),
                ("unfinished", fields.SmallIntField(default=0)),
                ("error", fields.TextField(default="", unique=False)),
                ("created_at_ms", fields.BigIntField()),
                ("done_at_ms", fields.BigIntField(null=True)),
                ("kind", fields.CharField(max_length=16)),
                ("name", fields.CharField(max_length=48)),
                ("dedupe_key", fields.CharField(unique=True, max_length=160)),
                ("staff_id", fields.CharField(null=True, max_length=64)),
                ("customer_id", fields.BigIntField(null=True)),
                ("lead_id", fields.BigIntField(null=True)),
                ("data", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("result", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "outbox",
                "app": "leadloop",
                "indexes": [
                    PartialIndex(fields=["queue", "due_at_ms"], condition={"state": 0}),
                    PartialIndex(fields=["queue", "lease_until_ms"], condition={"state": 1}),
                    PartialIndex(fields=["done_at_ms"], condition={"state": 2}),
                    Index(fields=["queue", "state", "attempts"]),
                    Index(fields=["staff_id", "done_at_ms"]),
                    Index(fields=["customer_id", "done_at_ms"]),
                    Index(fields=["lead_id", "id"]),
                ],
                "pk_attr": "id",
            },
            bases=["QueueRow"],
        ),
        ops.CreateModel(
            name="PolicyVersion",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("scope", fields.CharField(max_length=48)),
                ("version", fields.IntField()),
                ("overrides", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("created_by", fields.CharField(max_length=80)),
            ],
            options={
                "table": "policy_version",
                "app": "leadloop",
                "unique_together": (("scope", "version"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="QueuePause",
            fields=[
                (
                    "queue",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=16),
                ),
                ("paused_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("paused_by", fields.CharField(max_length=80)),
            ],
            options={"table": "queue_pause", "app": "leadloop", "pk_attr": "queue"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Region",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("name", fields.CharField(max_length=64)),
                ("parent_code", fields.CharField(null=True, max_length=32)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={"table": "region", "app": "leadloop", "pk_attr": "code"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Dealer",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32),
                ),
                ("name", fields.CharField(max_length=64)),
                (
                    "region",
                    fields.ForeignKeyField(
                        "leadloop.Region",
                        source_field="region_id",
                        null=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="dealers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("city", fields.CharField(db_index=True, max_length=32)),
                ("address", fields.CharField(default="", max_length=200)),
                ("lat", fields.FloatField(null=True)),
                ("lng", fields.FloatField(null=True)),
                ("phone", fields.CharField(default="", max_length=32)),
                ("hours", WordOrJSONField(default="always", encoder=JSON_DUMPS, decoder=loads)),
                ("models", WordOrJSONField(default="all", encoder=JSON_DUMPS, decoder=loads)),
                ("open", fields.BooleanField(default=True)),
                ("quota", fields.IntField(default=0)),
                ("quality", fields.FloatField(default=1.0)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={"table": "dealer", "app": "leadloop", "pk_attr": "code"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Lead",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "leadloop.Customer",
                        source_field="customer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="leads",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "dealer",
                    fields.ForeignKeyField(
                        "leadloop.Dealer",
                        source_field="dealer_id",
                        null=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="leads",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("open_key", fields.CharField(null=True, unique=True, max_length=128)),
                ("state", fields.CharField(max_length=24)),
                ("hold_reason", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                (
                    "waiting_since",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("source", fields.CharField(max_length=64)),
                ("attribution", fields.CharField(max_length=16)),
                ("model_code", fields.CharField(null=True, max_length=32)),
                ("city", fields.CharField(default="", max_length=32)),
                ("message", fields.TextField(default="", unique=False)),
                ("budget", fields.IntField(null=True)),
                ("finance", fields.BooleanField(null=True)),
                ("trade_in", fields.BooleanField(null=True)),
                ("level", fields.CharField(default="N", max_length=8)),
                ("score", fields.IntField(default=0)),
                ("reasons", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("purchase_window_days", fields.IntField(null=True)),
                (
                    "window_stated_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("adviser_level", fields.CharField(null=True, max_length=8)),
                (
                    "adviser_level_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("signals", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("lowered_steps", fields.IntField(default=0)),
                ("recycles", fields.IntField(default=0)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "reactivated_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("last_active_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "updated_at",
                    fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1)),
            ],
            options={
                "table": "lead",
                "app": "leadloop",
                "indexes": [
                    Index(fields=["customer_id", "dealer_id"]),
                    Index(fields=["dealer_id", "state", "id"]),
                    Index(fields=["dealer_id", "waiting_since"]),
                    Index(fields=["dealer_id", "opened_at"]),
                    Index(fields=["level", "id"]),
                    Index(fields=["source", "id"]),
                    Index(fields=["opened_at"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Defeat",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "lead",
                    fields.ForeignKeyField(
                        "leadloop.Lead",
                        source_field="lead_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="defeats",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("open_lead_id", fields.BigIntField(null=True, unique=True)),
                ("requested_by", fields.CharField(max_length=80)),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(max_length=32)),
                ("competitor", fields.CharField(default="", max_length=64)),
                ("note", fields.TextField(default="", unique=False)),
                ("state", fields.CharField(default="requested", max_length=16)),
                ("suspicion", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("reviewed_by", fields.CharField(null=True, max_length=80)),
                (
                    "reviewed_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "defeat",
                "app": "leadloop",
                "indexes": [
                    Index(fields=["state", "requested_at"]),
                    Index(fields=["requested_by", "requested_at"]),
                    Index(fields=["lead_id", "id"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "lead",
                    fields.ForeignKeyField(
                        "leadloop.Lead",
                        source_field="lead_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="follow_ups",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("assignment_id", fields.BigIntField(null=True)),
                ("staff_id", fields.CharField(max_length=64)),
                ("result", fields.CharField(max_length=16)),
                ("way", fields.CharField(max_length=16)),
                ("note", fields.TextField(default="", unique=False)),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("logged_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("level", fields.CharField(null=True, max_length=8)),
                (
                    "next_follow_up_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "appointment_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("model_code", fields.CharField(null=True, max_length=32)),
                ("slots", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("before", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("undone_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "follow_up",
                "app": "leadloop",
                "indexes": [
                    Index(fields=["lead_id", "occurred_at"]),
                    Index(fields=["staff_id", "logged_at"]),
                    Index(fields=["staff_id", "appointment_at"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GradeRecord",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "lead",
                    fields.ForeignKeyField(
                        "leadloop.Lead",
                        source_field="lead_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="grades",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("cause", fields.CharField(max_length=32)),
                ("level", fields.CharField(max_length=8)),
                ("score", fields.IntField()),
                ("reasons", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("inputs", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "grade_record",
                "app": "leadloop",
                "indexes": [Index(fields=["lead_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Staff",
            fields=[
                (
                    "userid",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("name", fields.CharField(max_length=64)),
                (
                    "dealer",
                    fields.ForeignKeyField(
                        "leadloop.Dealer",
                        source_field="dealer_id",
                        null=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="staff",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "region",
                    fields.ForeignKeyField(
                        "leadloop.Region",
                        source_field="region_id",
                        null=True,
                        db_constraint=True,
                        to_field="code",
                        related_name="staff",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("role", fields.CharField(max_length=16)),
                ("active", fields.BooleanField(default=True)),
                ("on_duty", fields.BooleanField(default=True)),
                ("capacity", fields.IntField(default=60)),
                ("shifts", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("leave", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                (
                    "last_assigned_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("focus_lead_id", fields.BigIntField(null=True)),
                ("updated_at", fields.DatetimeField(auto_now=True, auto_now_add=False)),
            ],
            options={
                "table": "staff",
                "app": "leadloop",
                "indexes": [Index(fields=["dealer_id", "role"])],
                "pk_attr": "userid",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "lead",
                    fields.ForeignKeyField(
                        "leadloop.Lead",
                        source_field="lead_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="assignments",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("open_lead_id", fields.BigIntField(null=True, unique=True)),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "leadloop.Staff",
                        source_field="staff_id",
                        db_constraint=True,
                        to_field="userid",
                        related_name="assignments",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("dealer_code", fields.CharField(max_length=32)),
                ("why", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("assigned_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "accepted_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "first_response_due_at",
                    fields.DatetimeField(auto_now=False, auto_now_add=False),
                ),
                (
                    "first_response_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                (
                    "next_follow_up_at",
                    fields.DatetimeField(
                        null=True, db_index=True, auto_now=False, auto_now_add=False
                    ),
                ),
                ("missed_cycles", fields.IntField(default=0)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("end_reason", fields.CharField(null=True, max_length=24)),
            ],
            options={
                "table": "assignment",
                "app": "leadloop",
                "indexes": [
                    Index(fields=["staff_id", "ended_at"]),
                    Index(fields=["staff_id", "assigned_at"]),
                    Index(fields=["dealer_code", "ended_at"]),
                    Index(fields=["lead_id", "id"]),
                    Index(fields=["first_response_at"]),
                    Index(fields=["ended_at", "first_response_at", "first_response_due_at"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Ticket",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("kind", fields.CharField(max_length=16)),
                ("customer_id", fields.BigIntField(db_index=True)),
                ("open_key", fields.CharField(null=True, unique=True, max_length=40)),
                ("dealer_code", fields.CharField(null=True, max_length=32)),
                ("text", fields.TextField(default="", unique=False)),
                ("state", fields.CharField(default="open", max_length=16)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "answered_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("answered_by", fields.CharField(null=True, max_length=80)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "ticket",
                "app": "leadloop",
                "indexes": [Index(fields=["dealer_code", "state"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TimelineEvent",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("lead_id", fields.BigIntField(null=True)),
                ("customer_id", fields.BigIntField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("kind", fields.CharField(max_length=32)),
                ("actor", fields.CharField(max_length=80)),
                ("data", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "timeline_event",
                "app": "leadloop",
                "indexes": [
                    Index(fields=["lead_id", "at"]),
                    Index(fields=["customer_id", "at"]),
                    PartialIndex(
                        fields=["at"], name="timeline_pushed", condition={"kind": "pushed"}
                    ),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Timer",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("queue", fields.CharField(max_length=16)),
                ("state", fields.SmallIntField(default=0)),
                ("due_at_ms", fields.BigIntField()),
                ("lease_until_ms", fields.BigIntField(default=0)),
                ("attempts", fields.IntField(default=0)),
                ("unfinished", fields.SmallIntField(default=0)),
                ("error", fields.TextField(default="", unique=False)),
                ("created_at_ms", fields.BigIntField()),
                ("done_at_ms", fields.BigIntField(null=True)),
                ("kind", fields.CharField(max_length=24)),
                ("lead_id", fields.BigIntField()),
                ("assignment_id", fields.BigIntField(null=True)),
                ("open_key", fields.CharField(null=True, unique=True, max_length=64)),
            ],
            options={
                "table": "timer",
                "app": "leadloop",
                "indexes": [
                    PartialIndex(fields=["queue", "due_at_ms"], condition={"state": 0}),
                    PartialIndex(fields=["queue", "lease_until_ms"], condition={"state": 1}),
                    PartialIndex(fields=["done_at_ms"], condition={"state": 2}),
                    Index(fields=["queue", "state", "attempts"]),
                    Index(fields=["lead_id", "kind"]),
                ],
                "pk_attr": "id",
            },
            bases=["QueueRow"],
        ),
        ops.CreateModel(
            name="Touchpoint",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "lead",
                    fields.ForeignKeyField(
                        "leadloop.Lead",
                        source_field="lead_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="touchpoints",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("source", fields.CharField(max_length=64)),
                ("external_id", fields.CharField(max_length=128)),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("outcome", fields.CharField(max_length=16)),
                ("data", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "touchpoint",
                "app": "leadloop",
                "unique_together": (("source", "external_id"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]

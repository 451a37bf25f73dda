from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index, PartialIndex

class Migration(migrations.Migration):
    dependencies = [('leadloop', '0005_pools')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Webhook',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=64)),
                ('url', fields.CharField(max_length=500)),
                ('types', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('dealers', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('regions', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('enabled', fields.BooleanField(default=True)),
                ('secret', fields.BinaryField()),
                ('previous_secret', fields.BinaryField(null=True)),
                ('previous_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('failures', fields.IntField(default=0)),
                ('failing_since', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('held_until_ms', fields.BigIntField(default=0)),
                ('disabled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('disabled_why', fields.CharField(default='', max_length=16)),
                ('missed_since', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('created_by', fields.CharField(max_length=80)),
                ('deleted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'webhook', 'app': 'leadloop', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('queue', fields.CharField(max_length=16)),
                ('state', fields.SmallIntField(default=0)),
                ('due_at_ms', fields.BigIntField()),
                ('lease_until_ms', fields.BigIntField(default=0)),
                ('attempts', fields.IntField(default=0)),
                ('unfinished', fields.SmallIntField(default=0)),
                ('error', fields.TextField(default='', unique=False)),
                ('created_at_ms', fields.BigIntField()),
                ('done_at_ms', fields.BigIntField(null=True)),
                ('webhook_id', fields.BigIntField()),
                ('event_uid', fields.CharField(max_length=40)),
                ('kind', fields.CharField(max_length=32)),
                ('lead_id', fields.BigIntField(null=True)),
                ('status', fields.SmallIntField(null=True)),
                ('took_ms', fields.IntField(null=True)),
            ],
            options={'table': 'webhook_delivery', 'app': 'leadloop', 'indexes': [PartialIndex(fields=['queue', 'due_at_ms'], condition={'state': 0}), PartialIndex(fields=['queue', 'lease_until_ms'], condition={'state': 1}), PartialIndex(fields=['done_at_ms'], condition={'state': 2}), PartialIndex(fields=['webhook_id', 'due_at_ms', 'id'], name='webhook_due', condition={'state': 0}), PartialIndex(fields=['webhook_id'], name='webhook_under_way', condition={'state': 1}), Index(fields=['queue', 'state', 'attempts']), Index(fields=['webhook_id', 'id']), Index(fields=['webhook_id', 'state', 'id'])], 'pk_attr': 'id'},
            bases=['QueueRow'],
        ),
        ops.CreateModel(
            name='WebhookEvent',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('uid', fields.CharField(unique=True, max_length=40)),
                ('kind', fields.CharField(max_length=32)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('lead_id', fields.BigIntField(null=True)),
                ('customer_id', fields.BigIntField(null=True)),
                ('dealers', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('regions', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('data', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'webhook_event', 'app': 'leadloop', 'indexes': [Index(fields=['at', 'id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]

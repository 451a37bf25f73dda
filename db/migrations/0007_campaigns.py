from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index, PartialIndex

class Migration(migrations.Migration):
    dependencies = [('leadloop', '0006_webhooks')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Campaign',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('code', fields.CharField(unique=True, max_length=32)),
                ('name', fields.CharField(max_length=64)),
                ('state', fields.CharField(default='draft', max_length=16)),
                ('occasion', fields.CharField(max_length=16)),
                ('version', fields.IntField()),
                ('refill', fields.BooleanField(default=False)),
                ('filled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('started_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('figures', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('figures_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_by', fields.CharField(max_length=80)),
            ],
            options={'table': 'campaign', 'app': 'leadloop', 'indexes': [Index(fields=['state', 'occasion'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CampaignVersion',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('campaign_id', fields.BigIntField()),
                ('version', fields.IntField()),
                ('document', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('created_by', fields.CharField(max_length=80)),
            ],
            options={'table': 'campaign_version', 'app': 'leadloop', 'unique_together': (('campaign_id', 'version'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Enrolment',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('campaign_id', fields.BigIntField()),
                ('customer_id', fields.BigIntField()),
                ('round', fields.SmallIntField(default=1)),
                ('version', fields.IntField()),
                ('lead_id', fields.BigIntField(null=True)),
                ('arm', fields.CharField(max_length=8)),
                ('state', fields.CharField(max_length=8)),
                ('step', fields.SmallIntField(default=0)),
                ('armings', fields.IntField(default=0)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reason', fields.CharField(default='', max_length=24)),
                ('joined_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('watched_until', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'enrolment', 'app': 'leadloop', 'unique_together': (('campaign_id', 'customer_id', 'round'),), 'indexes': [PartialIndex(fields=['campaign_id', 'due_at'], name='enrolment_due', condition={'state': 'waiting'}), Index(fields=['customer_id', 'watched_until']), Index(fields=['campaign_id', 'arm', 'state', 'reason'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Outcome',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('enrolment_id', fields.BigIntField()),
                ('campaign_id', fields.BigIntField()),
                ('customer_id', fields.BigIntField()),
                ('arm', fields.CharField(max_length=8)),
                ('kind', fields.CharField(max_length=16)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('touch_id', fields.BigIntField(null=True)),
                ('lead_id', fields.BigIntField(null=True)),
                ('follow_up_id', fields.BigIntField(null=True, db_index=True)),
                ('label', fields.CharField(null=True, max_length=16)),
                ('credit_key', fields.CharField(null=True, unique=True, max_length=48)),
            ],
            options={'table': 'outcome', 'app': 'leadloop', 'unique_together': (('enrolment_id', 'kind'),), 'indexes': [Index(fields=['campaign_id', 'arm', 'kind']), Index(fields=['customer_id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Touch',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('enrolment_id', fields.BigIntField()),
                ('campaign_id', fields.BigIntField()),
                ('customer_id', fields.BigIntField()),
                ('step', fields.SmallIntField()),
                ('channel', fields.CharField(max_length=8)),
                ('state', fields.CharField(max_length=8)),
                ('outbox_id', fields.BigIntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'touch', 'app': 'leadloop', 'unique_together': (('enrolment_id', 'step'),), 'indexes': [Index(fields=['customer_id', 'at']), Index(fields=['campaign_id', 'step', 'channel', 'state'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='TouchPace',
            fields=[
                ('id', fields.SmallIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('spent_until_ms', fields.BigIntField()),
            ],
            options={'table': 'touch_pace', 'app': 'leadloop', 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

# Whoever is here already has stood in the present pool since the last move on file.
STAYS = """
INSERT INTO pool_move (customer_id, open_customer_id, "before", pool, link, reason, cause,
                       lead_id, source, model_code, dealer_code, at, day)
SELECT c.id, c.id, '', c.pool, c.link, c.pool_reason, 'kept',
       l.id, COALESCE(l.source, ''), l.model_code, l.dealer_id, c.since,
       SUBSTR(CAST(c.since AS VARCHAR(40)), 1, 10)
FROM (SELECT k.*,
             COALESCE((SELECT MAX(t.at) FROM timeline_event t
                       WHERE t.customer_id = k.id AND t.kind = 'pool_moved'), k.created_at) AS since
      FROM customer k WHERE k.merged_into_id IS NULL) c
LEFT JOIN lead l ON l.id = (SELECT MAX(n.id) FROM lead n WHERE n.customer_id = c.id)
"""


class Migration(migrations.Migration):
    dependencies = [('leadloop', '0004_people')]

    initial = False

    operations = [
        ops.CreateModel(
            name='HandOver',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('customer_id', fields.BigIntField()),
                ('before', fields.CharField(max_length=16)),
                ('link', fields.CharField(max_length=16)),
                ('cause', fields.CharField(default='', max_length=32)),
                ('reason', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('lead_id', fields.BigIntField(null=True)),
                ('dealer_code', fields.CharField(null=True, max_length=32)),
                ('staff_id', fields.CharField(null=True, max_length=64)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'hand_over', 'app': 'leadloop', 'indexes': [Index(fields=['customer_id', 'id']), Index(fields=['at', 'link']), Index(fields=['dealer_code', 'at'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PoolCheck',
            fields=[
                ('day', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=10)),
                ('last_id', fields.BigIntField(default=0)),
                ('checked', fields.IntField(default=0)),
                ('differences', fields.IntField(default=0)),
                ('started_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('finished_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'pool_check', 'app': 'leadloop', 'pk_attr': 'day'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PoolDifference',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('customer_id', fields.BigIntField()),
                ('kept', fields.CharField(max_length=16)),
                ('kept_link', fields.CharField(max_length=16)),
                ('pool', fields.CharField(max_length=16)),
                ('link', fields.CharField(max_length=16)),
                ('reason', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'pool_difference', 'app': 'leadloop', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PoolMove',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('customer_id', fields.BigIntField()),
                ('open_customer_id', fields.BigIntField(null=True, unique=True)),
                ('before', fields.CharField(default='', max_length=16)),
                ('pool', fields.CharField(max_length=16)),
                ('link', fields.CharField(max_length=16)),
                ('reason', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('cause', fields.CharField(default='', max_length=32)),
                ('lead_id', fields.BigIntField(null=True)),
                ('source', fields.CharField(default='', max_length=64)),
                ('model_code', fields.CharField(null=True, max_length=32)),
                ('dealer_code', fields.CharField(null=True, max_length=32)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('day', fields.CharField(max_length=10)),
                ('left_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('stayed_s', fields.BigIntField(null=True)),
            ],
            options={'table': 'pool_move', 'app': 'leadloop', 'indexes': [Index(fields=['customer_id', 'id']), Index(fields=['at', 'day', 'before', 'pool']), Index(fields=['pool', 'left_at', 'stayed_s']), Index(fields=['dealer_code', 'at'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.RunSQL(STAYS),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('leadloop', '0012_figures')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CallTask',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('dealer_code', fields.CharField(max_length=32)),
                ('day', fields.CharField(max_length=10)),
                ('customer_id', fields.BigIntField()),
                ('lead_id', fields.BigIntField()),
                ('staff_id', fields.CharField(max_length=64)),
                ('points', fields.FloatField()),
                ('reasons', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharField(default='open', max_length=8)),
                ('outcome', fields.CharField(null=True, max_length=24)),
                ('note', fields.TextField(default='', unique=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('done_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('done_by', fields.CharField(null=True, max_length=80)),
            ],
            options={'table': 'call_task', 'app': 'leadloop', 'unique_together': (('dealer_code', 'day', 'customer_id'),), 'indexes': [Index(fields=['customer_id', 'id']), Index(fields=['staff_id', 'day'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('leadloop', '0003_segments')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CustomerMerge',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('survivor_id', fields.BigIntField()),
                ('other_id', fields.BigIntField(db_index=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('by', fields.CharField(max_length=80)),
                ('reason', fields.CharField(default='', max_length=200)),
                ('moved', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('before', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('conflicts', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('undone_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('undone_by', fields.CharField(null=True, max_length=80)),
            ],
            options={'table': 'customer_merge', 'app': 'leadloop', 'indexes': [Index(fields=['survivor_id', 'id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]

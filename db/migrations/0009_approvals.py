from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('leadloop', '0008_organisation_desk')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Approval',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('lead', fields.ForeignKeyField('leadloop.Lead', source_field='lead_id', db_constraint=True, to_field='id', related_name='approvals', on_delete=OnDelete.CASCADE)),
                ('open_lead_id', fields.BigIntField(null=True, unique=True)),
                ('kind', fields.CharField(max_length=16)),
                ('asked_by', fields.CharField(max_length=80)),
                ('asked_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reason', fields.CharField(max_length=64)),
                ('note', fields.TextField(default='', unique=False)),
                ('to_staff', fields.CharField(null=True, max_length=64)),
                ('to_dealer', fields.CharField(null=True, max_length=32)),
                ('follow_up_id', fields.BigIntField(null=True)),
                ('suspicion', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharField(default='requested', max_length=16)),
                ('reviewed_by', fields.CharField(null=True, max_length=80)),
                ('reviewed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('passed_to', fields.CharField(null=True, max_length=64)),
            ],
            options={'table': 'approval', 'app': 'leadloop', 'indexes': [Index(fields=['state', 'asked_at']), Index(fields=['lead_id', 'id']), Index(fields=['follow_up_id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Card',
            name='approval_id',
            field=fields.BigIntField(null=True),
        ),
        ops.AddIndex(
            model_name='Card',
            index=Index(fields=['approval_id']),
        ),
        ops.AddField(
            model_name='Card',
            name='follow_up_id',
            field=fields.BigIntField(null=True),
        ),
        ops.AddIndex(
            model_name='Card',
            index=Index(fields=['follow_up_id']),
        ),
        ops.AddField(
            model_name='Defeat',
            name='dealer_code',
            field=fields.CharField(default='', db_default='', max_length=32),
        ),
        ops.AddField(
            model_name='Defeat',
            name='passed_to',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='Defeat',
            name='suspicious',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.RunSQL(
            "UPDATE defeat SET dealer_code = COALESCE("
            "(SELECT dealer_id FROM lead WHERE lead.id = defeat.lead_id), ''), "
            "suspicious = REPLACE(CAST(suspicion AS TEXT), ' ', '') LIKE '%\"suspicious\":true%'"
        ),
        ops.AddIndex(
            model_name='Defeat',
            index=Index(fields=['dealer_code', 'requested_at']),
        ),
    ]

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import PartialIndex

class Migration(migrations.Migration):
    dependencies = [('leadloop', '0002_attempts_told')]

    initial = False

    operations = [
        ops.CreateModel(
            name='TrialRecipient',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('customer_id', fields.BigIntField(db_index=True)),
                ('added_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('added_by', fields.CharField(max_length=80)),
            ],
            options={'table': 'trial_recipient', 'app': 'leadloop', 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddIndex(
            model_name='Touch',
            index=PartialIndex(fields=['campaign_id', 'id'], name='touch_unknown', condition={'state': 'unknown'}),
        ),
    ]

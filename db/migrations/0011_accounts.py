from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('leadloop', '0010_pool_figures')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Account',
            fields=[
                ('userid', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('password_hash', fields.CharField(max_length=200)),
                ('password_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('must_change', fields.BooleanField(default=False)),
                ('totp_secret', fields.BinaryField(null=True)),
                ('totp_next', fields.BinaryField(null=True)),
                ('totp_step', fields.BigIntField(default=0)),
                ('totp_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('recovery', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('created_by', fields.CharField(max_length=80)),
            ],
            options={'table': 'account', 'app': 'leadloop', 'pk_attr': 'userid'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SignInCount',
            fields=[
                ('key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80)),
                ('tries', fields.IntField()),
                ('until_ms', fields.BigIntField(db_index=True)),
            ],
            options={'table': 'sign_in_count', 'app': 'leadloop', 'pk_attr': 'key'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StaffSession',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('key_hash', fields.CharField(unique=True, max_length=64)),
                ('userid', fields.CharField(max_length=64)),
                ('way', fields.CharField(max_length=16)),
                ('limited', fields.BooleanField(default=False)),
                ('started_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('seen_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('address', fields.CharField(default='', max_length=45)),
                ('agent', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'staff_session', 'app': 'leadloop', 'indexes': [Index(fields=['userid', 'id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Staff',
            name='wecom',
            field=fields.BooleanField(default=True, db_default=True),
        ),
    ]

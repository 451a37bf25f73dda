from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('leadloop', '0001_initial')]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name='AuditEntry',
            name=None,
            fields=['actor', 'id'],
        ),
        ops.AddField(
            model_name='AuditEntry',
            name='address',
            field=fields.CharField(default='', db_default='', max_length=45),
        ),
        ops.AddField(
            model_name='AuditEntry',
            name='agent',
            field=fields.CharField(default='', db_default='', max_length=200),
        ),
        ops.AddIndex(
            model_name='AuditEntry',
            index=Index(fields=['at', 'id']),
        ),
        ops.AddIndex(
            model_name='AuditEntry',
            index=Index(fields=['actor', 'at']),
        ),
        ops.AddIndex(
            model_name='AuditEntry',
            index=Index(fields=['action', 'at']),
        ),
        ops.AddIndex(
            model_name='AuditEntry',
            index=Index(fields=['target', 'at']),
        ),
    ]

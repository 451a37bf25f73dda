from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('leadloop', '0013_calls')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='Defeat',
            index=Index(fields=['reviewed_at']),
        ),
    ]

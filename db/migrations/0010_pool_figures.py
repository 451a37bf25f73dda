from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('leadloop', '0009_approvals')]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name='PoolMove',
            name=None,
            fields=['at', 'day', 'before', 'pool'],
        ),
        ops.RemoveIndex(
            model_name='PoolMove',
            name=None,
            fields=['pool', 'left_at', 'stayed_s'],
        ),
        ops.AddIndex(
            model_name='PoolMove',
            index=Index(fields=['at', 'day', 'before', 'pool', 'source', 'model_code', 'dealer_code']),
        ),
        ops.AddIndex(
            model_name='PoolMove',
            index=Index(fields=['left_at', 'pool', 'at', 'source', 'model_code', 'dealer_code']),
        ),
        ops.AddIndex(
            model_name='PoolMove',
            index=Index(fields=['pool', 'left_at', 'dealer_code', 'customer_id', 'stayed_s']),
        ),
    ]

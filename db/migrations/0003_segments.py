from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index, PartialIndex

# The profiles of the customers on file, as they were first drawn.
DRAW_ALL = """
INSERT INTO customer_profile (customer_id, pool, link, city, has_phone, follows, opted_out, may_contact, may_share, may_market, leads, lead_id, state, level, score, source, attribution, model_code, dealer_code, budget, window_days, defeat_reason, opened_at, active_at, closed_at, created_at, heard_at, tried_at, contacted_at, visited_at, test_drove_at, quoted_at, ordered_at, delivered_at, touched_at)
SELECT c.id, c.pool, c.link, coalesce(nullif(c.city, ''), nullif(l.city, '')), coalesce(i.phone, 0) = 1, coalesce(i.follows, 0) = 1, c.opted_out_at IS NOT NULL, coalesce(g.contact, 0) = 1, coalesce(g.share, 0) = 1, coalesce(g.market, 0) = 1, (SELECT count(*) FROM lead n WHERE n.customer_id = c.id AND n.state <> 'lapsed'), l.id, l.state, l.level, l.score, l.source, l.attribution, l.model_code, l.dealer_id, l.budget, l.purchase_window_days, CASE WHEN l.state IN ('defeated', 'invalid') THEN (
        SELECT d.reason FROM defeat d WHERE d.lead_id = l.id ORDER BY d.id DESC LIMIT 1) END, l.opened_at, l.last_active_at, l.closed_at, c.created_at, c.last_message_at, h.tried_at, h.contacted_at, h.visited_at, h.test_drove_at, h.quoted_at, h.ordered_at, h.delivered_at, h.touched_at
  FROM customer c
  LEFT JOIN lead l ON l.id = (
    SELECT n.id FROM lead n WHERE n.customer_id = c.id AND n.state <> 'lapsed'
     ORDER BY (n.open_key IS NULL), n.last_active_at DESC, n.id DESC LIMIT 1)
  LEFT JOIN (
    SELECT customer_id, max(CASE WHEN kind = 'phone' THEN 1 ELSE 0 END) AS phone,
           max(CASE WHEN kind = 'openid' AND subscribed THEN 1 ELSE 0 END) AS follows
      FROM identity WHERE customer_id > 0 GROUP BY customer_id) i ON i.customer_id = c.id
  LEFT JOIN (
    SELECT r.customer_id, max(CASE WHEN r.purpose = 'contact' THEN 1 ELSE 0 END) AS contact,
           max(CASE WHEN r.purpose = 'share_with_dealer' THEN 1 ELSE 0 END) AS share,
           max(CASE WHEN r.purpose = 'marketing' THEN 1 ELSE 0 END) AS market
      FROM consent r JOIN customer o ON o.id = r.customer_id
     WHERE r.customer_id > 0 AND r.withdrawn_at IS NULL
       AND (o.opted_out_at IS NULL OR r.obtained_at > o.opted_out_at)
     GROUP BY r.customer_id) g ON g.customer_id = c.id
  LEFT JOIN (
    SELECT h.customer_id, max(CASE WHEN h.what IN ('connected', 'refused', 'appointment', 'visited', 'test_drive', 'quoted', 'ordered', 'delivered', 'unreachable', 'wrong_number') THEN h.at END) AS tried_at, max(CASE WHEN h.what IN ('connected', 'refused', 'appointment', 'visited', 'test_drive', 'quoted', 'ordered', 'delivered') THEN h.at END) AS contacted_at, max(CASE WHEN h.what IN ('visited', 'test_drive') THEN h.at END) AS visited_at, max(CASE WHEN h.what IN ('test_drive') THEN h.at END) AS test_drove_at, max(CASE WHEN h.what IN ('quoted') THEN h.at END) AS quoted_at, max(CASE WHEN h.what IN ('ordered') THEN h.at END) AS ordered_at, max(CASE WHEN h.what IN ('delivered') THEN h.at END) AS delivered_at, max(CASE WHEN h.what IN ('touch') THEN h.at END) AS touched_at
      FROM (
    SELECT a.customer_id, f.result AS what, f.occurred_at AS at
      FROM lead a JOIN follow_up f ON f.lead_id = a.id
     WHERE a.customer_id > 0 AND f.undone_at IS NULL
    UNION ALL SELECT customer_id, 'delivered', closed_at
      FROM lead WHERE customer_id > 0 AND state = 'delivered'
    UNION ALL SELECT customer_id, 'test_drive', start_at
      FROM appointment WHERE customer_id > 0 AND state = 'kept'
    UNION ALL SELECT customer_id, 'touch', at
      FROM timeline_event WHERE customer_id > 0 AND kind = 'touch') h GROUP BY h.customer_id) h ON h.customer_id = c.id
 WHERE c.id > 0 AND c.merged_into_id IS NULL AND c.erased_at IS NULL"""


class Migration(migrations.Migration):
    dependencies = [('leadloop', '0002_audit_origin')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Profile',
            fields=[
                ('customer_id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('pool', fields.CharField(max_length=16)),
                ('link', fields.CharField(max_length=16)),
                ('city', fields.CharField(null=True, max_length=32)),
                ('has_phone', fields.BooleanField()),
                ('follows', fields.BooleanField()),
                ('opted_out', fields.BooleanField()),
                ('may_contact', fields.BooleanField()),
                ('may_share', fields.BooleanField()),
                ('may_market', fields.BooleanField()),
                ('leads', fields.IntField()),
                ('lead_id', fields.BigIntField(null=True)),
                ('state', fields.CharField(null=True, max_length=24)),
                ('level', fields.CharField(null=True, max_length=8)),
                ('score', fields.IntField(null=True)),
                ('source', fields.CharField(null=True, max_length=64)),
                ('attribution', fields.CharField(null=True, max_length=16)),
                ('model_code', fields.CharField(null=True, max_length=32)),
                ('dealer_code', fields.CharField(null=True, max_length=32)),
                ('budget', fields.IntField(null=True)),
                ('window_days', fields.IntField(null=True)),
                ('defeat_reason', fields.CharField(null=True, max_length=32)),
                ('opened_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('active_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('heard_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('tried_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('contacted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('visited_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('test_drove_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('quoted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ordered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('delivered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('touched_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'customer_profile', 'app': 'leadloop', 'indexes': [Index(fields=['pool', 'level', 'customer_id']), Index(fields=['state', 'closed_at']), Index(fields=['dealer_code', 'state', 'closed_at']), Index(fields=['delivered_at']), Index(fields=['quoted_at']), Index(fields=['test_drove_at'])], 'pk_attr': 'customer_id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SegmentDocument',
            fields=[
                ('code', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('name', fields.CharField(max_length=64)),
                ('document', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('version', fields.IntField(default=1)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('updated_by', fields.CharField(max_length=80)),
            ],
            options={'table': 'segment', 'app': 'leadloop', 'pk_attr': 'code'},
            bases=['Model'],
        ),
        ops.AddIndex(
            model_name='TimelineEvent',
            index=PartialIndex(fields=['at', 'customer_id'], name='timeline_touched', condition={'kind': 'touch'}),
        ),
        ops.RunSQL(DRAW_ALL, reverse_sql=ops.RunSQL.noop),
    ]

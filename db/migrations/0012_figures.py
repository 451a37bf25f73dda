from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index, PartialIndex

# The figures of the leads on file, as they were first drawn.
PROMISED_AT = """(SELECT g.at FROM grade_record g WHERE g.lead_id = l.id
    AND g.level NOT IN ('N', 'O', 'L', 'F')
    ORDER BY g.id LIMIT 1)"""
SPAN = {
    "postgres": f"(CAST(extract(epoch FROM (h.ordered_at - {PROMISED_AT})) AS double precision) / 86400)",
    "sqlite": f"(julianday(h.ordered_at) - julianday({PROMISED_AT}))",
}
DRAW_LEADS = """
INSERT INTO lead_figure (lead_id, customer_id, dealer_code, staff_id, source, model_code, pool, state, opened_at, assigned_at, tried_at, contacted_at, visit_due_at, visited_at, test_drove_at, ordered_at, delivered_at, decided_at, promised_level, promised_at, order_days)
SELECT l.id, l.customer_id, coalesce(l.dealer_id, ''), coalesce((SELECT a.staff_id FROM assignment a WHERE a.lead_id = l.id
        ORDER BY a.id DESC LIMIT 1), ''), l.source, coalesce(l.model_code, ''), c.pool, l.state, l.opened_at, (SELECT min(a.assigned_at) FROM assignment a WHERE a.lead_id = l.id), h.tried_at, h.contacted_at, h.visit_due_at, h.visited_at, h.test_drove_at, h.ordered_at, h.delivered_at, CASE WHEN l.state = 'defeated' THEN l.closed_at ELSE h.ordered_at END, coalesce((SELECT g.level FROM grade_record g WHERE g.lead_id = l.id
    AND g.level NOT IN ('N', 'O', 'L', 'F')
    ORDER BY g.id LIMIT 1), ''), (SELECT g.at FROM grade_record g WHERE g.lead_id = l.id
    AND g.level NOT IN ('N', 'O', 'L', 'F')
    ORDER BY g.id LIMIT 1), @SPAN@
  FROM lead l JOIN customer c ON c.id = l.customer_id 
  LEFT JOIN (
    SELECT h.lead_id,
           min(CASE WHEN h.what <> 'note' THEN h.at END) AS tried_at,
           min(CASE WHEN h.what IN ('connected', 'refused', 'appointment', 'visited', 'test_drive', 'quoted', 'ordered', 'delivered') THEN h.at END) AS contacted_at,
           min(CASE WHEN h.due IS NOT NULL THEN h.due WHEN h.what = 'appointment' THEN h.at END)
             AS visit_due_at,
           min(CASE WHEN h.what IN ('visited', 'test_drive') THEN h.at END) AS visited_at,
           min(CASE WHEN h.what = 'test_drive' THEN h.at END) AS test_drove_at,
           min(CASE WHEN h.what IN ('ordered', 'delivered') THEN h.at END) AS ordered_at,
           min(CASE WHEN h.what = 'delivered' THEN h.at END) AS delivered_at
      FROM (SELECT f.lead_id, f.result AS what, f.occurred_at AS at, f.appointment_at AS due
              FROM follow_up f WHERE f.lead_id IN (SELECT o.id FROM lead o WHERE o.customer_id > 0) AND f.undone_at IS NULL
            UNION ALL SELECT p.lead_id, 'booked', NULL, p.start_at
              FROM appointment p WHERE p.lead_id IN (SELECT o.id FROM lead o WHERE o.customer_id > 0) AND p.state <> 'held'
            UNION ALL SELECT p.lead_id, 'test_drive', p.start_at, NULL
              FROM appointment p WHERE p.lead_id IN (SELECT o.id FROM lead o WHERE o.customer_id > 0) AND p.state = 'kept'
            UNION ALL SELECT d.id, 'delivered', d.closed_at, NULL
              FROM lead d WHERE d.customer_id > 0 AND d.state = 'delivered') h
     GROUP BY h.lead_id) h ON h.lead_id = l.id
 WHERE l.customer_id > 0"""
DRAW_ASSIGNMENTS = """
INSERT INTO assignment_figure (assignment_id, lead_id, dealer_code, staff_id, source, model_code, pool, promised_level, state, opened_at, assigned_at, due_at, responded_at, ended_at, kept, missed)
SELECT a.id, a.lead_id, a.dealer_code, a.staff_id, f.source, f.model_code, f.pool, f.promised_level, f.state, f.opened_at, a.assigned_at, a.first_response_due_at, a.first_response_at, a.ended_at, coalesce(k.kept, 0), coalesce(m.missed, 0) 
  FROM assignment a JOIN lead_figure f ON f.lead_id = a.lead_id 
  LEFT JOIN (
    SELECT t.assignment_id, count(*) AS kept FROM (
      SELECT f.assignment_id, f.lead_id, f.occurred_at AS at,
             lag(f.logged_at) OVER (PARTITION BY f.assignment_id
                                      ORDER BY f.occurred_at, f.id) AS before
        FROM follow_up f
       WHERE f.lead_id IN (SELECT o.id FROM lead o WHERE o.customer_id > 0) AND f.undone_at IS NULL AND f.result <> 'note') t
     WHERE t.before IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM timeline_event m WHERE m.lead_id = t.lead_id AND m.kind = 'follow_up_missed'
          AND m.at > t.before AND m.at <= t.at)
     GROUP BY t.assignment_id) k ON k.assignment_id = a.id
  LEFT JOIN (
    SELECT b.id AS assignment_id, count(*) AS missed
      FROM assignment b JOIN timeline_event m ON m.lead_id = b.lead_id
     WHERE b.lead_id IN (SELECT o.id FROM lead o WHERE o.customer_id > 0) AND m.kind = 'follow_up_missed'
       AND m.at >= b.assigned_at AND (b.ended_at IS NULL OR m.at <= b.ended_at)
       AND NOT EXISTS (
         SELECT 1 FROM follow_up f WHERE f.lead_id = b.lead_id AND f.assignment_id = b.id
            AND f.undone_at IS NULL AND f.result <> 'note'
            AND f.occurred_at < m.at AND f.logged_at > m.at)
     GROUP BY b.id) m ON m.assignment_id = a.id
 WHERE a.lead_id IN (SELECT o.id FROM lead o WHERE o.customer_id > 0)"""


async def draw_all(apps, editor):
    """What the database can say in both its dialects but for one column."""
    dialect = editor.client.capabilities.dialect
    await editor.client.execute_query(DRAW_LEADS.replace("@SPAN@", SPAN[dialect]))
    await editor.client.execute_query(DRAW_ASSIGNMENTS)


class Migration(migrations.Migration):
    dependencies = [('leadloop', '0011_accounts')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AssignmentFigure',
            fields=[
                ('assignment_id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('lead_id', fields.BigIntField()),
                ('dealer_code', fields.CharField(max_length=32)),
                ('staff_id', fields.CharField(max_length=64)),
                ('source', fields.CharField(max_length=64)),
                ('model_code', fields.CharField(default='', max_length=32)),
                ('pool', fields.CharField(max_length=16)),
                ('promised_level', fields.CharField(default='', max_length=8)),
                ('state', fields.CharField(max_length=24)),
                ('opened_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('assigned_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('responded_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('kept', fields.IntField(default=0)),
                ('missed', fields.IntField(default=0)),
            ],
            options={'table': 'assignment_figure', 'app': 'leadloop', 'indexes': [Index(fields=['dealer_code', 'opened_at'])], 'pk_attr': 'assignment_id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='LeadFigure',
            fields=[
                ('lead_id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('customer_id', fields.BigIntField()),
                ('dealer_code', fields.CharField(default='', max_length=32)),
                ('staff_id', fields.CharField(default='', max_length=64)),
                ('source', fields.CharField(max_length=64)),
                ('model_code', fields.CharField(default='', max_length=32)),
                ('pool', fields.CharField(max_length=16)),
                ('state', fields.CharField(max_length=24)),
                ('opened_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('assigned_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('tried_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('contacted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('visit_due_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('visited_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('test_drove_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ordered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('delivered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decided_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('promised_level', fields.CharField(default='', max_length=8)),
                ('promised_at', fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False)),
                ('order_days', fields.FloatField(null=True)),
            ],
            options={'table': 'lead_figure', 'app': 'leadloop', 'indexes': [Index(fields=['dealer_code', 'opened_at'])], 'pk_attr': 'lead_id'},
            bases=['Model'],
        ),
        ops.AddIndex(
            model_name='TimelineEvent',
            index=PartialIndex(fields=['lead_id', 'at'], name='timeline_missed', condition={'kind': 'follow_up_missed'}),
        ),
        ops.RunPython(draw_all, reverse_code=ops.RunPython.noop),
    ]

"""A year of a brand as its records hold it, written by PostgreSQL itself: for every million leads
a million assignments, two and a half million follow-ups and ten million lines of timelines.

The same rows for the same size; leads come evenly over the year that ends now.
"""

from __future__ import annotations

from collections.abc import Iterator

DAYS = 365
LINES_EACH = 10
_TRIES = (
    # result, share of 1000 leads, hours after the lead came
    ("unreachable", 350, 0.2),
    ("connected", 700, 0.4),
    ("appointment", 450, 24),
    ("visited", 300, 60),
    ("test_drive", 200, 61),
    ("quoted", 220, 62),
    ("ordered", 90, 120),
    ("connected", 190, 150),
)


class History:
    """The statements that write it; `staff` are (userid, dealer) that exist, as do the models."""

    def __init__(self, leads: int, staff: list[tuple[str, str]], models: list[str]) -> None:
        self._leads, self._staff, self._models = leads, staff, models
        self._opened = f"now() - interval '{DAYS} days' * (1 - n::float8 / {leads})"

    def statements(self) -> Iterator[str]:
        """In the order of their foreign keys. A customer's lead has the customer's id."""
        yield self._customers()
        yield self._identities()
        yield self._leads_of()
        yield self._assignments()
        for number, (result, share, hours) in enumerate(_TRIES):
            yield self._follow_ups(number, result, share, hours)
        yield self._defeats()
        yield self._grades()
        yield self._timeline()
        yield self._audit()
        yield self._jobs()
        for table in ("customer", "identity", "lead", "assignment", "follow_up", "defeat"):
            yield (
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
            )

    def _lot(self, salt: int) -> str:
        """A number below 1000 that looks drawn by lot, another for each salt."""
        return f"(abs(hashint8(n * 1009 + {salt})::bigint) % 1000)"

    def _pick(self, salt: int, words: list[str]) -> str:
        listed = ", ".join(f"'{word}'" for word in words)
        return f"(ARRAY[{listed}])[1 + {self._lot(salt)} % {len(words)}]"

    def _who(self, column: int) -> str:
        return self._pick(7, [member[column] for member in self._staff])

    @property
    def _state(self) -> str:
        lot = self._lot(1)
        return (
            f"CASE WHEN {lot} < 80 THEN 'invalid' WHEN {lot} < 330 THEN 'defeated'"
            f" WHEN {lot} < 450 THEN 'dormant' WHEN {self._lot(26)} < 90 THEN 'ordered'"
            " ELSE 'accepted' END"
        )

    @property
    def _numbers(self) -> str:
        return f"FROM generate_series(1, {self._leads}) AS n"

    def _customers(self) -> str:
        return (
            "INSERT INTO customer (id, name, city, pool, link, pool_reason, scene, created_at,"
            " updated_at)"
            f" SELECT n, '李雷' || n, {self._pick(4, ['长春', '沈阳', '成都'])},"
            f" {self._pick(5, ['traffic', 'leads', 'nurture', 'prospects', 'owners', 'out'])},"
            f" 'brand', '{{}}', '', {self._opened}, {self._opened} {self._numbers}"
        )

    def _identities(self) -> str:
        return (
            "INSERT INTO identity (customer_id, kind, value, last_four, subscribed, created_at)"
            " SELECT n, 'phone', 'bench-' || n, lpad((n % 10000)::text, 4, '0'), true,"
            f" {self._opened} {self._numbers}"
        )

    def _leads_of(self) -> str:
        closed = f"({self._state}) IN ('invalid', 'defeated', 'dormant')"
        return (
            "INSERT INTO lead (id, customer_id, dealer_id, open_key, state, source, attribution,"
            " model_code, city, message, level, score, reasons, signals, lowered_steps, recycles,"
            " opened_at, last_active_at, closed_at, updated_at, version)"
            f" SELECT n, n, {self._who(1)}, CASE WHEN {closed} THEN NULL ELSE 'bench-' || n END,"
            f" {self._state}, {self._pick(8, ['dongchedi', 'autohome', 'walk_in', 'site'])},"
            f" 'new', {self._pick(9, self._models)}, '长春', '',"
            f" {self._pick(10, ['H', 'A', 'B', 'C', 'N'])}, {self._lot(11)} % 100, '[]', '[]', 0,"
            f" 0, {self._opened}, {self._opened},"
            f" CASE WHEN {closed} THEN {self._opened} + interval '6 days' END,"
            f" {self._opened} + interval '6 days', 1 {self._numbers}"
        )

    def _assignments(self) -> str:
        closed = f"({self._state}) IN ('invalid', 'defeated', 'dormant')"
        return (
            "INSERT INTO assignment (id, lead_id, open_lead_id, staff_id, dealer_code, why,"
            " assigned_at, accepted_at, first_response_due_at, first_response_at,"
            " next_follow_up_at, missed_cycles, ended_at, end_reason)"
            f" SELECT n, n, CASE WHEN {closed} THEN NULL ELSE n END, {self._who(0)},"
            f" {self._who(1)}, '{{}}', {self._opened}, {self._opened} + interval '5 minutes',"
            f" {self._opened} + interval '30 minutes',"
            f" CASE WHEN {self._lot(12)} < 900"
            f" THEN {self._opened} + interval '1 minute' * ({self._lot(13)} % 40) END,"
            f" {self._opened} + interval '9 days', 0,"
            f" CASE WHEN {closed} THEN {self._opened} + interval '6 days' END,"
            f" CASE WHEN {closed} THEN 'defeated' END {self._numbers}"
        )

    def _follow_ups(self, number: int, result: str, share: int, hours: float) -> str:
        at = f"{self._opened} + interval '1 hour' * {hours}"
        due = f"{at} + interval '36 hours'" if result == "appointment" else "NULL::timestamptz"
        return (
            "INSERT INTO follow_up (lead_id, assignment_id, staff_id, result, way, note,"
            " occurred_at, logged_at, appointment_at, slots, before)"
            f" SELECT n, n, {self._who(0)}, '{result}', 'phone', '', {at}, {at}, {due},"
            f" '{{}}', '{{}}' {self._numbers} WHERE {self._lot(20 + number)} < {share}"
        )

    def _defeats(self) -> str:
        return (
            "INSERT INTO defeat (lead_id, requested_by, requested_at, reason, competitor, note,"
            " state, suspicion, suspicious, dealer_code, reviewed_by, reviewed_at)"
            f" SELECT n, 'staff:' || {self._who(0)}, {self._opened} + interval '5 days', 'price',"
            f" '', '', CASE WHEN {self._lot(1)} < 330 THEN 'approved' ELSE 'rejected' END,"
            f" '{{}}', false, {self._who(1)}, 'staff:x', {self._opened} + interval '6 days'"
            f" {self._numbers} WHERE {self._lot(1)} BETWEEN 80 AND 360"
        )

    def _grades(self) -> str:
        return (
            "INSERT INTO grade_record (lead_id, at, cause, level, score, reasons, inputs)"
            f" SELECT n, {self._opened}, 'opened', {self._pick(14, ['H', 'A', 'B', 'C', 'N'])},"
            f" 50, '[]', '{{}}' {self._numbers}"
        )

    def _timeline(self) -> str:
        kinds = ("captured", "graded", "dispatched", "pushed", "accepted", "reminded")
        kinds += ("follow_up", "message_in", "message_out", "follow_up_missed")
        kind = f"(ARRAY[{', '.join(f'{chr(39)}{kind}{chr(39)}' for kind in kinds)}])[k]"
        return (
            "INSERT INTO timeline_event (lead_id, customer_id, at, kind, actor, data)"
            f" SELECT n, n, {self._opened} + interval '7 hours' * k, {kind}, 'system', '{{}}'"
            f" {self._numbers} CROSS JOIN generate_series(1, {LINES_EACH}) AS k"
        )

    def _audit(self) -> str:
        return (
            "INSERT INTO audit_entry (at, actor, action, target, data)"
            f" SELECT {self._opened}, 'staff:' || {self._who(0)},"
            f" {self._pick(15, ['transfer_lead', 'put_staff', 'search_phone'])}, n::text, '{{}}'"
            f" {self._numbers} WHERE n % 5 = 0"
        )

    def _jobs(self) -> str:
        """Notices done, and a few thousand that failed."""
        ms = f"(extract(epoch FROM {self._opened}) * 1000)::bigint"
        return (
            "INSERT INTO outbox (queue, state, due_at_ms, lease_until_ms, attempts, unfinished,"
            " error, created_at_ms, done_at_ms, kind, name, dedupe_key, staff_id, customer_id,"
            " lead_id, data)"
            f" SELECT 'urgent', CASE WHEN n % 300 = 0 THEN 3 ELSE 2 END, {ms}, 0, 1, 0,"
            f" CASE WHEN n % 300 = 0 THEN 'NotTrusted: 60020' ELSE '' END, {ms}, {ms}, 'notice',"
            f" 'lead_card', 'bench-' || n, {self._who(0)}, n, n, '{{}}' {self._numbers}"
        )

"""A made-up brand of any size, written by the database itself: the same people for one seed.

A fifth are traffic; the others have a lead that is new, running, cold, dormant, defeated or a
car delivered, with what staff recorded on the way. Dealers and models come from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

NUMBERS = {
    "postgres": "generate_series(1, {size}) AS n",
    "sqlite": "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c"
    " WHERE n < {size}) SELECT n FROM c)",
}
AGO = {
    "postgres": "now() - make_interval(secs => ({seconds}))",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-' || ({seconds}) || ' seconds')",
}
DAY_S = 86_400
KINDS = (
    # share of 1000, state, level, pool, link
    (200, None, None, "traffic", "brand"),
    (230, "assigned", "N", "leads", "dealer"),
    (250, "accepted", "H", "prospects", "dealer"),
    (270, "accepted", "A", "prospects", "dealer"),
    (300, "accepted", "B", "prospects", "dealer"),
    (380, "accepted", "C", "nurture", "brand"),
    (500, "dormant", "L", "nurture", "brand"),
    (700, "defeated", "F", "nurture", "brand"),
    (900, "delivered", "O", "owners", "brand"),
    (1001, "invalid", "F", "out", "none"),
)
REASONS = ("price", "competitor", "timing", "stock", "distance", "family", "finance", "brand")
FIRST_LEAD = 201


class Crowd:
    """The statements that make `size` customers in one dialect."""

    def __init__(self, dialect: str, size: int, dealers: list[str], seed: int = 1) -> None:
        self._numbers = NUMBERS[dialect].format(size=size)
        self._ago_template = AGO[dialect]
        self._dealers, self._seed = dealers, seed

    def statements(self) -> Iterator[str]:
        """In the order of their foreign keys. A customer's lead has the customer's id."""
        yield self._customers()
        yield self._identities()
        for purpose, share in (("contact", 990), ("share_with_dealer", 950), ("marketing", 700)):
            yield self._consents(purpose, share)
        yield self._leads()
        yield self._defeats()
        for result, share, salt in (
            ("connected", 800, 21),
            ("unreachable", 400, 22),
            ("visited", 250, 23),
            ("quoted", 200, 24),
            ("test_drive", 150, 25),
        ):
            yield self._follow_ups(result, share, salt)
        yield self._follow_ups("delivered", 1000, 26)
        yield self._touches()

    def _mixed(self, salt: int) -> str:
        """A number below 1000 that looks drawn by lot, another for each salt."""
        factor = 2_654_435_761 + 40_503_002 * (salt + 100 * self._seed) ** 2
        return f"(n * {factor} % 4294967296 / 65536 % 1000)"

    def _kind(self, column: int) -> str:
        cases = " ".join(
            f"WHEN {self._mixed(1)} < {row[0]} THEN '{row[column]}'" for row in KINDS if row[1]
        )
        return f"CASE {cases} END"

    def _standing(self, column: int) -> str:
        cases = " ".join(f"WHEN {self._mixed(1)} < {row[0]} THEN '{row[column]}'" for row in KINDS)
        return f"CASE {cases} END"

    def _ago(self, salt: int, days: int, at_least: str = "0") -> str:
        """Up to so many days ago, to the minute."""
        minutes = f"({self._mixed(salt)} * {days * DAY_S // 1000})"
        return self._ago_template.format(seconds=f"{minutes} + {at_least} + n % 3600")

    def _pick(self, salt: int, words: tuple[str, ...] | list[str]) -> str:
        cases = " ".join(f"WHEN {number} THEN '{word}'" for number, word in enumerate(words))
        return f"CASE {self._mixed(salt)} % {len(words)} {cases} END"

    def _from(self, where: str = "1 = 1") -> str:
        return f"FROM {self._numbers} WHERE {where}"

    def _customers(self) -> str:
        said = f"CASE WHEN {self._mixed(2)} < 300 THEN {self._ago(3, 400)} END"
        return (
            "INSERT INTO customer (id, name, city, pool, link, pool_reason, scene,"
            " last_message_at, created_at, updated_at)"
            f" SELECT n, '李雷', {self._pick(4, ['长春', '吉林', '沈阳', '成都', '北京'])},"
            f" {self._standing(3)}, {self._standing(4)}, '{{}}', '', {said},"
            f" {self._ago(5, 700)}, {self._ago(5, 10)} {self._from()}"
        )

    def _identities(self) -> str:
        kind = f"CASE WHEN {self._mixed(1)} < 200 THEN 'openid' ELSE 'phone' END"
        return (
            "INSERT INTO identity (customer_id, kind, value, last_four, subscribed, created_at)"
            f" SELECT n, {kind}, 'bench-' || CAST(n AS text), '8000', 1 = 1, {self._ago(5, 700)}"
            f" {self._from()}"
        )

    def _consents(self, purpose: str, share: int) -> str:
        return (
            "INSERT INTO consent (customer_id, purpose, version, channel, obtained_at)"
            f" SELECT n, '{purpose}', '2026-01', 'form', {self._ago(5, 700)}"
            f" {self._from(f'{self._mixed(1)} >= 200 AND {self._mixed(6)} < {share}')}"
        )

    def _leads(self) -> str:
        closed = f"{self._mixed(1)} >= 380"
        return (
            "INSERT INTO lead (id, customer_id, dealer_id, open_key, state, source, attribution,"
            " model_code, city, message, level, score, reasons, signals, lowered_steps, recycles,"
            " opened_at, last_active_at, closed_at, updated_at, version)"
            f" SELECT n, n, {self._pick(7, self._dealers)},"
            f" CASE WHEN NOT {closed} THEN CAST(n AS text) END,"
            f" {self._kind(1)}, {self._pick(8, ['dongchedi', 'autohome', 'walk_in', 'site'])},"
            f" 'new', 'tayron', '长春', '', {self._kind(2)}, {self._mixed(9)} % 100, '[]', '[]',"
            f" 0, 0, {self._ago(10, 1500, '86400')}, {self._ago(10, 1500)},"
            f" CASE WHEN {closed} THEN {self._ago(10, 1500)} END, {self._ago(10, 30)}, 1"
            f" {self._from(f'{self._mixed(1)} >= 200')}"
        )

    def _defeats(self) -> str:
        return (
            "INSERT INTO defeat (lead_id, requested_by, requested_at, reason, competitor, note,"
            " state, suspicion)"
            f" SELECT n, 'staff:x', {self._ago(10, 1500)}, {self._pick(11, REASONS)}, '', '',"
            f" 'approved', '{{}}'"
            f" {self._from(f'{self._mixed(1)} BETWEEN 500 AND 699')}"
        )

    def _follow_ups(self, result: str, share: int, salt: int) -> str:
        some = f"{self._mixed(1)} >= {FIRST_LEAD + 29} AND {self._mixed(salt)} < {share}"
        if result == "delivered":
            some = f"{self._mixed(1)} BETWEEN 700 AND 899"
        return (
            "INSERT INTO follow_up (lead_id, staff_id, result, way, note, occurred_at, logged_at,"
            " slots, before)"
            f" SELECT n, 'x', '{result}', 'phone', '', {self._ago(salt + 20, 1500)},"
            f" {self._ago(salt + 20, 1500)}, '{{}}', '{{}}' {self._from(some)}"
        )

    def _touches(self) -> str:
        return (
            "INSERT INTO timeline_event (customer_id, at, kind, actor, data)"
            f" SELECT n, {self._ago(30, 60)}, 'touch', 'system', '{{}}'"
            f" {self._from(f'{self._mixed(31)} < 100')}"
        )

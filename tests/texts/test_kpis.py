"""The dictionary is explained once: in texts/kpis.toml, which docs/analytics.md repeats."""

from __future__ import annotations

from pathlib import Path

from db.queries.analytics import COLUMNS
from domain.kpi import KPIS, STAGES
from texts import kpis

PAGE = Path(__file__).parent.parent.parent / "docs" / "analytics.md"


def rows_of_the_dictionary() -> list[str]:
    rows = []
    for kpi in KPIS.values():
        said = kpis.entry(kpi.code)
        formula = f"{said.part} ÷ {said.whole}"
        rows.append(f"| `{kpi.code}` {said.label} | {said.text} | {formula} | {said.at} |")
    return rows


def test_the_page_has_the_dictionary_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8").splitlines()
    found = [line for line in page if line.startswith("| `") and line.count("|") == 5]
    assert found == rows_of_the_dictionary()


def test_everything_that_is_counted_has_a_name() -> None:
    assert all(kpis.stage_text(stage) for stage in STAGES)
    assert all(kpis.unit_text(kpi.unit) for kpi in KPIS.values())
    assert all(kpis.unknown_text(by) for by in COLUMNS)

"""Figures as files: nothing in them can run, no phone stands in them, who took them is known."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from python_calamine import load_workbook

from api.sheets import Sheet, packed
from db.models import AuditEntry
from domain.commands import PutDealer
from tests.api.conftest import Api, AsStaff, signed_in
from tests.api.test_analytics import a_story

EVIL = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1")


async def taken(page: AsStaff, path: str) -> tuple[int, bytes, dict[str, str]]:
    headers = {"Cookie": f"leadloop_session={page.cookie}", "X-Leadloop-Page": "1"}
    async with page.api.http.get(f"/api/v1/{path}", headers=headers) as response:
        return response.status, await response.read(), dict(response.headers)


def lines(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def cells(body: bytes, sheet: int = 0) -> list[list[object]]:
    return load_workbook(io.BytesIO(body)).get_sheet_by_index(sheet).to_python()


def test_no_cell_is_a_formula() -> None:
    sheet = Sheet("x", ["=heading"], [[text] for text in EVIL])

    for (written,) in lines(packed("csv", [sheet], "=mark")):
        assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    book = packed("xlsx", [sheet], "=mark")
    assert b"<f>" not in _parts(book)
    assert [row[0] for row in cells(book)][:4] == ["=mark", "=heading", EVIL[0], EVIL[1]]


def _parts(book: bytes) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(book))
    return b"".join(archive.read(name) for name in archive.namelist())


def test_a_share_is_a_number_and_nothing_is_empty() -> None:
    sheet = Sheet("x", ["a", "b", "c"], [[0.5, 3, None]])
    assert lines(packed("csv", [sheet], "mark"))[2] == ["0.5", "3", ""]
    assert cells(packed("xlsx", [sheet], "mark"))[2][:2] == [0.5, 3.0]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_figures_are_taken_with_a_mark_and_a_note(desk_on_sqlite: Api, kind: str) -> None:
    desk = desk_on_sqlite
    await a_story(desk)
    await desk.bus.execute(PutDealer("CC01", "=HYPERLINK(1)", "NE", "长春"))
    manager = await signed_in(desk, "manager")

    status, body, headers = await taken(manager, f"analytics/export?by=dealer&format={kind}")

    assert status == 200
    assert headers["Content-Disposition"].endswith(f'.{kind}"')
    table = lines(body) if kind == "csv" else cells(body)
    assert "赵店总（staff:manager）2026-11-25" in str(table[0][0])
    assert [row[0] for row in table[2:]] == [
        "合计",
        "'=HYPERLINK(1)" if kind == "csv" else "=HYPERLINK(1)",
    ]
    assert [float(cell) for cell in table[2][1:4]] == [1.0, 2.0, 2.0]  # valid: both of the store's
    noted = await AuditEntry.get(action="export_figures")
    assert (noted.actor, noted.target) == ("staff:manager", "dealer")
    assert noted.data["format"] == kind


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_rows_are_taken_with_masked_phones(desk_on_sqlite: Api, kind: str) -> None:
    desk = desk_on_sqlite
    await a_story(desk)
    manager = await signed_in(desk, "manager")

    status, body, _ = await taken(
        manager, f"analytics/rows/export?kpi=first_response_rate&show=missed&format={kind}"
    )

    assert status == 200
    table = lines(body) if kind == "csv" else cells(body)
    assert len(table) == 3
    assert "139****9000" in table[2]
    assert b"13900139000" not in (_parts(body) if kind == "xlsx" else body)
    noted = await AuditEntry.get(action="export_figures")
    assert (noted.target, noted.data["rows"], noted.data["show"]) == (
        "first_response_rate",
        1,
        "missed",
    )


async def test_what_is_not_asked_well_is_neither_written_nor_noted(desk_on_sqlite: Api) -> None:
    manager = await signed_in(desk_on_sqlite, "manager")
    assert (await taken(manager, "analytics/export?format=exe"))[0] == 422
    assert (await taken(manager, "analytics/rows/export?kpi=weather"))[0] == 404
    assert await AuditEntry.filter(action="export_figures").count() == 0

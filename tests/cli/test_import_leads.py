"""Importing a file: the API's own rules, one reason a bad row, and nothing twice."""

import csv
import io

import pytest
from rich.console import Console

import bootstrap
from cli.import_leads import import_file
from cli.trouble import CannotStart
from db.models import Lead, Touchpoint
from demo.load import load_demo
from settings import Settings

HEADINGS = "source,external_id,occurred_at,phone,model,dealer_code,purchase_window_days\n"


@pytest.fixture
async def settings(sqlite_url):
    """An installation with the demo organisation."""
    given = Settings(secret_key="k" * 32, database_url=sqlite_url)
    async with bootstrap.desk(given) as desk:
        await load_demo(desk.bus.execute)
    return given


@pytest.fixture
def said():
    return io.StringIO()


@pytest.fixture
def take(settings, tmp_path, said):
    """Import these rows; what became of them is in `said` and in the errors file."""
    path = tmp_path / "leads.csv"

    async def run(rows):
        path.write_text(HEADINGS + rows, encoding="utf-8")
        said.seek(0)
        said.truncate()
        await import_file(settings, path, Console(file=said, width=300))
        return tmp_path / "leads.csv.errors.csv"

    return run


GOOD = "show,1,2026-11-20 10:00,138 0013 8000,谈岳,CC02,7\n"


async def test_good_rows_become_leads_and_a_second_import_finds_them_there(take, said, settings):
    await take(GOOD + "show,2,,13900139000,,,\n")
    assert "2 created" in said.getvalue()

    errors = await take(GOOD + "show,2,,13900139000,,,\n")
    assert "2 duplicate" in said.getvalue()
    assert not errors.exists()

    async with bootstrap.desk(settings):
        assert await Lead.all().count() == 2
        touch = await Touchpoint.get(external_id="1").select_related("lead")
        assert (touch.lead.model_code, touch.lead.dealer_id) == ("tayron", "CC02")
        assert touch.occurred_at.isoformat() == "2026-11-20T02:00:00+00:00"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("show,9,,12345,,,\n", "phone"),
        ("show,9,,,,,\n", "phone"),
        ("show,9,soon,13800138000,,,\n", "occurred_at"),
        ("show,9,,13800138000,beetle,,\n", "model"),
        ("show,9,,13800138000,,XX99,\n", "dealer_code"),
        ("show,9,,13800138000,,,many\n", "purchase_window_days"),
        (",9,,13800138000,,,\n", "source"),
        ("show,,,13800138000,,,\n", "external_id"),
    ],
)
async def test_a_bad_row_is_set_aside_with_its_reason_and_the_others_go_on(
    take, said, row, column
):
    errors = await take(GOOD + row)

    assert "1 created, 1 refused" in said.getvalue()
    (refused,) = csv.DictReader(io.StringIO(errors.read_text(encoding="utf-8-sig")))
    assert refused["line"] == "3"
    assert refused["reason"].startswith(f"{column}: ")
    assert refused["external_id"] == row.split(",")[1]
    assert "13800138000" not in refused["reason"]


async def test_the_corrected_errors_file_can_be_imported_as_it_is(take, said, settings, tmp_path):
    errors = await take("show,1,,12345,,,\n")
    errors.write_text(
        errors.read_text(encoding="utf-8-sig").replace("12345", "13800138000"), encoding="utf-8"
    )

    await import_file(settings, errors, Console(file=said))

    assert "1 created" in said.getvalue()


async def test_a_file_that_cannot_be_read_is_told_in_one_line(settings, tmp_path):
    with pytest.raises(CannotStart, match="absent"):
        await import_file(settings, tmp_path / "absent.csv", Console(file=io.StringIO()))

"""A backup comes back whole, or says why not, and never in place of what nobody gave up."""

from pathlib import Path

import pytest

import bootstrap
from cli.backup import restore, save
from cli.trouble import CannotStart
from db.models import Identity, Lead
from demo.load import load_demo
from domain.commands import ConsentGiven, IngestLead, Interest, Person
from settings import Settings
from tests.postgres import Postgres

KEY, OTHER = "key-" + "k" * 32, "other-" + "o" * 32
PHONE = "13800138000"


def settings_of(url: str, key: str = KEY) -> Settings:
    return Settings(secret_key=key, database_url=url)


async def a_lead(settings, clock, external_id="1"):
    async with bootstrap.desk(settings, clock) as desk:
        await load_demo(desk.bus.execute)
        consent = ConsentGiven(("contact", "share_with_dealer"), "1", "show", clock())
        person, interest = Person(phone=PHONE), Interest(dealer_code="CC02")
        order = IngestLead("show", external_id, clock(), person, interest, consent, "system")
        await desk.bus.execute(order)


@pytest.fixture
async def another_url(request, database_url, postgres: Postgres, tmp_path) -> str:
    """An empty database of the same kind, never migrated."""
    if database_url.startswith("sqlite"):
        return f"sqlite://{tmp_path}/restored/leadloop.db"
    return postgres.url(await postgres.create())


@pytest.fixture
async def backup(database_url, clock, tmp_path) -> Path:
    await a_lead(settings_of(database_url), clock)
    file = tmp_path / "leadloop.backup"
    await save(settings_of(database_url), file)
    return file


async def test_a_backup_comes_back_whole(backup, another_url, clock):
    told = await restore(settings_of(another_url), backup, replace=False)

    assert told.rows["lead"] == 1
    async with bootstrap.desk(settings_of(another_url), clock):
        sealed = (await Identity.get(kind="phone")).cipher
        assert bootstrap.vault_of(settings_of(another_url)).decrypt(sealed) == PHONE


async def test_what_is_there_is_not_replaced_unasked(backup, database_url, clock):
    settings = settings_of(database_url)
    await a_lead(settings, clock, "2")

    with pytest.raises(CannotStart, match="--replace"):
        await restore(settings, backup, replace=False)
    await restore(settings, backup, replace=True)

    async with bootstrap.desk(settings, clock):
        assert await Lead.all().count() == 1


async def test_the_key_is_not_in_it_and_another_key_is_refused(backup, another_url):
    assert KEY.encode() not in backup.read_bytes()
    assert PHONE.encode() not in backup.read_bytes()

    with pytest.raises(CannotStart, match="LEADLOOP_SECRET_KEY"):
        await restore(settings_of(another_url, OTHER), backup, replace=False)


async def test_a_damaged_backup_changes_nothing(backup, database_url, clock):
    settings = settings_of(database_url)
    damaged = bytearray(backup.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    backup.write_bytes(damaged)

    with pytest.raises(CannotStart, match="damaged"):
        await restore(settings, backup, replace=True)

    async with bootstrap.desk(settings, clock):
        assert await Lead.all().count() == 1


async def test_half_a_file_is_no_backup(backup, another_url):
    backup.write_bytes(backup.read_bytes()[:700])

    with pytest.raises(CannotStart, match="backup"):
        await restore(settings_of(another_url), backup, replace=False)


async def test_a_backup_is_never_written_over_another(backup, database_url):
    with pytest.raises(CannotStart, match="exists"):
        await save(settings_of(database_url), backup)

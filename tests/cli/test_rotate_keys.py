"""Changing the secret key: afterwards the old one is not needed, and nobody is lost or doubled."""

import pytest

import bootstrap
from cli.rotate_keys import rotate
from cli.trouble import CannotStart
from db.models import Identity, Lead, Webhook
from demo.load import load_demo
from domain.commands import ConsentGiven, IngestLead, Interest, Person
from domain.webhook_commands import PutWebhook
from settings import Settings

OLD, NEW = "old-" + "o" * 32, "new-" + "n" * 32
PHONE = "13800138000"


def a_lead(external_id, now):
    return IngestLead(
        source="show",
        external_id=external_id,
        occurred_at=now,
        person=Person(phone=PHONE),
        interest=Interest(dealer_code="CC02"),
        consent=ConsentGiven(("contact", "share_with_dealer"), "1", "show", now),
        by="system",
    )


@pytest.fixture
def before(sqlite_url):
    return Settings(secret_key=OLD, database_url=sqlite_url)


@pytest.fixture
def after(sqlite_url):
    return Settings(secret_key=NEW, database_url=sqlite_url)


@pytest.fixture
async def a_customer(before, clock):
    async with bootstrap.desk(before, clock) as desk:
        await load_demo(desk.bus.execute)
        await desk.bus.execute(a_lead("1", clock()))
        await desk.bus.execute(
            PutWebhook(None, "CRM", "https://crm.example.com/", (), (), (), True, "system")
        )


async def test_after_the_rotation_the_old_key_can_go(a_customer, before, after, clock):
    await rotate(after.model_copy(update={"secret_key_previous": before.secret_key}))
    await rotate(after)

    async with bootstrap.desk(after, clock) as desk:
        await desk.bus.execute(a_lead("2", clock()))
        (phone,) = await Identity.filter(kind="phone")
        vault = bootstrap.vault_of(after)
        assert vault.decrypt(phone.cipher) == PHONE
        assert phone.value == vault.hash(PHONE)
        assert len(vault.open((await Webhook.get()).secret)) == 32
        assert await Lead.all().count() == 1


async def test_without_the_old_key_nothing_is_touched(a_customer, before, after, clock):
    with pytest.raises(CannotStart, match="SECRET_KEY_PREVIOUS"):
        await rotate(after)

    async with bootstrap.desk(before, clock):
        (phone,) = await Identity.filter(kind="phone")
        assert bootstrap.vault_of(before).decrypt(phone.cipher) == PHONE

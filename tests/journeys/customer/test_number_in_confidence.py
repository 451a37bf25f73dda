"""A number sent before agreement is sealed, waits for one word, and is forgotten without it."""

import sqlite3

from db.models import ChatSession, Consent, Identity
from tests.journeys.customer.conftest import PHONE, Visitor


def everything_stored(visitor: Visitor) -> str:
    """Every value of every row of the database."""
    path = visitor.loop.leadloop.settings.database_url.removeprefix("sqlite://")
    with sqlite3.connect(path) as db:
        tables = [
            name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        rows = [db.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
    db.close()
    return repr(rows)


async def test_a_number_waits_sealed_for_one_word(visitor: Visitor) -> None:
    await visitor.says("长春有店吗")
    await visitor.says(f"我的电话{PHONE}，想买探岳", "同意请回复“同意”")
    assert PHONE not in everything_stored(visitor)
    assert await visitor.leads() == []
    assert not await Identity.exists(kind="phone")

    await visitor.says("同意", "会尽快联系您")
    lead = await visitor.lead()
    assert lead["dealer_code"] in {"CC01", "CC02"}
    assert PHONE not in everything_stored(visitor)
    receipts = await Consent.all()
    assert {receipt.purpose for receipt in receipts} == {"contact", "share_with_dealer"}
    assert {receipt.version for receipt in receipts} == {"oa-2026-11"}
    assert {receipt.channel for receipt in receipts} == {"official_account"}


async def test_without_agreement_it_is_forgotten(visitor: Visitor) -> None:
    await visitor.says(f"我的电话{PHONE}", "同意")
    await visitor.says("不同意", "不会保存您的号码")
    session = await ChatSession.get(channel="oa", peer=visitor.customer.openid)
    assert "phone" not in session.state
    assert not await Identity.exists(kind="phone")
    await visitor.says("我不想留电话")
    assert await visitor.leads() == []

"""A phone is nobody's business: not the file's, not the log's; and a person can be forgotten."""

import logging
from pathlib import Path

import pytest

from db import sql
from tests.journeys.loop import PHONE, Loop

OPENID = "oLiLei"
SAID = "我叫李雷，电话13800138000，想试驾探岳"


async def _whole_loop(loop: Loop) -> str:
    """A lead, a talk, follow-ups, a colleague, a manager: everything that keeps records."""
    lei = loop.customer(OPENID)
    await lei.does("follow")
    taken = await loop.send(customer={"openid": OPENID}, intent={"message": SAID})
    lead_id = taken["lead_id"]
    holder = loop.member(await loop.holder(lead_id))
    await (await holder.card("lead")).press("接单")
    await lei.says(SAID)
    await holder.says(f"客户手机{PHONE}，约了周六下午3点到店")
    await loop.send("dcd-2", intent={"message": SAID})
    await holder.says(f"尾号{PHONE[-4:]} 战败 嫌贵")
    await loop.fault("wecom:message/send", "errcode", errcode=40058, times=1)
    await loop.send("dcd-3", customer={"phone": "13900139000"}, intent={"message": SAID})
    await loop.pass_time(hours=2)
    return str(lead_id)


async def test_no_phone_stands_in_the_file_or_in_the_log(
    loop: Loop, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await _whole_loop(loop)
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("leadloop.db*"))  # noqa: ASYNC240
    for phone in (PHONE, "13900139000"):
        assert phone.encode() not in stored
    said = "".join(capfd.readouterr()) + "".join(
        record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING
    )
    assert "relay" in said, "this is the log"
    for private in (PHONE, "13900139000", OPENID, "李雷", "嫌贵", "wecom-secret"):
        assert private not in said, private


async def test_a_phone_shows_only_to_who_accepted(loop: Loop) -> None:
    lead_id = (await loop.send())["lead_id"]
    assert PHONE not in str(await loop.lead(lead_id))
    assert PHONE not in str(await loop.timeline(lead_id))
    holder = loop.member(await loop.holder(lead_id))
    assert PHONE not in str(await holder.phone())
    await (await holder.card("lead")).press("接单")
    assert PHONE in (await holder.card("lead")).text


async def test_the_export_holds_all_there_is(loop: Loop) -> None:
    lead_id = await _whole_loop(loop)
    customer_id = (await loop.lead(lead_id))["customer_id"]
    export = await loop.api("GET", f"customers/{customer_id}/export")
    identities = {i["kind"]: i["value"] for i in export["customer"]["identities"]}
    assert identities == {"phone": PHONE, "openid": OPENID}
    assert len(export["customer"]["leads"]) == 1
    assert export["customer"]["consents"]
    assert export["follow_ups"]
    kinds = {line["kind"] for line in export["timeline"]}
    assert {"captured", "message_in", "follow_up", "consent"} <= kinds


async def test_a_person_can_be_forgotten_and_the_numbers_stay(loop: Loop) -> None:
    lead_id = await _whole_loop(loop)
    customer_id = (await loop.lead(lead_id))["customer_id"]
    before = await loop.api("GET", "stats/funnel")
    await loop.api("POST", f"customers/{customer_id}/erase")
    await loop.settle()
    lead = await loop.lead(lead_id)
    assert (lead["customer"]["name"], lead["customer"]["phone"]) == ("", None)
    assert (lead["state"], lead["assignment"], lead["message"]) == ("lapsed", None, "")
    export = await loop.api("GET", f"customers/{customer_id}/export")
    assert export["customer"]["identities"] == []
    assert "李雷" not in str(export)
    after = await loop.api("GET", "stats/funnel")
    assert sum(after["by_level"].values()) == sum(before["by_level"].values())
    again = await loop.api("POST", f"customers/{customer_id}/erase")
    assert again["erased_at"]


async def test_nothing_of_a_forgotten_person_is_left_in_any_table(loop: Loop) -> None:
    lead_id = await _whole_loop(loop)
    customer_id = (await loop.lead(lead_id))["customer_id"]
    await loop.api("POST", f"customers/{customer_id}/erase")
    await loop.settle()
    tables = await sql.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    for table in (row["name"] for row in tables):
        rows = str(await sql.rows(f'SELECT * FROM "{table}"'))
        for private in (OPENID, "嫌贵"):
            assert private not in rows, f"{private} in {table}"


async def test_who_was_forgotten_comes_back_as_a_stranger(loop: Loop) -> None:
    taken = await loop.send()
    await loop.api("POST", f"customers/{taken['customer_id']}/erase")
    again = await loop.send("dcd-2")
    assert (again["outcome"], again["attribution"]) == ("created", "new")
    assert again["customer_id"] != taken["customer_id"]

"""The whole loop in one test: Leadloop, WeChat's sandbox and the people at both ends."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import aiohttp

from bootstrap import Leadloop
from db import queue_rows, sql
from tests.clock import FakeClock

KEY = "journey-key"
IDLE_WITHIN_S = 15.0
PHONE = "13800138000"
_TAPPED = re.compile(
    r'<a href="weixin://bizmsgmenu\?msgmenucontent=(?P<says>[^"&]*)&msgmenuid=\d+">'
    r"(?P<label>[^<]*)</a>"
)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def a_lead(external_id: str = "dcd-1", **changes: Any) -> dict[str, Any]:
    """Li Lei wants to drive a Tayron at CC01 this week. `customer`, `intent` … add or replace."""
    body: dict[str, Any] = {
        "source": "dongchedi",
        "external_id": external_id,
        "customer": {"name": "李雷", "phone": PHONE, "city": "长春"},
        "intent": {
            "model": "tayron",
            "dealer_code": "CC01",
            "purchase_window_days": 7,
            "message": "想看探岳，本周能试驾吗",
        },
        "consent": {
            "purposes": ["contact", "share_with_dealer", "marketing"],
            "version": "2026-01",
            "channel": "dongchedi_form",
        },
    }
    for name, value in changes.items():
        old = body.get(name)
        body[name] = {**old, **value} if isinstance(old, dict) and value is not None else value
    return body


_BUSY = " UNION ALL ".join(
    f"""SELECT id FROM {table} r
        WHERE (r.state = 1 OR r.state = 0 AND r.due_at_ms <= $1)
          AND NOT EXISTS (SELECT 1 FROM queue_pause p WHERE p.queue = r.queue)"""
    for table in ("inbox", "outbox", "timer")
)
_BUSY += """ UNION ALL SELECT r.id FROM webhook_delivery r
    WHERE r.state = 1 OR r.state = 0 AND r.due_at_ms <= $1 AND EXISTS (
      SELECT 1 FROM webhook w WHERE w.id = r.webhook_id AND w.held_until_ms <= $1)"""


def at(clock: str, *, day: int = 24) -> datetime:
    """A time of day in Shanghai in November 2026; the 24th, a Tuesday, is when stories begin."""
    hour, minute, *second = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, *second, tzinfo=SHANGHAI).astimezone(UTC)


def when(text: str) -> datetime:
    """A time as the API writes it."""
    return datetime.fromisoformat(text).astimezone(UTC)


def shown(delivery: dict[str, Any]) -> str:
    """What a passive reply looks like on the phone: links by their words, an article as text."""
    reply = delivery["reply"] or {}
    if "Articles" in reply:
        article = reply["Articles"]["item"]
        return f"{article['Title']}\n{article['Description']}"
    return _TAPPED.sub(r"\g<label>", reply.get("Content", ""))


def _words(content: dict[str, Any]) -> str:
    if "articles" in content:
        return "\n".join(f"{a['title']}\n{a['description']}" for a in content["articles"])
    if "list" in content:
        rows = [row["content"] for row in content["list"]]
        return "\n".join([content["head_content"], *rows, content["tail_content"]])
    return _TAPPED.sub(r"\g<label>", content.get("content", ""))


class Loop:
    """Everything a story needs. Time moves only when the story says so."""

    def __init__(
        self, leadloop: Leadloop, http: aiohttp.ClientSession, sandbox_url: str, clock: FakeClock
    ) -> None:
        self.leadloop, self.clock = leadloop, clock
        self._http, self._sandbox_url = http, sandbox_url

    # time ───────────────────────────────────────────────────────────────────────────────────

    async def settle(self) -> None:
        """Wait until nothing is left to do now: no due row, none running, no callback under way.

        Rows of a paused queue are left alone.
        """
        deadline = asyncio.get_running_loop().time() + IDLE_WITHIN_S
        await self.sandbox("POST", "idle")
        self.leadloop.wake()
        while await self._busy():
            assert asyncio.get_running_loop().time() < deadline, "the queues never became idle"
            await asyncio.sleep(0.003)

    async def pass_time(self, **much: float) -> None:
        """Let time go by (seconds=, minutes=, hours=, days=), stopping wherever work falls due."""
        await self.until(self.clock.now + timedelta(**much))

    async def until(self, moment: datetime) -> None:
        """Go on until then. What shifts and free places allow is looked at on the way, and which
        touches of campaigns are due at its end."""
        await self.settle()
        while (due := await self._next_due()) is not None and due < moment:
            self.clock.now = max(due, self.clock.now)
            await self.settle()
        self.clock.now = moment
        await self.leadloop.duties.drain_queues()
        await self.leadloop.duties.arm_touches()
        await self.settle()

    async def _busy(self) -> bool:
        """One statement, since finishing a row of one table may add a row to another."""
        found = await sql.rows(_BUSY, self.clock.ms())
        return bool(found)

    async def _next_due(self) -> datetime | None:
        due = [queue.next_ms for queue in (await queue_rows.next_due()).values()]
        return datetime.fromtimestamp(min(due) / 1000, UTC) if due else None

    # the API ────────────────────────────────────────────────────────────────────────────────

    async def api(
        self, method: str, path: str, body: Any = None, *, status: int = 0, **query: str
    ) -> Any:
        """One call of `/api/v1/…`. Anything but success, or the `status` asked for, fails."""
        url = f"{self.leadloop.settings.public_url}/api/v1/{path}"
        headers = {"Authorization": f"Bearer {KEY}"}
        async with self._http.request(
            method, url, json=body, params=query, headers=headers
        ) as answer:
            text = await answer.text()
            assert answer.status == status if status else answer.status < 300, text
            return await answer.json(content_type=None) if text else None

    async def send(self, external_id: str = "dcd-1", **changes: Any) -> dict[str, Any]:
        """A lead comes in, and everything that follows by itself has happened."""
        taken: dict[str, Any] = await self.api("POST", "leads", a_lead(external_id, **changes))
        await self.settle()
        return taken

    async def send_all(self, *changes: dict[str, Any]) -> list[dict[str, Any]]:
        """Many leads at the same time."""
        bodies = [a_lead(**change) for change in changes]
        taken = await asyncio.gather(*(self.api("POST", "leads", body) for body in bodies))
        await self.settle()
        return list(taken)

    async def lead(self, lead_id: str) -> dict[str, Any]:
        return await self.api("GET", f"leads/{lead_id}")

    async def holder(self, lead_id: str) -> str | None:
        """Who holds the lead."""
        held = (await self.lead(lead_id))["assignment"]
        return held["userid"] if held else None

    async def timeline(self, lead_id: str) -> list[dict[str, Any]]:
        return (await self.api("GET", f"leads/{lead_id}/timeline"))["items"]

    async def lines(self, lead_id: str, kind: str) -> list[dict[str, Any]]:
        """What happened to the lead of one kind, oldest first."""
        return [line for line in await self.timeline(lead_id) if line["kind"] == kind]

    async def kinds(self, lead_id: str) -> list[str]:
        """What happened to the lead, oldest first."""
        return [line["kind"] for line in await self.timeline(lead_id)]

    async def follow_up(self, lead_id: str, result: str, **more: Any) -> dict[str, Any]:
        logged = await self.api("POST", f"leads/{lead_id}/follow-ups", {"result": result, **more})
        await self.settle()
        return logged["lead"]

    async def batch(self, leads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Many leads in one request; the answers line by line."""
        url = f"{self.leadloop.settings.public_url}/api/v1/leads/batch"
        lines = "\n".join(json.dumps(lead) for lead in leads)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"}
        async with self._http.post(url, data=lines.encode(), headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return [json.loads(line) for line in (await answer.text()).splitlines()]

    async def give_up(self, lead_id: str, reason: str) -> None:
        """Three tries on two days, then the manager agrees."""
        for wait in ({}, {"hours": 1}, {"days": 1}):
            await self.pass_time(**wait)
            await self.follow_up(lead_id, "unreachable")
        await self.api("POST", f"leads/{lead_id}/defeat", {"reason": reason})
        await self.settle()
        await (await self.member("sunli").card("defeat")).press("同意")

    # WeChat ─────────────────────────────────────────────────────────────────────────────────

    async def sandbox(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the sandbox's control API."""
        async with self._http.request(
            method, f"{self._sandbox_url}/sandbox/{path}", json=body
        ) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def fault(self, api: str, kind: str, **more: Any) -> None:
        """Make the platform misbehave until told otherwise."""
        await self.sandbox("PUT", "faults", {"api": api, "kind": kind, **more})

    async def calls(self, api: str) -> dict[str, int]:
        """How often the product called an API, by errcode."""
        counted: dict[str, dict[str, int]] = await self.sandbox("GET", "counters")
        return counted.get(api, {})

    def member(self, userid: str) -> Member:
        return Member(self, userid)

    def customer(self, openid: str = "oLiLei") -> Customer:
        return Customer(self, openid)


@dataclass(slots=True)
class Member:
    """Somebody of a dealer with WeCom in hand."""

    loop: Loop
    userid: str

    async def phone(self) -> list[dict[str, Any]]:
        """Everything the app wrote to this phone and WeCom let through, oldest first."""
        seen = await self.loop.sandbox("GET", f"staff/{self.userid}/messages")
        return [m for m in seen["messages"] if m["sender"] == "app" and not m["dropped"]]

    async def texts(self) -> list[str]:
        return [m["content"]["content"] for m in await self.phone() if m["kind"] == "text"]

    async def last_text(self) -> str:
        return ([""] + await self.texts())[-1]

    async def cards(self, kind: str = "") -> list[Card]:
        """Cards as they look now; `kind` as in lead, follow_up, defeat, pick, transfer, reason."""
        found = [m["content"] for m in await self.phone() if m["kind"] == "template_card"]
        return [Card(self, c) for c in found if c["task_id"].startswith(kind)]

    async def card(self, kind: str = "") -> Card:
        """The newest card of a kind."""
        return (await self.cards(kind))[-1]

    async def answer_since(self, heard: int) -> str:
        """What came after so many messages: the last text, else the last confirmation."""
        new = (await self.phone())[heard:]
        texts = [m["content"]["content"] for m in new if m["kind"] == "text"]
        cards = [Card(self, m["content"]) for m in new if m["kind"] == "template_card"]
        confirmed = [card.text for card in cards if card.task_id.startswith("confirm")]
        return [*confirmed, *texts, ""][len(confirmed + texts) - 1]

    async def says(self, words: str, *, copies: int = 1) -> str:
        """Write to the app; returns its answer: a text, else the card that repeats the record."""
        heard = len(await self.phone())
        await self.loop.sandbox(
            "POST", f"staff/{self.userid}/text", {"content": words, "copies": copies}
        )
        await self.loop.settle()
        return await self.answer_since(heard)

    async def click(self, task_id: str, key: str, **more: Any) -> None:
        body = {"task_id": task_id, "key": key, **more}
        await self.loop.sandbox("POST", f"staff/{self.userid}/click", body)


@dataclass(slots=True)
class Card:
    """A template card on somebody's phone."""

    member: Member
    content: dict[str, Any]

    @property
    def task_id(self) -> str:
        return str(self.content["task_id"])

    @property
    def replaced(self) -> str | None:
        """What stands where the buttons were; None while they can be pressed."""
        return self.content["replaced"]

    @property
    def buttons(self) -> list[str]:
        return list(self._keys)

    @property
    def text(self) -> str:
        """Every word on the card."""
        card = self.content["card"]
        lines = [
            f"{line['keyname']} {line.get('value', '')}"
            for line in card.get("horizontal_content_list", [])
        ]
        head = [card.get("source", {}).get("desc", ""), card["main_title"]["title"]]
        return "\n".join([*head, card.get("sub_title_text", ""), *lines])

    async def press(self, button: str, **more: Any) -> None:
        """Press a button by its text, and let everything happen."""
        await self.tap(button, **more)
        await self.member.loop.settle()

    async def tap(self, button: str, **more: Any) -> None:
        """Press a button without waiting for more than the callback's answer."""
        await self.member.click(self.task_id, self._keys[button], **more)

    @property
    def _keys(self) -> dict[str, str]:
        card = self.content["card"]
        listed = card["button_list"] if "button_list" in card else [card["submit_button"]]
        return {b["text"]: b["key"] for b in listed}


@dataclass(slots=True)
class Customer:
    """Somebody with WeChat who may follow the official account."""

    loop: Loop
    openid: str

    async def does(self, action: str, **body: Any) -> dict[str, Any]:
        """Act and return how the callback went; what follows by itself has happened."""
        done = await self.loop.sandbox("POST", f"customers/{self.openid}/{action}", body)
        await self.loop.settle()
        return done["delivery"]

    async def says(self, words: str, **more: Any) -> str:
        """Write to the account; returns the answer in the callback's own reply, if any."""
        return shown(await self.does("text", content=words, **more))

    async def phone(self) -> list[dict[str, Any]]:
        """What the account wrote, oldest first."""
        seen = await self.loop.sandbox("GET", f"customers/{self.openid}/messages")
        return [m for m in seen["messages"] if m["sender"] == "account"]

    async def heard(self) -> list[str]:
        """The words of all that, whatever its form."""
        return [_words(m["content"]) for m in await self.phone()]

    async def picks(self) -> dict[str, str]:
        """What the newest message offers to tap: its label, and what tapping says."""
        content = (await self.phone())[-1]["content"]
        if "list" in content:
            return {row["content"]: row["content"] for row in content["list"]}
        links = _TAPPED.finditer(content.get("content", ""))
        return {link["label"]: unquote(link["says"]) for link in links}

    async def taps(self, label: str) -> str:
        """Tap what begins with these words; returns the answer."""
        picks = await self.picks()
        says = next(says for shown, says in picks.items() if shown.startswith(label))
        return await self.says(says, bizmsgmenuid="1")

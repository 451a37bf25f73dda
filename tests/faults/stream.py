"""Steady traffic, as its senders behave: a source posts a lead until it is taken, WeChat delivers
a message three times at most. What was acknowledged must be there once afterwards."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Any, Self

import aiohttp

from benchmarks.organisation import a_lead
from benchmarks.wechat import OA, WECOM, App, callback, text_message
from tests.faults.system import Outside, System

LEADS_PER_S = 3.0
TEXTS_PER_S = 6.0
NOTES_PER_S = 2.0
PEOPLE = 8
WECHAT_WAITS_S = 5.0
WECHAT_TRIES = 3
BETWEEN_TRIES_S = 1.5
SETTLES_WITHIN_S = 150.0
_NUMBER = re.compile(r"#(\d+)")
_IN_DIGEST = re.compile(r"新线索 #(\d+)")
_ids = count(25_000_000_000_000_000)
_marks = count(1)


@dataclass(slots=True)
class Score:
    """What was acknowledged, and what became of it."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    """What WeCom took and kept from a phone, because there was too much within its minute."""
    given_up: int = 0

    def __str__(self) -> str:
        return (
            f"acknowledged {self.acknowledged}, lost {len(self.lost)}, "
            f"duplicated {len(self.duplicated)}, dropped by WeCom {len(self.dropped)}; "
            f"never acknowledged {self.given_up}"
        )


class Stream:
    """Traffic between `async with` and its end; `settled` then counts."""

    def __init__(
        self, system: System, outside: Outside, *, leads_per_s: float = LEADS_PER_S
    ) -> None:
        self._leads_per_s = leads_per_s
        self._system, self._outside = system, outside
        self._tasks: set[asyncio.Task[None]] = set()
        self._running = False
        self._talkers: list[tuple[str, str, str]] = []
        """(openid, lead, its adviser) of customers who keep writing."""
        self.leads: dict[str, str] = {}
        """external id → lead id of every acknowledged lead."""
        self.messages: dict[str, str] = {}
        """mark → lead id of every acknowledged message."""
        self.given_up = 0
        self.callbacks_s: list[float] = []
        """How long each delivery waited for its answer."""
        self.answered_at: list[float] = []
        self.refused: list[str] = []
        """Deliveries that were not answered with 200, with what they were answered."""

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200))
        await self._introduce()
        self._running = True
        for per_second, send in (
            (self._leads_per_s, self._send_lead),
            (TEXTS_PER_S, self._send_text),
            (NOTES_PER_S, self._send_note),
        ):
            self._spawn(self._every(1 / per_second, send))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop sending and wait for the answers of what was sent."""
        self._running = False
        if error is None:
            await asyncio.gather(*self._tasks)
        for task in self._tasks:
            task.cancel()
        await self._http.close()

    async def settled(self) -> Score:
        """Wait until nothing acknowledged is missing any more, or for too long."""
        deadline = time.monotonic() + SETTLES_WITHIN_S
        while (score := await self._count()).lost and time.monotonic() < deadline:
            await asyncio.sleep(2)
        return score

    # senders ────────────────────────────────────────────────────────────────────────────────

    async def _introduce(self) -> None:
        """Leads of the people who will write, each with its adviser."""
        organisation = self._system.machine.organisation
        for number in range(PEOPLE):
            openid = f"oFault{next(_ids)}"
            body = a_lead(organisation, f"talker-{openid}", number)
            body["customer"]["openid"] = openid
            lead_id = await self._outside.post_lead(body)
            lead = await self._outside.api("GET", f"leads/{lead_id}")
            self.leads[body["external_id"]] = lead_id
            self._talkers.append((openid, lead_id, lead["assignment"]["userid"]))

    async def _every(self, seconds: float, send: Callable[[int], Awaitable[None]]) -> None:
        for number in count():
            if not self._running:
                return
            self._spawn(send(number))
            await asyncio.sleep(seconds)

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)

    async def _send_lead(self, number: int) -> None:
        body = a_lead(self._system.machine.organisation, f"fault-{next(_ids)}", number)
        self.leads[body["external_id"]] = await self._outside.post_lead(body)

    async def _send_text(self, number: int) -> None:
        openid, lead_id, _ = self._talkers[number % PEOPLE]
        mark = f"q{next(_marks)}x"
        await self._deliver(OA, openid, f"探岳多少钱 {mark}", mark, lead_id)

    async def _send_note(self, number: int) -> None:
        _, lead_id, userid = self._talkers[number % PEOPLE]
        mark = f"n{next(_marks)}x"
        note = f"#{lead_id} 打通了，客户还在比较 {mark}"
        await self._deliver(WECOM, userid, note, mark, lead_id)

    async def _deliver(self, app: App, sender: str, text: str, mark: str, lead_id: str) -> None:
        """WeChat's side: the same message up to three times, each sealed anew."""
        clear = text_message(app, sender, next(_ids), text)
        for _ in range(WECHAT_TRIES):
            started = time.monotonic()
            try:
                answered = str(await self._post_callback(app, clear))
            except (aiohttp.ClientError, TimeoutError) as error:
                answered = type(error).__name__
            self.callbacks_s.append(time.monotonic() - started)
            if answered == "200":
                self.answered_at.append(time.monotonic())
                self.messages[mark] = lead_id
                return
            self.refused.append(f"{mark}: {answered}")
            await asyncio.sleep(BETWEEN_TRIES_S)
        self.given_up += 1

    async def _post_callback(self, app: App, clear: bytes) -> int:
        target, body = callback(app, clear)
        async with self._http.post(
            self._system.product + target,
            data=body,
            timeout=aiohttp.ClientTimeout(total=WECHAT_WAITS_S),
        ) as answer:
            await answer.read()
            return answer.status

    @property
    def slowest_callback_s(self) -> float:
        return max(self.callbacks_s, default=0.0)

    # the count ──────────────────────────────────────────────────────────────────────────────

    async def _count(self) -> Score:
        score = Score(len(self.leads) + len(self.messages), given_up=self.given_up)
        await self._count_leads(score)
        await self._count_messages(score)
        await self._count_pushes(score)
        return score

    async def _count_leads(self, score: Score) -> None:
        for external_id, lead_id in self.leads.items():
            path = f"leads?source=dongchedi&external_id={external_id}"
            found = [lead["id"] for lead in (await self._outside.api("GET", path))["items"]]
            self._judge(score, f"lead {external_id}", len(found))
            if found and found != [lead_id]:
                score.lost.append(f"lead {external_id} became another")

    async def _count_messages(self, score: Score) -> None:
        seen: Counter[str] = Counter()
        for _, lead_id, _ in self._talkers:
            for line in await self._outside.timeline(lead_id):
                if line["kind"] in {"message_in", "follow_up"}:
                    seen.update(re.findall(r"\b[qn]\d+x\b", line["text"]))
        for mark in self.messages:
            self._judge(score, f"message {mark}", seen[mark])

    async def _count_pushes(self, score: Score) -> None:
        """A lead that was dispatched has exactly one card on exactly one phone, or one line in the
        digest of who gets too much a minute."""
        cards: Counter[str] = Counter()
        for userid, _ in self._system.machine.organisation.staff():
            phone = await self._outside.sandbox("GET", f"staff/{userid}/messages")
            for message in phone["messages"]:
                content = json.dumps(message["content"], ensure_ascii=False)
                if message["dropped"]:
                    score.dropped.append(f"{userid}: {content[:200]}")
                    continue
                cards.update(_IN_DIGEST.findall(content))
                task = str(message["content"].get("task_id", ""))
                if task.startswith("lead-"):
                    found = _NUMBER.search(content)
                    cards[found[1] if found else task] += 1
        for lead_id in self.leads.values():
            self._judge(score, f"card of lead {lead_id}", cards[lead_id])

    def _judge(self, score: Score, what: str, times: int) -> None:
        if times == 0:
            score.lost.append(what)
        elif times > 1:
            score.duplicated.append(f"{what}: {times} times")

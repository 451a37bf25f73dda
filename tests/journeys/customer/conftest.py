"""Han Meimei follows the account; nobody has heard of her yet."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from db.models import Appointment
from tests.journeys.loop import Customer, Loop

OPENID = "oHanMeimei"
PHONE = "13912345678"
MASKED = "139****5678"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A customer with the account on the phone, and what has come of the talk so far."""

    loop: Loop
    customer: Customer

    async def says(self, words: str, *answers: str) -> str:
        """Write; every one of `answers` must be in what the account replies."""
        told = await self.customer.says(words)
        assert len(told.encode()) <= 2048
        for answer in answers:
            assert answer in told, f"{words!r} was answered {told!r}"
        return told

    async def talks(self, dialogue: str) -> None:
        """A dialogue as it is read: "客：…" is written, "号：…" must be in the answer to it."""
        told = ""
        for line in filter(None, map(str.strip, dialogue.splitlines())):
            who, _, words = line.partition("：")
            if who == "客":
                told = await self.says(words)
            else:
                assert words in told, f"{words!r} is not in {told!r}"

    async def leads(self) -> list[dict]:
        return (await self.loop.api("GET", "leads"))["items"]

    async def lead(self) -> dict:
        """The one lead there is."""
        (found,) = await self.leads()
        return found

    async def drives(self) -> list[tuple[str, str]]:
        """State and local start of every test drive, also of one that is only held."""
        zone = self.loop.leadloop.settings.zone
        rows = await Appointment.all().order_by("id")
        return [(row.state, f"{row.start_at.astimezone(zone):%m-%d %H:%M}") for row in rows]


async def follow(loop: Loop, openid: str = OPENID, scene: str = "") -> Visitor:
    customer = loop.customer(openid)
    await customer.does("follow", **({"scene": scene} if scene else {}))
    return Visitor(loop, customer)


@pytest.fixture
async def visitor(loop: Loop) -> Visitor:
    return await follow(loop)

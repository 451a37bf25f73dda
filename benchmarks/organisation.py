"""Dealers and advisers wide enough that no quota of a single one decides the result."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import aiohttp

KEY = "benchmark-key"
CALLS_AT_ONCE = 8
MODEL = "tayron"

_phones = count(13_000_000_000)


@dataclass(frozen=True, slots=True)
class Organisation:
    """So many dealers that are always open, with so many advisers each."""

    dealers: int
    advisers: int

    @property
    def dealer_codes(self) -> list[str]:
        return [f"D{number:02d}" for number in range(self.dealers)]

    def staff(self) -> Iterator[tuple[str, str]]:
        """(userid, dealer code) of every adviser."""
        for dealer in self.dealer_codes:
            for number in range(self.advisers):
                yield f"{dealer.lower()}a{number:02d}", dealer

    def as_toml(self) -> str:
        """What the sandbox is told of it."""
        return "\n".join(
            f'[[staff]]\nuserid = "{userid}"\nname = "{userid}"\ndealer = "{dealer}"\n'
            for userid, dealer in self.staff()
        )

    async def load(self, port: int) -> None:
        """Put everything by the API."""
        async with aiohttp.ClientSession(
            f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {KEY}"}
        ) as http:
            for parts in (self._top(), self._dealers(), self._advisers()):
                room = asyncio.Semaphore(CALLS_AT_ONCE)
                await asyncio.gather(*(_put(http, room, path, body) for path, body in parts))

    def _top(self) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "regions/NE", {"name": "东北大区"}
        yield (
            f"models/{MODEL}",
            {
                "name": "探岳",
                "aliases": ["Tayron"],
                "guide_price": [199900, 269900],
                "energy": "petrol",
                "on_sale": True,
                "highlights": ["空间大"],
            },
        )

    def _dealers(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for code in self.dealer_codes:
            yield (
                f"dealers/{code}",
                {
                    "name": f"长春{code}店",
                    "region": "NE",
                    "city": "长春",
                    "address": "示范路 1 号",
                    "lat": 43.8,
                    "lng": 125.3,
                    "phone": "0431-00000001",
                    "hours": "always",
                    "models": "all",
                    "open": True,
                },
            )

    def _advisers(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for userid, dealer in self.staff():
            yield (
                f"staff/{userid}",
                {
                    "name": userid,
                    "dealer_code": dealer,
                    "role": "adviser",
                    "on_duty": True,
                    "capacity": 10_000,
                },
            )


WIDE = Organisation(dealers=20, advisers=10)


def a_lead(organisation: Organisation, external_id: str, number: int) -> dict[str, Any]:
    """A lead of somebody new, at one dealer after the other."""
    dealers = organisation.dealer_codes
    return {
        "source": "dongchedi",
        "external_id": external_id,
        "customer": {"name": "李雷", "phone": str(next(_phones)), "city": "长春"},
        "intent": {
            "model": MODEL,
            "dealer_code": dealers[number % len(dealers)],
            "purchase_window_days": 7,
            "message": "想看探岳，本周能试驾吗",
        },
        "consent": {
            "purposes": ["contact", "share_with_dealer", "marketing"],
            "version": "2026-01",
            "channel": "dongchedi_form",
        },
    }


async def _put(
    http: aiohttp.ClientSession, room: asyncio.Semaphore, path: str, body: dict[str, Any]
) -> None:
    async with room, http.put(f"/api/v1/{path}", json=body) as answer:
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {await answer.text()}")

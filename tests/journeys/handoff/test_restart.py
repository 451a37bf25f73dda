"""A conversation is rows: it goes on after a restart, and its clocks with it."""

from bootstrap import build
from tests.journeys.handoff.conftest import Talk


async def test_a_conversation_survives_a_restart(talk: Talk) -> None:
    loop = talk.loop
    await talk.customer.says("人工")
    await loop.leadloop.stop()

    loop.leadloop = await build(loop.leadloop.settings, loop.clock)
    try:
        await loop.leadloop.start_http()
        await loop.leadloop.start_worker(sole=True)
        await loop.pass_time(minutes=3, seconds=1)
        assert "李雷" in await loop.member("zhaomin").last_text()
        await talk.adviser.says("在的")
        assert (await talk.last_heard()).endswith("在的")
    finally:
        await loop.leadloop.stop()

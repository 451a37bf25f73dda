"""A conversation is rows: it goes on after a restart, and its clocks with it."""

from tests.journeys.handoff.conftest import Talk, restarted


async def test_a_conversation_survives_a_restart(talk: Talk) -> None:
    await talk.customer.says("人工")
    async with restarted(talk.loop):
        await talk.loop.pass_time(minutes=3, seconds=1)
        assert "李雷" in await talk.loop.member("zhaomin").last_text()
        await talk.adviser.says("在的")
        assert (await talk.last_heard()).endswith("在的")

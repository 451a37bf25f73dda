"""李雷 waits: the next person is called every three minutes, then he is told the truth."""

from tests.journeys.handoff.conftest import Talk


async def test_the_next_one_is_called_and_at_last_the_truth_is_told(any_talk: Talk) -> None:
    talk = any_talk
    dcc, manager = talk.loop.member("zhaomin"), talk.loop.member("sunli")
    await talk.customer.says("人工")

    await talk.loop.pass_time(minutes=2, seconds=59)
    assert not any("请求人工" in text for text in await dcc.texts())
    await talk.loop.pass_time(seconds=2)
    assert "李雷" in await dcc.last_text()
    assert "赵敏" in await talk.adviser.last_text()

    await talk.loop.pass_time(minutes=3)
    assert "李雷" in await manager.last_text()

    await talk.loop.pass_time(minutes=3)
    assert "没能及时回复" in await talk.last_heard()
    for person in (talk.adviser, dcc, manager):
        assert "请尽快联系" in await person.last_text()
    assert "万元" in await talk.customer.says("探岳多少钱")


async def test_who_answers_late_still_reaches_the_customer(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.loop.pass_time(minutes=4)

    await talk.adviser.says("抱歉刚才在试驾")
    assert (await talk.last_heard()).endswith("抱歉刚才在试驾")
    assert "接手" in await talk.loop.member("zhaomin").last_text()
    await talk.loop.pass_time(minutes=10)
    assert "没能及时回复" not in "".join(await talk.heard())


async def test_an_answer_stops_the_clock_until_the_customer_waits_again(talk: Talk) -> None:
    dcc = talk.loop.member("zhaomin")
    await talk.customer.says("人工")
    await talk.loop.pass_time(minutes=2)
    await talk.adviser.says("您好")
    await talk.loop.pass_time(minutes=5)
    assert not any("请求人工" in text for text in await dcc.texts())

    await talk.customer.says("有现车吗")
    await talk.loop.pass_time(minutes=3, seconds=1)
    assert "有现车吗" in await dcc.last_text()


async def test_silence_gives_the_customer_back_to_the_bot(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.adviser.says("您好")
    await talk.loop.pass_time(minutes=29)
    assert await talk.customer.says("我想想") == ""
    await talk.adviser.says("好的")

    await talk.loop.pass_time(minutes=31)
    assert "自动结束" in await talk.adviser.last_text()
    assert "万元" in await talk.customer.says("探岳多少钱")
    assert "没有进行中" in await talk.adviser.says("结束")


async def test_an_answer_within_the_same_second_does_not_make_it_last_for_ever(talk: Talk) -> None:
    """The clock that is set again at the end of the silence is another one."""
    talk.loop.clock.advance(0.6)
    await talk.customer.says("人工")
    talk.loop.clock.advance(0.6)
    await talk.adviser.says("您好")
    await talk.loop.pass_time(minutes=31)
    assert "自动结束" in await talk.adviser.last_text()


async def test_who_leaves_the_company_talks_to_nobody(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.loop.api(
        "PUT",
        f"staff/{talk.adviser.userid}",
        {"name": "前同事", "dealer_code": "CC01", "role": "adviser", "active": False},
    )
    await talk.loop.settle()
    assert "李雷" in await talk.loop.member("zhaomin").last_text()

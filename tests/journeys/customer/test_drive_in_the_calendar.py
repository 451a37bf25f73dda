"""The booking is an article; behind it a page with the way there and a file for the calendar."""

import aiohttp

from tests.journeys.customer.conftest import PHONE, Visitor


async def _open(path: str) -> tuple[int, str, dict[str, str]]:
    async with aiohttp.ClientSession() as http, http.get(path) as answer:
        return answer.status, await answer.text(), dict(answer.headers)


async def _booked(visitor: Visitor) -> str:
    await visitor.says("周六下午3点想在长春净月店试驾探岳", "为您留好了")
    done = await visitor.customer.does("text", content=f"同意 {PHONE}")
    article = done["reply"]["Articles"]["item"]
    assert article["Title"] == "约好了：周六（11月28日）15:00，长春净月店，试驾探岳"
    return str(article["Url"])


async def test_page_and_file_follow_the_booking(visitor: Visitor) -> None:
    url = await _booked(visitor)
    status, page, _ = await _open(url)
    assert status == 200
    for told in ("试驾探岳", "周六（11月28日）15:00", "长春净月店", "0431-00000001", "看路线"):
        assert told in page
    assert PHONE not in page
    status, file, headers = await _open(f"{url}.ics")
    assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert "DTSTART:20261128T070000Z" in file

    done = await visitor.customer.does("text", content="试驾改到周日上午10点")
    assert done["reply"]["Articles"]["item"]["Url"] == url
    assert "DTSTART:20261129T020000Z" in (await _open(f"{url}.ics"))[1]
    await visitor.says("取消试驾", "已取消")
    assert "已取消" in (await _open(url))[1]
    assert "STATUS:CANCELLED" in (await _open(f"{url}.ics"))[1]


async def test_nobody_finds_the_page_of_another(visitor: Visitor) -> None:
    url = await _booked(visitor)
    home, _, key = url.rpartition("/")
    number, _, mark = key.partition("-")
    for guess in (f"{int(number) + 1}-{mark}", f"{number}-{mark[:-1]}0{mark[-1]}", number, "x"):
        assert (await _open(f"{home}/{guess}"))[0] == 404
        assert (await _open(f"{home}/{guess}.ics"))[0] == 404

"""The demo comes in completely, once, and never undoes what somebody changed."""

import tomllib

import bootstrap
from db.models import CarModel, Dealer, Region, Staff
from demo.load import FOLDER, load_demo
from domain.commands import SetDuty
from settings import Settings


async def test_the_demo_is_complete_and_a_second_load_changes_nothing(sqlite_url):
    settings = Settings(secret_key="k" * 32, database_url=sqlite_url)
    wanted = tomllib.loads((FOLDER / "organisation.toml").read_text(encoding="utf-8"))
    async with bootstrap.desk(settings) as desk:
        await load_demo(desk.bus.execute)
        counts = [await model.all().count() for model in (Region, Dealer, Staff, CarModel)]
        assert counts[:3] == [len(wanted[name]) for name in ("region", "dealer", "staff")]
        assert counts[3] == 15

        await desk.bus.execute(SetDuty("wangfang", on_duty=False, by="staff:wangfang"))
        await load_demo(desk.bus.execute)

        assert not (await Staff.get(userid="wangfang")).on_duty


async def test_a_load_that_was_interrupted_is_finished(sqlite_url):
    settings = Settings(secret_key="k" * 32, database_url=sqlite_url)
    async with bootstrap.desk(settings) as desk:
        done = []

        async def until_it_breaks(command):
            if len(done) == 20:
                raise ConnectionError
            done.append(await desk.bus.execute(command))

        try:
            await load_demo(until_it_breaks)
        except ConnectionError:
            await load_demo(desk.bus.execute)

        assert await Staff.exists(userid="ops")

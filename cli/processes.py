"""`serve`, `worker` and `migrate`: one process each, of as many as there is work for."""

from contextlib import AsyncExitStack

from cli.collector import leave_what_is_loaded
from cli.faq_file import check_faq
from cli.lock import only_one
from cli.ports import check_port
from cli.stopping import stop_on_signals
from cli.storage import database_needed
from cli.telemetry import traced_to
from db.migrate import migrate as apply_migrations
from settings import VERSION, Settings


async def serve(settings: Settings) -> None:
    """HTTP until a signal. Raises CannotStart."""
    check_port(settings, settings.port)
    await _run(settings, http=True)


async def work(settings: Settings) -> None:
    """The worker until a signal. Raises CannotStart."""
    if settings.metrics_port:
        check_port(settings, settings.metrics_port)
    await _run(settings, http=False)


async def migrate(settings: Settings) -> list[str]:
    """Bring the schema up to date and return what was applied. Raises CannotStart."""
    with database_needed(settings):
        return await apply_migrations(settings.database_url)


async def _run(settings: Settings, *, http: bool) -> None:
    wanted_stop = stop_on_signals()
    check_faq()
    import bootstrap  # heavy, and `migrate` does without

    async with AsyncExitStack() as stack:
        if settings.uses_sqlite:
            stack.enter_context(only_one(settings.data_dir))
        spans = await stack.enter_async_context(traced_to(settings, VERSION))
        with database_needed(settings):
            leadloop = await bootstrap.build(settings, spans=spans)
        stack.push_async_callback(leadloop.stop)
        if http:
            await leadloop.start_http()
            await leadloop.start_relay()
        else:
            await leadloop.start_monitor()
            await leadloop.start_worker()
        leave_what_is_loaded()
        await wanted_stop.wait()

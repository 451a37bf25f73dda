"""`run`: everything on this machine, from an empty folder to a page that can be used."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from rich.console import Console

from cli.announce import announce
from cli.collector import leave_what_is_loaded
from cli.faq_file import check_faq
from cli.lock import only_one
from cli.ports import check_port, free_port
from cli.sandbox_process import SandboxProcess
from cli.stopping import stop_on_signals
from cli.telemetry import traced_to
from cli.trouble import CannotStart
from settings import VERSION, Settings


async def run_everything(settings: Settings, with_sandbox: bool) -> None:
    """Start all, tell where, run until a signal, stop all. Raises CannotStart."""
    console = Console()
    wanted_stop = stop_on_signals()
    async with AsyncExitStack() as stack:
        stack.enter_context(only_one(settings.data_dir))
        check_port(settings, settings.port)
        check_faq()
        sandbox = await _start_sandbox(settings, stack, console) if with_sandbox else None
        settings = await _start_leadloop(_towards(sandbox, settings), with_sandbox, stack)
        if sandbox:
            from cli.account import push_menu  # heavy, and loaded by now

            await sandbox.ready()
            await push_menu(settings)
        leave_what_is_loaded()
        announce(console, settings, sandbox.url if sandbox else None)
        await _until_the_end(wanted_stop, sandbox)
        console.print("Stopping …")


async def _start_leadloop(settings: Settings, with_demo: bool, stack: AsyncExitStack) -> Settings:
    """Redis, schema, demo, HTTP and worker; everything ends with `stack`."""
    import bootstrap  # heavy, and the sandbox starts meanwhile
    from cli.bundled_redis import with_redis
    from cli.processes import migrate
    from demo.load import load_demo

    settings = await with_redis(settings, stack)
    await migrate(settings)
    spans = await stack.enter_async_context(traced_to(settings, VERSION))
    leadloop = await bootstrap.build(settings, spans=spans)
    stack.push_async_callback(leadloop.stop)
    if with_demo:
        await load_demo(leadloop.bus.execute)
    await leadloop.start_http()
    await leadloop.start_worker(sole=settings.uses_sqlite)
    return settings


async def _until_the_end(wanted_stop: asyncio.Event, sandbox: SandboxProcess | None) -> None:
    """Return at the signal; raise CannotStart if the sandbox ends before it."""
    stopping = asyncio.create_task(wanted_stop.wait())
    waiting: set[asyncio.Task[Any]] = {stopping}
    if sandbox:
        waiting.add(asyncio.create_task(sandbox.ended()))
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if not stopping.done():
        raise CannotStart("the sandbox has ended by itself, so this run ends too")


async def _start_sandbox(
    settings: Settings, stack: AsyncExitStack, console: Console
) -> SandboxProcess:
    port = await free_port("127.0.0.1", settings.sandbox_port)
    if port != settings.sandbox_port:
        console.print(f"Port {settings.sandbox_port} is taken: the sandbox is on {port}.")
    sandbox = await SandboxProcess.start(settings, port)
    stack.push_async_callback(sandbox.stop)
    return sandbox


def _towards(sandbox: SandboxProcess | None, settings: Settings) -> Settings:
    """The same settings, with calls to the sandbox's usual port going where it really is."""
    if sandbox is None:
        return settings
    usual = f"http://127.0.0.1:{settings.sandbox_port}"
    moved = {
        name: sandbox.url
        for name in ("oa_api_base", "wecom_api_base", "wecom_oauth_base", "wecom_login_base")
        if getattr(settings, name) == usual
    }
    return settings.model_copy(update=moved)

"""The commands of Leadloop. `python manage.py --help` lists them, docs/operations.md tells when.

Everything heavy is imported inside the command that needs it, so that each starts at once.
"""

import io
import json
import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from settings import Settings

WIDE = 240
STOPPED_BY_A_PROBLEM = 1
STOPPED_BY_SETTINGS = 2

app = typer.Typer(
    help="Leadloop: no car-buying lead goes cold.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

menu = typer.Typer(help="The official account's menu.", no_args_is_help=True)
qrcode = typer.Typer(help="Codes that lead to the official account.", no_args_is_help=True)
app.add_typer(menu, name="menu")
app.add_typer(qrcode, name="qrcode")

Sandbox = Annotated[
    bool, typer.Option("--sandbox", help="Use the WeChat sandbox and its credentials.")
]
Host = Annotated[str | None, typer.Option(help="Listen there instead of LEADLOOP_HOST.")]
Port = Annotated[int | None, typer.Option(help="Listen there instead of LEADLOOP_PORT.")]


class Role(StrEnum):
    """Whose sentences `understand` reads."""

    CUSTOMER = "customer"
    ADVISER = "adviser"


class Without(StrEnum):
    """What `simulate` can leave out."""

    SLA = "sla"
    REMARKETING = "remarketing"
    BOTH = "both"

    @property
    def parts(self) -> frozenset[str]:
        return frozenset({"sla", "remarketing"} if self is Without.BOTH else {self.value})


@app.command()
def run(sandbox: Sandbox = False, host: Host = None, port: Port = None) -> None:
    """Everything on this machine: HTTP, worker, a Redis if none is given, a sandbox if asked."""
    settings = _settings(sandbox, host, port)
    from cli.run import run_everything

    _finish(run_everything(settings, sandbox))


@app.command()
def serve(sandbox: Sandbox = False, host: Host = None, port: Port = None) -> None:
    """One HTTP process. Start as many as you like on one PostgreSQL and one Redis."""
    settings = _settings(sandbox, host, port)
    from cli import processes

    _finish(processes.serve(settings))


@app.command()
def worker(sandbox: Sandbox = False) -> None:
    """One worker process. Start as many as you like on one PostgreSQL and one Redis."""
    settings = _settings(sandbox)
    from cli import processes

    _finish(processes.work(settings))


@app.command()
def migrate(sandbox: Sandbox = False) -> None:
    """Bring the schema up to date. Safe to repeat, and from two machines at once."""
    settings = _settings(sandbox)
    from cli import processes

    applied = _finish(processes.migrate(settings))
    typer.echo(f"applied: {', '.join(applied)}" if applied else "the schema is up to date")


@app.command()
def check(sandbox: Sandbox = False) -> None:
    """The doctor: looks at everything, says in one line each what to do."""
    settings = _settings(sandbox)
    from rich.console import Console

    from cli.doctor import examine
    from cli.show_findings import show

    if not show(_finish(examine(settings)), Console()):
        raise typer.Exit(STOPPED_BY_A_PROBLEM)


@app.command("import-leads")
def import_leads(
    file: Annotated[Path, typer.Argument(help="A CSV or XLSX file; headings may be Chinese.")],
    sandbox: Sandbox = False,
) -> None:
    """Take the leads of a file in. Bad rows go to FILE.errors.csv; safe to run again."""
    settings = _settings(sandbox)
    from rich.console import Console

    from cli.import_leads import import_file

    _finish(import_file(settings, file, Console()))


@app.command("create-key")
def create_key(
    name: Annotated[str, typer.Argument(help="Who will use it.")],
    scope: Annotated[
        list[str], typer.Option(help="leads:write, leads:read, org:write, ops or admin.")
    ],
    sandbox: Sandbox = False,
) -> None:
    """Make an API key and print it once; only its hash is kept."""
    settings = _settings(sandbox)
    from cli.create_key import create

    typer.echo(_finish(create(settings, name, scope)))


@app.command("create-account")
def create_account(
    userid: Annotated[str, typer.Argument(help="What they sign in with.")],
    name: Annotated[str, typer.Option(help="Their name, if they are not among the staff.")] = "",
    role: Annotated[str, typer.Option(help="brand_ops or ops, likewise.")] = "",
    sandbox: Sandbox = False,
) -> None:
    """Let somebody sign in at the console without WeCom; prints a password to be changed."""
    settings = _settings(sandbox)
    from cli.sign_in_accounts import create

    typer.echo(_finish(create(settings, userid, name, role)))


@app.command("reset-password")
def reset_password(
    userid: Annotated[str, typer.Argument(help="Whose password was forgotten.")],
    sandbox: Sandbox = False,
) -> None:
    """Give an account a new password, to be changed, and sign it out everywhere."""
    settings = _settings(sandbox)
    from cli.sign_in_accounts import reset

    typer.echo(_finish(reset(settings, userid)))


@app.command("rotate-keys")
def rotate_keys(sandbox: Sandbox = False) -> None:
    """Seal all that is kept with LEADLOOP_SECRET_KEY; then LEADLOOP_SECRET_KEY_PREVIOUS can go."""
    settings = _settings(sandbox)
    from cli.rotate_keys import rotate

    _finish(rotate(settings))
    typer.echo("every phone and secret is sealed with the current key")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; must not exist yet.")],
    sandbox: Sandbox = False,
) -> None:
    """Write everything that is remembered to one file, while the system runs."""
    settings = _settings(sandbox)
    from cli.backup import save

    typer.echo(f"{file}: {_finish(save(settings, file)).size}, checked")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in place of what the database holds.")
    ] = False,
    sandbox: Sandbox = False,
) -> None:
    """Put a backup into the database, count it, bring the schema up to date."""
    settings = _settings(sandbox)
    from cli.backup import restore as put_back

    manifest = _finish(put_back(settings, file, replace=replace))
    typer.echo(f"restored {manifest.size}, as they stood at {manifest.made_at}")


@app.command("draw-profiles")
def draw_profiles(sandbox: Sandbox = False) -> None:
    """Work all customers' profiles out anew; says how many were not as they should be."""
    settings = _settings(sandbox)
    from cli.draw_profiles import draw

    typer.echo(f"{_finish(draw(settings))} profiles were not as they should be")


@app.command()
def simulate(
    seed: Annotated[list[int] | None, typer.Option(help="May be given several times.")] = None,
    leads: Annotated[int, typer.Option(min=1, help="Customers who come.")] = 1000,
    days: Annotated[int, typer.Option(min=1, help="Days over which they come.")] = 90,
    tail: Annotated[int, typer.Option(min=1, help="So many days it goes on after.")] = 30,
    town: Annotated[int, typer.Option(min=1, help="At most so many customers a town.")] = 1000,
    jobs: Annotated[int, typer.Option(min=1, help="Towns played at the same time.")] = 1,
    without: Annotated[Without | None, typer.Option(help="Play it without these.")] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="The whole loop and each part left out.")
    ] = False,
    database_url: Annotated[
        str, typer.Option(help="An empty PostgreSQL database; else SQLite in memory.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="All figures as JSON.")] = False,
) -> None:
    """A market of made-up customers and advisers against the real handlers, in fast motion."""
    from rich.console import Console

    from cli import simulate as market

    market.get_ready()
    parts = without.parts if without else frozenset()
    variants = market.VARIANTS if compare else (parts,)
    wanted = market.Wanted(seed or [1], leads, days, variants, database_url, tail, town, jobs)
    with _told_plainly():
        played = market.simulate(wanted, Console(stderr=True))
    if as_json:
        typer.echo(market.as_json(played))
    else:
        width = None if sys.stdout.isatty() else WIDE  # a pipe or a file has room
        for table in market.tables(played):
            Console(width=width).print(table)
    if any(one.violations for one in played):
        raise typer.Exit(STOPPED_BY_A_PROBLEM)


@menu.command("show")
def show_menu(sandbox: Sandbox = False) -> None:
    """The official account's menu as WeChat has it now."""
    settings = _settings(sandbox)
    from cli import account

    typer.echo(json.dumps(_finish(account.show_menu(settings)), ensure_ascii=False, indent=2))


@menu.command("push")
def push_menu(sandbox: Sandbox = False) -> None:
    """Put the menu of texts/menu.toml there; followers see it within a day."""
    settings = _settings(sandbox)
    from cli import account

    typer.echo(f"pushed {_finish(account.push_menu(settings))} buttons")


@qrcode.command("create")
def create_code(
    dealer: Annotated[str, typer.Option(help="Code of the dealer it leads to.")] = "",
    staff: Annotated[str, typer.Option(help="User id of the adviser it leads to.")] = "",
    campaign: Annotated[str, typer.Option(help="Name of the campaign it belongs to.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write the picture: .png or .svg.")] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=30, help="Days it lives; else for good.")
    ] = None,
    sandbox: Sandbox = False,
) -> None:
    """Make a code that leads to the official account and print its address."""
    given = {"dealer": dealer, "staff": staff, "campaign": campaign}
    wanted = [(kind, value) for kind, value in given.items() if value]
    if len(wanted) != 1:
        raise typer.BadParameter("give one of --dealer, --staff, --campaign")
    settings = _settings(sandbox)
    from cli import account

    scene, url = _finish(account.create_code(settings, *wanted[0], out, days))
    typer.echo(f"{scene}  {url}")


@app.command()
def understand(
    role: Annotated[Role, typer.Option(help="Whose sentences they are.")],
    now: Annotated[str | None, typer.Option(help="Pretend it is this time (ISO 8601).")] = None,
) -> None:
    """Read one sentence a line, write what the bot understood as one JSON object a line."""
    from bot.understanding import command_line
    from bot.understanding.catalogue import load_catalogue
    from bot.understanding.times import HOME

    try:
        moment = datetime.fromisoformat(now) if now else datetime.now(HOME)
    except ValueError as error:
        raise typer.BadParameter("write it like 2026-11-23T10:00:00+08:00") from error
    sentences = io.TextIOWrapper(
        sys.stdin.buffer, encoding="utf-8", errors="replace", newline="\n"
    )
    answers = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", line_buffering=True)
    catalogue = load_catalogue(Path(__file__).parent / "demo" / "models.toml")
    command_line.run(role.value, sentences, moment, catalogue, answers.write)


def _settings(sandbox: bool, host: str | None = None, port: int | None = None) -> "Settings":
    """What the environment says, with options on top; a wrong setting ends the program."""
    for name, option in (("HOST", host), ("PORT", port)):
        if option is not None:
            os.environ[f"LEADLOOP_{name}"] = str(option)
    from settings import InvalidSettings, load_settings

    try:
        if sandbox:
            from cli.sandbox_secrets import sandbox_settings

            settings = sandbox_settings()
        else:
            settings = load_settings()
    except InvalidSettings as refusal:
        for problem in refusal.problems:
            typer.echo(f"error: {problem}", err=True)
        raise typer.Exit(STOPPED_BY_SETTINGS) from None
    from cli.logs import configure_logs
    from cli.telemetry import missing_extras

    if missing := missing_extras(settings):
        for problem in missing:
            typer.echo(f"error: {problem}", err=True)
        raise typer.Exit(STOPPED_BY_SETTINGS)
    configure_logs(settings)
    return settings


def _finish(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end; what a person can remove is told in one line."""
    import uvloop

    with _told_plainly():
        return uvloop.run(work)


@contextmanager
def _told_plainly() -> Iterator[None]:
    from cli.trouble import CannotStart

    try:
        yield
    except CannotStart as trouble:
        typer.echo(f"error: {trouble}", err=True)
        raise typer.Exit(STOPPED_BY_A_PROBLEM) from None


if __name__ == "__main__":
    sys.exit(app())

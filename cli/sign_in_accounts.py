"""`create-account` and `reset-password`: for who signs in at the console without WeCom."""

import bootstrap
from api.passwords import Passwords, temporary
from api.sign_in_limits import Limits
from cli.storage import database_needed
from cli.trouble import CannotStart
from db.queries import audit
from domain.account_commands import OpenAccount, SetPassword
from domain.commands import Command
from domain.errors import DomainError
from settings import Settings

BY = "system"


async def create(settings: Settings, userid: str, name: str, role: str) -> str:
    """Open an account; returns its password, to be changed. Raises CannotStart."""
    password = temporary()
    hashed = await Passwords().hash(password)
    command = OpenAccount(userid, hashed, BY, name, role)
    await _run(settings, command, "open_account", userid)
    return password


async def reset(settings: Settings, userid: str) -> str:
    """A new password, to be changed, and all tries anew. Raises CannotStart."""
    password = temporary()
    hashed = await Passwords().hash(password)
    command = SetPassword(userid, hashed, temporary=True)
    await _run(settings, command, "reset_password", userid)
    return password


async def _run(settings: Settings, command: Command, action: str, userid: str) -> None:
    try:
        with database_needed(settings):
            async with bootstrap.desk(settings) as desk:
                await desk.bus.execute(command)
                await audit.write(bootstrap.utc_now(), BY, action, userid, {})
                await Limits(bootstrap.utc_now).forget(userid, "password", "code")
    except DomainError as refusal:
        raise CannotStart(refusal.detail) from refusal

"""Accounts from the command line: the way in when nobody can get in."""

import pytest

import bootstrap
from api.passwords import Passwords
from cli.rotate_keys import rotate
from cli.sign_in_accounts import create, reset
from cli.trouble import CannotStart
from db.models import Account, AuditEntry, Staff
from domain.account_commands import BeginTotp, ConfirmTotp
from domain.totp import code_at, step_at
from settings import Settings

OLD, NEW = "o" * 32, "n" * 32


@pytest.fixture
def settings(sqlite_url):
    return Settings(secret_key=OLD, database_url=sqlite_url)


async def test_an_account_is_made_with_its_member_of_staff_and_a_password_to_change(settings):
    password = await create(settings, "wangwei", "王伟", "ops")

    async with bootstrap.desk(settings):
        account, staff = await Account.get(), await Staff.get()
        assert (staff.userid, staff.name, staff.role, staff.wecom) == (
            "wangwei",
            "王伟",
            "ops",
            False,
        )
        assert account.must_change
        assert await Passwords().matches(account.password_hash, password)
        assert [e.action for e in await AuditEntry.all()] == ["open_account"]


async def test_a_forgotten_password_is_replaced(settings):
    first = await create(settings, "wangwei", "王伟", "ops")
    second = await reset(settings, "wangwei")

    async with bootstrap.desk(settings):
        account = await Account.get()
        assert not await Passwords().matches(account.password_hash, first)
        assert await Passwords().matches(account.password_hash, second)


@pytest.mark.parametrize(
    ("name", "role", "reason"),
    [("", "ops", "name"), ("王伟", "adviser", "role"), ("", "", "role")],
)
async def test_what_is_missing_is_said_in_one_line(settings, name, role, reason):
    with pytest.raises(CannotStart, match=reason):
        await create(settings, "wangwei", name, role)
    with pytest.raises(CannotStart, match="no account"):
        await reset(settings, "wangwei")


async def test_the_secret_of_an_app_is_moved_to_a_new_key(settings):
    await create(settings, "wangwei", "王伟", "ops")
    async with bootstrap.desk(settings) as desk:
        secret = await desk.bus.execute(BeginTotp("wangwei"))
        code = code_at(secret, step_at(bootstrap.utc_now()))
        await desk.bus.execute(ConfirmTotp("wangwei", code))
    changed = settings.model_copy(
        update={
            "secret_key": Settings(secret_key=NEW).secret_key,
            "secret_key_previous": settings.secret_key,
        }
    )
    await rotate(changed)

    alone = changed.model_copy(update={"secret_key_previous": Settings(secret_key=NEW).secret_key})
    async with bootstrap.desk(alone):
        assert bootstrap.vault_of(alone).open((await Account.get()).totp_secret) == secret

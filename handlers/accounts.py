"""Accounts with a password: opened, closed, and the codes of an authenticator app used once."""

import hashlib
import secrets
from base64 import b32encode

from db.models import Account, Staff
from db.queries import sessions
from domain import totp
from domain.account_commands import (
    WITHOUT_WECOM,
    BeginTotp,
    CloseAccount,
    ConfirmTotp,
    EndSessions,
    OpenAccount,
    ReencryptTotpSecrets,
    RemoveTotp,
    SetPassword,
    SpendCode,
)
from domain.errors import InvalidInput, NotFound
from handlers.tx import Tx

CONSOLE_ROLES = ("store_manager", "region_manager", "brand_ops", "ops")
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
WRONG_CODE = [("code", "is wrong or was used before")]


async def open_account(command: OpenAccount, tx: Tx) -> None:
    """Give a member of staff an account; who is new is entered with it."""
    staff = await tx.find(Staff, command.userid)
    if await Account.exists(userid=command.userid):
        raise InvalidInput([("userid", "has an account already")])
    if staff is None:
        await _enter(command, tx)
    elif not staff.active or staff.role not in CONSOLE_ROLES:
        raise InvalidInput([("userid", "has no role at the console")])
    await tx.add(
        Account(
            userid=command.userid,
            password_hash=command.password_hash,
            password_at=tx.now,
            must_change=True,
            created_at=tx.now,
            created_by=command.by,
        )
    )


async def set_password(command: SetPassword, tx: Tx) -> None:
    """Replace the password. Whoever was signed in is out, but for the session that asked."""
    account = await tx.get(Account, command.userid)
    account.password_hash, account.password_at = command.password_hash, tx.now
    account.must_change = command.temporary
    await sessions.end_of(command.userid, but=command.keep_session)
    if command.keep_session and not command.temporary:
        await sessions.loosen(command.keep_session)


async def close_account(command: CloseAccount, tx: Tx) -> None:
    """The row goes with password and secret; what was done with it stays in the record."""
    if not await Account.filter(userid=command.userid).delete():
        raise NotFound(f"no account {command.userid}")
    await sessions.end_of(command.userid, way="password")


async def begin_totp(command: BeginTotp, tx: Tx) -> bytes:
    """Returns the secret; the one in force counts until the new one is confirmed."""
    account = await tx.get(Account, command.userid)
    secret = secrets.token_bytes(totp.SECRET_BYTES)
    account.totp_next = tx.phones.seal(secret)
    return secret


async def confirm_totp(command: ConfirmTotp, tx: Tx) -> list[str]:
    """Returns the recovery codes, of which only hashes stay. Raises `InvalidInput`."""
    account = await tx.get(Account, command.userid)
    if account.totp_next is None:
        raise InvalidInput([("code", "nothing is being set up")])
    secret = tx.phones.open(account.totp_next)
    step = totp.matching_step(secret, command.code, tx.now, after=0)
    if step is None:
        raise InvalidInput(WRONG_CODE)
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    account.totp_secret, account.totp_next = account.totp_next, None
    account.totp_step, account.totp_at = step, tx.now
    account.recovery = [_hash(code) for code in codes]
    return codes


async def remove_totp(command: RemoveTotp, tx: Tx) -> bool:
    """Whether there was a second factor until now."""
    account = await tx.get(Account, command.userid)
    had = account.totp_secret is not None
    account.totp_secret = account.totp_next = account.totp_at = None
    account.recovery = []
    return had


async def spend_code(command: SpendCode, tx: Tx) -> str:
    """Returns which kind it was: `totp` or `recovery`. Raises `InvalidInput`."""
    account = await tx.get(Account, command.userid)
    if account.totp_secret is None:
        raise InvalidInput(WRONG_CODE)
    secret = tx.phones.open(account.totp_secret)
    step = totp.matching_step(secret, command.code, tx.now, after=account.totp_step)
    if step is not None:
        account.totp_step = step
        return "totp"
    hashed = _hash(command.code)
    if hashed not in account.recovery:
        raise InvalidInput(WRONG_CODE)
    account.recovery = [code for code in account.recovery if code != hashed]
    return "recovery"


async def end_sessions(command: EndSessions, tx: Tx) -> int:
    """Returns how many ended; they are out at their next request."""
    return await sessions.end_of(command.userid, session_id=command.session_id, but=command.but)


async def reencrypt_totp_secrets(command: ReencryptTotpSecrets, tx: Tx) -> None:
    """Seal every secret with the current key. Raises `CannotDecrypt`."""
    for found in await Account.all().order_by("userid"):
        account = await tx.get(Account, found.userid)
        if account.totp_secret is not None:
            account.totp_secret = tx.phones.seal(tx.phones.open(account.totp_secret))
        if account.totp_next is not None:
            account.totp_next = tx.phones.seal(tx.phones.open(account.totp_next))


async def _enter(command: OpenAccount, tx: Tx) -> None:
    if command.role not in WITHOUT_WECOM:
        raise InvalidInput([("role", f"must be one of {', '.join(WITHOUT_WECOM)}")])
    if not command.name:
        raise InvalidInput([("name", "is missing")])
    await tx.add(
        Staff(
            userid=command.userid,
            name=command.name,
            role=command.role,
            wecom=False,
            on_duty=False,
        )
    )


def _recovery_code() -> str:
    text = b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _hash(code: str) -> str:
    """Codes have 80 random bits, so one SHA-256 is enough. Hyphens and case do not count."""
    plain = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()

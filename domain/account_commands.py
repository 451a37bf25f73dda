"""Orders about signing in: accounts with a password, second factors, sessions that are ended."""

from dataclasses import dataclass

from domain.commands import Command

WITHOUT_WECOM = ("brand_ops", "ops")
"""Roles that get along without messages: everybody else's work comes through WeCom."""


@dataclass(frozen=True, slots=True)
class OpenAccount(Command):
    """Let a member of staff sign in with a password, to be changed at the first time.

    Who is not on file yet needs a `name` and a `role`, and is no member of WeCom.
    """

    userid: str
    password_hash: str
    by: str
    name: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class SetPassword(Command):
    """A new password; every session but `keep_session` ends.

    `temporary`: somebody else knows it, so it is to be changed at the next sign-in.
    """

    userid: str
    password_hash: str
    temporary: bool
    keep_session: int = 0


@dataclass(frozen=True, slots=True)
class CloseAccount(Command):
    """No more signing in with a password; sessions begun with it end."""

    userid: str


@dataclass(frozen=True, slots=True)
class BeginTotp(Command):
    """Make a secret for an authenticator app. It counts once a code of it was shown."""

    userid: str


@dataclass(frozen=True, slots=True)
class ConfirmTotp(Command):
    """The app shows this code: from now on signing in needs one."""

    userid: str
    code: str


@dataclass(frozen=True, slots=True)
class RemoveTotp(Command):
    """Signing in needs only the password again."""

    userid: str


@dataclass(frozen=True, slots=True)
class SpendCode(Command):
    """Sign in with a code of the app or a recovery code; it never counts again."""

    userid: str
    code: str


@dataclass(frozen=True, slots=True)
class EndSessions(Command):
    """End one session of somebody, or all of theirs but `but`."""

    userid: str
    session_id: int | None = None
    but: int = 0


@dataclass(frozen=True, slots=True)
class ReencryptTotpSecrets(Command):
    """Bring every secret of an authenticator app under the current secret key."""

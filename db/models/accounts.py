"""Who may sign in without WeCom, who is signed in now, and how often it was tried in vain."""

from tortoise import fields
from tortoise.models import Model


class Account(Model):
    """The password of a member of staff, who has their role and place in `Staff`.

    `totp_secret` and `totp_next` (being set up) are sealed; no code of a time step up to
    `totp_step` counts again. `recovery` holds hashes of the codes not used yet.
    """

    userid = fields.CharField(64, primary_key=True)
    password_hash = fields.CharField(200)
    password_at = fields.DatetimeField()
    must_change = fields.BooleanField(default=False)
    totp_secret = fields.BinaryField(null=True)
    totp_next = fields.BinaryField(null=True)
    totp_step = fields.BigIntField(default=0)
    totp_at = fields.DatetimeField(null=True)
    recovery = fields.JSONField[list[str]](default=list)
    created_at = fields.DatetimeField()
    created_by = fields.CharField(80)

    class Meta:
        table = "account"


class StaffSession(Model):
    """Somebody signed in; ending it deletes the row. `key_hash` is of what their cookie says.

    `limited`: until they have chosen a password of their own. `seen_at` is true to a minute.
    """

    id = fields.BigIntField(primary_key=True)
    key_hash = fields.CharField(64, unique=True)
    userid = fields.CharField(64)
    way = fields.CharField(16)
    limited = fields.BooleanField(default=False)
    started_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    address = fields.CharField(45, default="")
    agent = fields.CharField(200, default="")

    class Meta:
        table = "staff_session"
        indexes = (("userid", "id"),)


class SignInCount(Model):
    """Tries to sign in for one account or from one address, within one stretch of time."""

    key = fields.CharField(80, primary_key=True)
    tries = fields.IntField()
    until_ms = fields.BigIntField(db_index=True)

    class Meta:
        table = "sign_in_count"

"""Accounts with a password, as signing in and their pages see them."""

from typing import Any

from db.models import Account, Staff


async def find_account(userid: str) -> Account | None:
    return await Account.get_or_none(userid=userid)


async def accounts() -> list[dict[str, Any]]:
    """Every account with its member of staff, by userid."""
    rows = await Account.all().order_by("userid")
    people = {p.userid: p for p in await Staff.filter(userid__in=[row.userid for row in rows])}
    return [{"account": row, "staff": people.get(row.userid)} for row in rows]

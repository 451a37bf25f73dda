"""The words of a notice to a customer, found when it is sent."""

from typing import Any

from db.models import OutboxJob
from db.phone_vault import PhoneVault
from db.queries.talks import speaker
from texts import customer as words
from texts.labels import role_text

BYTES = 2048  # a customer-service text message; WeChat refuses longer ones


def passive_text(job: OutboxJob) -> str:
    """What the callback's own reply says."""
    return str(job.data["text"])


async def message_of(job: OutboxJob, phones: PhoneVault) -> dict[str, Any]:
    """The notice as a customer-service message."""
    text = within(await spoken(job, phones), BYTES)
    return {"msgtype": "text", "text": {"content": text}}


async def spoken(job: OutboxJob, phones: PhoneVault) -> str:
    """The notice in words; staff are named before what they say."""
    data = job.data
    sealed = str(data.get("sealed", ""))
    text = phones.decrypt(sealed) if sealed else str(data.get("text", ""))
    if job.name == "relay_out":
        name, role = await speaker(str(data["userid"]))
        said = text or words.form(str(data.get("form", "")))
        return words.say("from_staff", role=role_text(role), name=name, text=said)
    if "words" in data:
        facts = {key: value for key, value in data.items() if key not in ("words", "text")}
        return words.say(str(data["words"]), text=text, **facts)
    return text


def within(text: str, limit: int) -> str:
    """As much of the text as fits into so many bytes."""
    if len(text.encode()) <= limit:
        return text
    return text.encode()[: limit - 3].decode(errors="ignore") + "…"

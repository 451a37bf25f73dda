"""The words of a notice to a customer, found when it is sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.customer.saying import article_of, linked, menu_message, within
from bot.wechat.xml import TEXT_LIMIT_BYTES, Article, news_reply, text_reply
from db.models import OutboxJob
from db.phone_vault import PhoneVault
from db.queries.talks import speaker
from texts import customer as words
from texts.labels import role_text


def passive_reply(data: Mapping[str, Any], to: str, account: str, now: datetime) -> str:
    """A notice as the callback's own reply."""
    if article := article_of(data):
        return news_reply(to, account, [article], now)
    return text_reply(to, account, linked(data), now)


async def message_of(job: OutboxJob, phones: PhoneVault) -> dict[str, Any]:
    """The notice as a customer-service message."""
    if article := article_of(job.data):
        return {"msgtype": "news", "news": {"articles": [_plain(article)]}}
    if menu := menu_message(job.data):
        return menu
    if "menu" in job.data:
        return {"msgtype": "text", "text": {"content": linked(job.data)}}
    text = within(await spoken(job, phones), TEXT_LIMIT_BYTES)
    return {"msgtype": "text", "text": {"content": text}}


def _plain(article: Article) -> dict[str, str]:
    return {
        "title": article.title,
        "description": article.description,
        "url": article.url,
        "picurl": article.picture_url,
    }


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

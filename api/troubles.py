"""What went wrong, in plain words: the error kept on a row, and what a person can do about it."""

import re

from bot.wechat.envelope import Channel
from bot.wechat.errors import REACTIONS
from texts import console
from texts.console import Explanation

_KEPT = re.compile(r"(?P<name>\w+)(?:: (?P<code>-?\d+))?(?: from (?P<address>[0-9A-Fa-f.:]+))?")
_CHANNELS: dict[str, Channel] = {"oa": "oa", "wecom": "wecom"}


def explain(error: str, channel: str) -> Explanation:
    """Words for an error as `worker.retry.error_text` wrote it; `channel` may be unknown ("")."""
    kept = _KEPT.match(error)
    name, code, address = kept.group("name", "code", "address") if kept else ("", "", "")
    advised = code and explain_code(int(code), channel, address or "")
    return advised or console.error(name, app=channel, code=code or "")


def explain_code(code: int, channel: str, address: str = "") -> Explanation | None:
    """Words for one of WeChat's errcodes, where a person can do something about it."""
    app = _CHANNELS.get(channel)
    reaction = REACTIONS.get((app, code)) if app else None
    if reaction is None:
        return None
    if reaction.advice:
        return console.advice(reaction.advice, app=channel, code=str(code), address=address)
    return console.error(reaction.error.__name__, app=channel, code=str(code))

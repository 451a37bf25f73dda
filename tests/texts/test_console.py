"""Whoever runs Leadloop is told in plain words what is wrong and what to do."""

from __future__ import annotations

import re

import pytest

from api.troubles import explain, explain_code
from bot.wechat.errors import REACTIONS, WeChatError
from db.queue_rows import POISON, TABLE_OF
from texts import console

CHINESE = re.compile("[\u4e00-\u9fff]")
ADVISED = sorted((app, code) for (app, code), reaction in REACTIONS.items() if reaction.advice)


def every_error(kind: type[Exception]) -> list[str]:
    return [
        kind.__name__,
        *(name for below in kind.__subclasses__() for name in every_error(below)),
    ]


def is_plain(words: console.Explanation | None) -> bool:
    both = f"{words.title}{words.todo}" if words else ""
    return bool(CHINESE.search(both)) and not re.search(r"[\[\]{}]", both)


@pytest.mark.parametrize(("app", "code"), ADVISED)
def test_every_refusal_that_a_person_can_mend_says_how(app: str, code: int) -> None:
    advice = REACTIONS[app, code].advice  # type: ignore[index]
    words = explain_code(code, app)
    assert words == console.advice(advice, app=app, code=str(code))
    assert is_plain(words)


@pytest.mark.parametrize("name", every_error(WeChatError))
@pytest.mark.parametrize("channel", ["oa", "wecom", ""])
def test_every_kind_of_error_has_words(name: str, channel: str) -> None:
    assert is_plain(explain(name, channel))
    assert is_plain(explain(f"{name}: 12345", channel))


@pytest.mark.parametrize("error", ["KeyError", "", "???", POISON, "NotFound: not_found"])
def test_there_is_something_to_say_about_anything(error: str) -> None:
    assert is_plain(explain(error, ""))


def test_the_address_that_is_not_trusted_is_named() -> None:
    kept = "ConfigurationAlarm: 60020 from 203.0.113.9"
    assert explain(kept, "wecom").title == "企业可信IP 未包含 203.0.113.9"
    assert explain("ConfigurationAlarm: 40164 from 2001:db8::1", "oa").title.endswith(
        "2001:db8::1"
    )


def test_the_same_code_means_what_it_means_on_its_channel() -> None:
    assert explain("RecipientOptedOut: 48002", "oa") != explain(
        "ConfigurationAlarm: 48002", "wecom"
    )


@pytest.mark.parametrize("queue", TABLE_OF)
def test_every_queue_has_a_name(queue: str) -> None:
    assert CHINESE.search(console.word("queue", queue))

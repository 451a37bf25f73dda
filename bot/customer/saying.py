"""One thing said to a customer, and the form in which WeChat shows it best.

Words; words with answers to tap (a message menu); or one article, for a place or an appointment
that has a page. In a callback's own reply a menu is words with links, as customer-service message
it is WeChat's own. Tapping says the answer as if it had been typed, so an old menu does no harm.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from bot.wechat.xml import TEXT_LIMIT_BYTES, Article
from texts import talk

_BREAKS_A_LINK = re.compile(r"[\s&#%+\"'<>=?]")
LINK = '<a href="weixin://bizmsgmenu?msgmenucontent={says}&msgmenuid={number}">{label}</a>'


@dataclass(frozen=True, slots=True)
class Pick:
    """An answer to tap: what it shows, and what tapping it says."""

    label: str
    says: str


@dataclass(frozen=True, slots=True)
class Saying:
    """`head`, then `picks`, then `tail`; or all of it as an article."""

    head: str
    picks: tuple[Pick, ...] = ()
    numbered: bool = False
    tail: str = ""
    article: Article | None = None

    @property
    def text(self) -> str:
        """All of it in plain words."""
        shown = [pick.label for pick in self.picks] if self.numbered else []
        return _joined([self.head, talk.numbered(shown), self.tail])

    def after(self, words: str) -> "Saying":
        """The same with other words before it; an article is for one thing alone."""
        if not words:
            return self
        head = _joined([words, self.head])
        return Saying(
            head, self.picks, self.numbered, self.tail, None if self.head else self.article
        )

    def leading_to(self, url: str) -> "Saying":
        """The same with a page behind its article."""
        return replace(self, article=self.article._replace(url=url) if self.article else None)

    def as_data(self) -> dict[str, object]:
        """What is put away in the notice."""
        data: dict[str, object] = {"text": self.text}
        if self.article and self.article.url:
            data["article"] = self.article._asdict()
        elif self.picks:
            data["menu"] = {
                "head": self.head,
                "picks": [[pick.label, pick.says] for pick in self.picks],
                "numbered": self.numbered,
                "tail": self.tail,
            }
        return data


def article_of(data: Mapping[str, Any]) -> Article | None:
    """The article of a notice, if it is one."""
    return Article(**data["article"]) if "article" in data else None


def linked(data: Mapping[str, Any]) -> str:
    """The words of a notice for a passive reply: the picks are links in it."""
    menu = data.get("menu")
    if not menu:
        return within(str(data["text"]), TEXT_LIMIT_BYTES)
    links = [
        LINK.format(says=_escaped(says), number=number, label=label)
        for number, (label, says) in enumerate(menu["picks"], start=1)
    ]
    shown = talk.numbered(links) if menu["numbered"] else talk.side_by_side(links)
    rest = _joined(["", shown, menu["tail"]])
    head = within(menu["head"], TEXT_LIMIT_BYTES - len(rest.encode()) - 1)
    return _joined([head, rest])


def menu_message(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """The notice as WeChat's own message menu, if it has answers to tap and no links."""
    menu = data.get("menu")
    if not menu or "<a " in menu["head"]:  # whether a menu shows links, nobody says
        return None
    picks: Sequence[tuple[str, str]] = menu["picks"]
    rows = [{"id": str(n), "content": says} for n, (_, says) in enumerate(picks, start=1)]
    content = {"head_content": menu["head"], "list": rows, "tail_content": menu["tail"]}
    return {"msgtype": "msgmenu", "msgmenu": content}


def within(text: str, limit: int) -> str:
    """As many whole lines of the text as fit into so many bytes; of one long line a part."""
    if len(text.encode()) <= limit:
        return text
    cut = text.encode()[: limit - 3].decode(errors="ignore")
    lines, _, _ = cut.rpartition("\n")
    return f"{lines or cut}…"


def _joined(parts: Sequence[str]) -> str:
    return "\n".join(part for part in parts if part)


def _escaped(says: str) -> str:
    return _BREAKS_A_LINK.sub(lambda found: quote(found.group(), safe=""), says)

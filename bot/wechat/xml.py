"""Read WeChat's payloads strictly and write replies that nothing in a text can break out of."""

import json
import re
from datetime import datetime
from typing import NamedTuple, NoReturn, TypeAlias
from xml.parsers import expat

MAX_DEPTH = 10
MAX_NODES = 2000
TEXT_LIMIT_BYTES = 2048  # of a passive text reply, both channels

Node: TypeAlias = "str | list[Node] | dict[str, Node]"
Payload: TypeAlias = dict[str, Node]

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_TEXT = re.compile(r"[\x00\ud800-\udfff]")


class Unreadable(Exception):
    """An authentic payload that is neither well-formed XML nor JSON of a sane size and depth.

    `permanent`: reading it again will not help, so a stored one becomes a dead letter.
    """

    permanent = True


class Article(NamedTuple):
    """One article of a news reply."""

    title: str
    description: str
    url: str
    picture_url: str = ""


def parse_payload(payload: bytes) -> Payload:
    """Turn a clear payload, XML or JSON, into nested dicts whose leaves are all text.

    Children that repeat become a list, empty ones "". White space of texts is kept. Raises
    Unreadable for what is not well formed, declares a DOCTYPE, or is deeper or larger than sane.
    """
    if payload.lstrip()[:1] == b"{":
        return _parse_json(payload)
    try:
        return _parse_xml(payload)
    except expat.ExpatError:
        return _parse_cleaned(payload)


def clean_text(text: str) -> str:
    """Drop NUL and lone surrogates, which PostgreSQL and UTF-8 refuse."""
    return _NOT_TEXT.sub("", text)


def clip_utf8(text: str, limit: int) -> str:
    """Return the longest beginning of `text` that fits `limit` bytes, cut between characters."""
    encoded = text.encode("utf-8", "replace")
    return text if len(encoded) <= limit else encoded[:limit].decode("utf-8", "ignore")


def text_reply(to: str, from_: str, content: str, now: datetime) -> str:
    """A passive text reply; WeChat cuts it at 2048 bytes, so we do, between characters."""
    clipped = clip_utf8(_NOT_XML.sub("", content), TEXT_LIMIT_BYTES)
    return _reply(to, from_, now, "text", _tag("Content", clipped))


def image_reply(to: str, from_: str, media_id: str, now: datetime) -> str:
    """A passive reply with one uploaded picture."""
    return _reply(to, from_, now, "image", f"<Image>{_tag('MediaId', media_id)}</Image>")


def news_reply(to: str, from_: str, articles: list[Article], now: datetime) -> str:
    """A passive news reply; the official account shows one article to a user's message."""
    items = "".join(
        f"<item>{_tag('Title', article.title)}{_tag('Description', article.description)}"
        f"{_tag('PicUrl', article.picture_url)}{_tag('Url', article.url)}</item>"
        for article in articles
    )
    body = f"<ArticleCount>{len(articles)}</ArticleCount><Articles>{items}</Articles>"
    return _reply(to, from_, now, "news", body)


def transfer_reply(to: str, from_: str, now: datetime, kf_account: str = "") -> str:
    """Hand the customer to the official account's own customer-service desk."""
    account = f"<TransInfo>{_tag('KfAccount', kf_account)}</TransInfo>" if kf_account else ""
    return _reply(to, from_, now, "transfer_customer_service", account)


def update_button_reply(to: str, from_: str, replace_name: str, now: datetime) -> str:
    """Answer a WeCom card click: the clicker's (and only the clicker's) button reads this."""
    button = f"<Button>{_tag('ReplaceName', replace_name)}</Button>"
    return _reply(to, from_, now, "update_button", button)


def _reply(to: str, from_: str, now: datetime, kind: str, body: str) -> str:
    return (
        f"<xml>{_tag('ToUserName', to)}{_tag('FromUserName', from_)}"
        f"<CreateTime>{int(now.timestamp())}</CreateTime>{_tag('MsgType', kind)}{body}</xml>"
    )


def _tag(name: str, text: str) -> str:
    safe = _NOT_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{safe}]]></{name}>"


class _TreeBuilder:
    """Collects expat's events into nested dicts and stops at whatever WeChat never sends."""

    def __init__(self) -> None:
        self.root: Node = ""
        self._open: list[Payload] = []
        self._text = ""
        self._nodes = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._nodes += 1
        if len(self._open) >= MAX_DEPTH or self._nodes > MAX_NODES:
            raise Unreadable("the XML is too deep or too large")
        self._open.append({})
        self._text = ""

    def end(self, name: str) -> None:
        node: Node = self._open.pop() or self._text
        self._text = ""
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if name not in parent:
            parent[name] = node
        elif isinstance(held := parent[name], list):
            held.append(node)
        else:
            parent[name] = [held, node]

    def text(self, text: str) -> None:
        self._text += text

    def doctype(self, *_declaration: object) -> NoReturn:
        raise Unreadable("the XML declares a DOCTYPE")


def _parse_xml(payload: bytes) -> Payload:
    builder = _TreeBuilder()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.Parse(payload, True)
    if not isinstance(builder.root, dict):
        raise Unreadable("the XML has no fields")
    return builder.root


def _parse_cleaned(payload: bytes) -> Payload:
    """Try once more without the characters XML forbids: people do send them, and WeChat passes."""
    cleaned = _NOT_XML.sub("", payload.decode("utf-8", "replace"))
    try:
        return _parse_xml(cleaned.encode())
    except expat.ExpatError:
        raise Unreadable("the XML is not well formed") from None


def _parse_json(payload: bytes) -> Payload:
    try:
        text = payload.decode("utf-8", "replace")
        tree = json.loads(text, strict=False, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise Unreadable("the JSON is not well formed") from None
    budget = [MAX_NODES]
    node = _as_node(tree, 0, budget)
    if not isinstance(node, dict):
        raise Unreadable("the JSON has no fields")
    return node


def _as_node(value: object, depth: int, budget: list[int]) -> Node:
    budget[0] -= 1
    if depth >= MAX_DEPTH or budget[0] < 0:
        raise Unreadable("the JSON is too deep or too large")
    if isinstance(value, dict):
        return {
            clean_text(name): _as_node(child, depth + 1, budget) for name, child in value.items()
        }
    if isinstance(value, list):
        return [_as_node(child, depth + 1, budget) for child in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean_text(value) if isinstance(value, str) else ""

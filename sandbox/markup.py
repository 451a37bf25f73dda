"""The XML of callbacks and passive replies, written and read as plain dictionaries."""

import re
from typing import Any
from xml.parsers import expat

ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MAX_DEPTH = 12
MAX_NODES = 2000


class BadMarkup(ValueError):
    """A reply that is not the small, plain XML the platform accepts."""


def write(fields: dict[str, Any], root: str = "xml") -> str:
    """Dictionaries nest, lists repeat their element, text goes into CDATA, numbers do not."""
    return f"<{root}>{''.join(_element(name, value) for name, value in fields.items())}</{root}>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, dict):
        return write(value, name)
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    text = ILLEGAL.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{text}]]></{name}>"


def read(body: bytes) -> dict[str, Any]:
    """Parse a document with the root `xml`; repeated elements become lists. Raises BadMarkup."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise BadMarkup(f"not XML (line {error.lineno})") from error
    if reader.root_name != "xml" or not isinstance(reader.root, dict):
        raise BadMarkup("the root element is not xml")
    return reader.root


class _Reader:
    """Collects elements from the parser's events, refusing what no honest peer sends."""

    def __init__(self) -> None:
        self.root: dict[str, Any] | str = ""
        self.root_name = ""
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []
        self._nodes = 0

    def doctype(self, *_: object) -> None:
        raise BadMarkup("a document type declaration")

    def start(self, name: str, _: dict[str, str]) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES or len(self._open) >= MAX_DEPTH:
            raise BadMarkup("too large or too deep")
        self._open.append((name, {}, []))

    def text(self, data: str) -> None:
        self._open[-1][2].append(data)

    def end(self, _: str) -> None:
        name, children, texts = self._open.pop()
        value: dict[str, Any] | str = children or "".join(texts)
        if not self._open:
            self.root, self.root_name = value, name
            return
        siblings = self._open[-1][1]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]

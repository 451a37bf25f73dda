"""Reads a page as a browser would, and says what in it only an inline script or style explains."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """`inline` names everything that a policy without 'unsafe-inline' would refuse."""

    def __init__(self, text: str, *, styles: bool = True) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.scripts: list[str] = []
        self._styles, self._in = styles, ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script":
            self.scripts.append(given.get("src") or "")
            if not (given.get("src") or "").startswith("/"):
                self.inline.append(f"<script {given}>")
        if tag == "style" and self._styles:
            self.inline.append("<style>")
        for name, value in given.items():
            if name.startswith("on") or (name == "style" and self._styles):
                self.inline.append(f"<{tag} {name}>")
            if (value or "").strip().lower().startswith(("javascript:", "data:text")):
                self.inline.append(f"<{tag} {name}={value}>")
        self._in = tag

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in == "script" and data.strip():
            self.inline.append(f"script: {data.strip()[:40]}")

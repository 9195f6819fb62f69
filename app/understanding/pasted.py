"""What somebody pasted from Word or a web page, as plain lines: lists stay lists, styles and hidden signs go."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

_MARKUP = re.compile(
    r"<(?:!--|!doctype|html|body|p|div|ul|ol|li|span|table|td|font|o:p|w:|style|br)\b[^>]*>|<!--",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^[ \t]*[•·●▪■◆◇➢►▶○\u25a1\uf0b7\uf0a7\uf0d8\uf06c\uf0fc\uf075*\-–][ \t\u00a0]+(?=\S)")
_WORD_BULLET = re.compile(r"^[ \t]*[•·●▪■◆◇➢►▶○\uf0b7\uf0a7\uf0d8\uf06c\uf0fc\uf075]\s*(?=\S)")
_COUNTED = re.compile(
    r"^[ \t]*[(\uff08]?(\d{1,2})[)\uff09.\uff0e、]?\t+[ \t]*(?=\S)|^[ \t]*(\d{1,2})[.\uff0e]\s+(?=\S)"
)
_SPACES = re.compile(r"[ \t\u00a0\u3000]{2,}")
_EMPTY_LINES = re.compile(r"\n{3,}")
ITEM = "· "
JOINERS = "\u180e\u200c\u200d"  # part of how Mongolian and Uyghur words are written
BLOCKS = frozenset("p div tr h1 h2 h3 h4 h5 h6 ul ol table blockquote section article".split())
SILENT = frozenset("style script head title xml".split())


def as_lines(pasted: str, keeps: str = "") -> str:
    """Plain text with "· " and "1、" for lists. What is no markup stays as it was written, `{{ }}` and "<" too.
    `keeps` are signs that nobody sees and that the writing needs all the same (JOINERS)."""
    text = _from_markup(pasted) if _MARKUP.search(pasted) else pasted
    lines = [_line(line) for line in _visible(text, keeps).splitlines()]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _visible(text: str, keeps: str) -> str:
    """Without signs that nobody sees: zero width, direction, control, private use (Word's old bullets stay here)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n")
    return "".join(sign for sign in text if sign in f"\n\t{keeps}" or not _is_hidden(sign))


def _is_hidden(sign: str) -> bool:
    kind = unicodedata.category(sign)
    bullet = "\uf000" <= sign <= "\uf0ff"
    return kind in ("Cc", "Cf", "Cs") or (kind == "Co" and not bullet)


def _line(line: str) -> str:
    counted = _COUNTED.match(line)
    if counted:
        line = f"{counted[1] or counted[2]}、{line[counted.end() :]}"
    elif bullet := _BULLET.match(line) or _WORD_BULLET.match(line):
        line = f"{ITEM}{line[bullet.end() :]}"
    line = "".join(sign for sign in line if unicodedata.category(sign) != "Co")
    return _SPACES.sub(" ", line.replace("\u00a0", " ").replace("\t", " ")).strip()


def _from_markup(markup: str) -> str:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return "".join(reader.parts)


class _Reader(HTMLParser):
    """Keeps words and lists. Comments (Word hides whole style sheets there) are dropped by HTMLParser itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0
        self._lists: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        elif tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self.parts.append(f"\n{self._mark()}")
        elif tag == "br" or tag in BLOCKS:
            self.parts.append("\n")

    def _mark(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return ITEM
        self._lists[-1] += 1
        return f"{self._lists[-1]}、"

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))

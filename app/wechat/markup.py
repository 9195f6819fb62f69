"""Bodies of pushes, XML or JSON, read into plain dictionaries by a reader that refuses whatever WeChat
never sends.

No document type, no entities, a dozen levels at most, one value for one JSON name. Characters that XML
forbids are dropped (residents paste them), except NUL, which nobody types. Every fault is BadPush 400.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn
from xml.parsers import expat

from app.wechat.errors import BadPush

Tree = dict[str, Any]

_DEEPEST = 12
_MOST_ELEMENTS = 4_000  # a MASSSENDJOBFINISH with eight articles has under two hundred
_LONGEST_NUMBER = 20  # a 64-bit MsgId
_RAW_CONTROLS = bytes([*range(1, 9), 11, 12, *range(14, 32), 127])
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def read_body(raw: bytes) -> Tree:
    """The fields of an XML or JSON body: text leaves, nested trees, a list where a name repeats."""
    text = _decode(raw)
    return _read_json(text) if text[:1] == "{" else _read_xml(text)


def is_json(text: str | bytes) -> bool:
    """Whether a body is JSON rather than XML, as WeChat tells them apart: by the first character."""
    return text.lstrip()[:1] in ("{", b"{")


def clean(text: str) -> str:
    """Without control characters, lone surrogates and non-characters; line breaks and tabs stay."""
    return text if text.isprintable() else _ILLEGAL.sub("", text)


def _decode(raw: bytes) -> str:
    if b"\x00" in raw:
        raise BadPush("NUL in the body")
    try:
        text = raw.translate(None, _RAW_CONTROLS).decode("utf-8")
    except UnicodeDecodeError:
        raise BadPush("the body is not UTF-8") from None
    return text.replace("\ufffe", "").replace("\uffff", "").lstrip("\ufeff \t\r\n")


class _XmlTree:
    """Builds the tree while expat walks the document."""

    def __init__(self) -> None:
        self.root: Tree = {}
        self._open: list[Tree] = [self.root]
        self._names: list[str] = []
        self.text: list[str] = []
        self._elements = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) > _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise BadPush("the XML is too deep or has too many elements")
        self._names.append(name)
        self._open.append({})
        self.text.clear()

    def end(self, name: str) -> None:
        children = self._open.pop()
        value: Any = children or "".join(self.text)
        self.text.clear()
        parent = self._open[-1]
        if name not in parent:
            parent[name] = value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]

    def refuse_doctype(self, *_: Any) -> NoReturn:
        raise BadPush("the XML has a document type")


def _read_xml(text: str) -> Tree:
    tree = _XmlTree()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.text.append
    parser.StartDoctypeDeclHandler = tree.refuse_doctype
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, UnicodeError, ValueError):
        raise BadPush("the body is not well-formed XML") from None
    root = tree.root.get("xml")
    if not isinstance(root, dict):
        raise BadPush("the XML has no <xml> root with fields in it")
    return root


def _read_json(text: str) -> Tree:
    try:
        tree = json.loads(
            text,
            strict=False,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_int=_whole,
            parse_float=_fraction,
        )
    except BadPush:
        raise
    except (ValueError, RecursionError):
        raise BadPush("the body is not JSON") from None
    if not isinstance(tree, dict):
        raise BadPush("the JSON is not an object")
    _check_depth(tree)
    return tree


def _unique(pairs: list[tuple[str, Any]]) -> Tree:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise BadPush("a JSON name stands twice")
    return tree


def _refuse_constant(name: str) -> NoReturn:
    raise BadPush(f"{name} is not JSON")


def _whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise BadPush("a JSON number is too long")
    return int(digits)


def _fraction(digits: str) -> float:
    if len(digits) > 2 * _LONGEST_NUMBER:
        raise BadPush("a JSON number is too long")
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise BadPush("a JSON number is too large")
    return number


def _check_depth(tree: Tree) -> None:
    level: list[Any] = [tree]
    for _ in range(_DEEPEST):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise BadPush("the JSON is too deep")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []

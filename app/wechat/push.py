"""What every push has in common, and the declaration by which each kind says which fields it reads.

A kind is a frozen class of a few lines: `sent("MediaId")` names WeChat's field, a reader turns its text
into a value. A field that WeChat leaves out gets its default; one in an unexpected shape makes the whole
push a BadPush.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

from app.wechat.errors import BadPush
from app.wechat.markup import Tree, clean

Reader = Callable[[Any], Any]
_DIGITS = re.compile(r"-?[0-9]{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One push. `openid` is proved by the seal; `key` is equal for WeChat's repeats of one message or
    event.

    `created` is unix seconds; `kind` the message type or event name in small letters; `raw` all fields as
    sent.
    """

    account: str
    openid: str = field(repr=False)
    created: int
    kind: str
    key: str = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False, compare=False)


P = TypeVar("P", bound=Push)
Kinds = dict[str, tuple[type[Push], tuple[tuple[str, tuple[str, ...], Reader], ...]]]


def sent(*path: str, read: Reader | None = None, private: bool = False) -> Any:
    """A field that WeChat calls `path` (nested names one after another); `read(None)` is its value when
    absent.

    `private` keeps it out of repr, and so out of logs and tracebacks.
    """
    read = read or words
    return field(default=read(None), repr=not private, metadata={"path": path, "read": read})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(sent,))
def kind(kinds: Kinds, *names: str) -> Callable[[type[P]], type[P]]:
    """Make a frozen class of the declaration and enter it under WeChat's names, in small letters."""

    def enter(declared: type[P]) -> type[P]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(declared)
        plan = tuple(
            (part.name, part.metadata["path"], part.metadata["read"])
            for part in fields(made)
            if "path" in part.metadata
        )
        for name in names:
            kinds[name.lower()] = (made, plan)
        return made

    return enter


def build(kinds: Kinds, entry: str, common: Mapping[str, Any], tree: Tree) -> Push:
    """The typed push of the kind entered as `entry`. BadPush where a field has an unexpected shape."""
    made, plan = kinds[entry]
    try:
        values = {name: read(_dig(tree, path)) for name, path, read in plan}
    except ValueError as fault:
        raise BadPush(f"a field of {entry} is unreadable: {fault}") from None
    return made(**common, **values)


def _dig(tree: Any, path: Iterable[str]) -> Any:
    for name in path:
        if not isinstance(tree, dict):
            return None
        tree = tree.get(name)
    return tree


def words(value: Any) -> str:
    """Text as a person or WeChat wrote it, without control characters; empty when absent."""
    if isinstance(value, str):
        return clean(value)
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    raise ValueError("text expected")


def name(value: Any) -> str:
    """A name, key or address: text without space around it."""
    return words(value).strip()


def whole(value: Any) -> int:
    """A whole number; 0 when absent or empty."""
    digits = name(value)
    if not digits:
        return 0
    if not _DIGITS.fullmatch(digits):
        raise ValueError("whole number expected")
    return int(digits)


def degrees(value: Any) -> float | None:
    """A coordinate or precision; None when absent or empty."""
    digits = name(value)
    if not digits:
        return None
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("finite number expected")
    return number


def unix(value: Any) -> int:
    """A moment in unix seconds; the mini-program's milliseconds are brought down; 0 when absent."""
    moment = whole(value)
    return moment // 1000 if moment > 99_999_999_999 else moment


def rows(value: Any) -> list[Tree]:
    """The rows of a list that XML repeats and JSON sends as an object when there is only one; [] when
    absent.
    """
    given = value if isinstance(value, list) else [value]
    if any(not isinstance(row, dict) for row in given if row not in (None, "")):
        raise ValueError("rows expected")
    return [row for row in given if row]


def scene(value: Any) -> str:
    """The scene of a parametric QR code: `qrscene_` stands before it only when the person was not following
    yet.
    """
    return name(value).removeprefix("qrscene_")

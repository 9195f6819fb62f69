"""How an audit line is read out: trail.toml names actions and facts; what has no name there shows its code."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from app.words import TEMPLATES


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((TEMPLATES / "staff" / "trail.toml").read_text(encoding="utf-8"))


def action_words(action: str) -> str:
    return _words()["actions"].get(action, action)


def fact_words(facts: dict[str, Any]) -> str:
    """The facts of a line: ids, codes and counts."""
    known, values = _words()["facts"], _words()["values"]
    said = [(known.get(name, name), _value(value, values)) for name, value in facts.items()]
    return " · ".join(f"{name} {value}" for name, value in said if value)


def object_words(kind: str | None, number: str | None) -> str:
    return f"{_words()['objects'].get(kind, kind)} {number or ''}" if kind else ""


def _value(value: Any, known: dict[str, str]) -> str:
    if isinstance(value, list):
        return "、".join(_value(one, known) for one in value)
    if isinstance(value, bool):
        return "是" if value else ""
    return "" if value is None else known.get(str(value), str(value))

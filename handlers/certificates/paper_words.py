"""The words of what is printed: templates/certificates/paper.toml. They are of an office's kind, not of the chat's."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any

from app.words import TEMPLATES


@cache
def _written() -> dict[str, Any]:
    return tomllib.loads((TEMPLATES / "certificates" / "paper.toml").read_text(encoding="utf-8"))


def printed(key: str, **facts: Any) -> str:
    sentence: str = _written()[key]
    return sentence.format(**facts)


def heads_of(key: str) -> list[str]:
    """What stands above the columns of a table."""
    heads: list[str] = _written()[key]
    return heads

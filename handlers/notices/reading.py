"""Reading a notice before others do: is it plain, does it tell of a person what nobody may know, what to compare."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from app.understanding import personal, plain


def plainness_of(parts: Mapping[str, Any]) -> plain.Plainness:
    """Of the title and the summary; what is quoted unchanged below them and the things to bring are no sentences."""
    title, summary = str(parts["title"]), str(parts["summary"])
    return plain.read(f"{title}\n{summary}", tells_at=len(title) + 1)


def personal_in(told: str, offices: Collection[str]) -> list[personal.Personal]:
    return personal.personal_data(told, offices)


def to_compare(told: str) -> list[str]:
    return personal.to_compare(told)

"""The rules of addresses, as Flask keeps them, but quicker to begin with and of one mind about numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import IntegerConverter, Rule, UnicodeConverter, ValidationError

from app.channels.api.schemas import LARGEST_ID
from app.said import NUL


class LazyRule(Rule):
    """What builds an address is compiled when the first one is built: a process builds a few dozen of its eight hundred
    kinds, and compiling all of them was most of every start."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        kept: list[Callable[..., tuple[str, str]]] = []

        def build(rule: LazyRule, **values: Any) -> tuple[str, str]:
            if not kept:
                kept.append(rule._compiled(append_unknown))
            return kept[0](rule, **values)

        return build

    def _compiled(self, append_unknown: bool) -> Callable[..., tuple[str, str]]:
        return super()._compile_builder(append_unknown)


class Word(UnicodeConverter):
    """A code or a name in an address: one with a NUL, which no database holds, is a page that is not there."""

    def to_python(self, value: str) -> str:
        if NUL in value:
            raise ValidationError
        return value


class Id(IntegerConverter):
    """A number in an address is a row's id. One that no database can hold is 0, which no row has: refused, it would be
    answered with 405 where two methods share an address, and not as a page that is not there."""

    def to_python(self, value: str) -> Any:
        number = super().to_python(value)
        return number if number <= LARGEST_ID else 0

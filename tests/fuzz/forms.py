"""Forms that nobody would fill in like this: the addresses that take one, and the fields that each is known to read."""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import dataclass
from typing import Any

from flask import Flask
from hypothesis import strategies as st
from werkzeug.routing import AnyConverter, IntegerConverter, Rule
from wtforms.fields.core import UnboundField

from app.channels.console_forms import ConsoleForm
from tests.fuzz.words import hostile
from tests.pages.visitors import Screen

READ = re.compile(
    r"""(?:form|args|values)(?:\.get|\.getlist)?[(\[]\s*"(\w+)"|\bline\(\s*"(\w+)"|sent_bytes\(\s*"(\w+)\""""
)
DEFAULTS = st.sampled_from(
    [
        "1",
        "2",
        "3",
        "0",
        "on",
        "",
        "yes",
        "2026-11-24",
        "2026-12-01",
        "09:00",
        "10:30",
        "马秀兰",
        "13900000001",
        "90",
    ]
)
NUMBERS = st.one_of(st.integers(1, 6), st.integers(1, 60), st.just(2**63), st.just(0))


@dataclass(frozen=True, slots=True)
class Door:
    """One address that takes a form: `names` are fields that its module reads."""

    endpoint: str
    rule: Rule
    names: tuple[str, ...]
    shows: bool  # whether a GET there shows the form itself

    def path(self, values: list[Any]) -> str:
        parts = dict(zip(sorted(self.rule.arguments), values, strict=False))
        given = {name: _part(self.rule, name, parts.get(name, 1)) for name in self.rule.arguments}
        built = self.rule.build(given)
        return built[1] if built else self.rule.rule


def _part(rule: Rule, name: str, value: Any) -> Any:
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[int(value) % len(converter.items)]
    return int(value) if isinstance(converter, IntegerConverter) else str(value)


def doors(app: Flask, prefix: str, skipped: frozenset[str]) -> dict[str, Door]:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(prefix)]
    shown = {rule.rule for rule in rules if "GET" in (rule.methods or ())}
    return {
        rule.endpoint: Door(
            rule.endpoint, rule, _names(app.view_functions[rule.endpoint]), rule.rule in shown
        )
        for rule in rules
        if "POST" in (rule.methods or ()) and rule.endpoint not in skipped
    }


def _names(view: Any) -> tuple[str, ...]:
    """The fields of the forms that the view's module knows, and those that it reads by name."""
    module = sys.modules[inspect.unwrap(view).__module__]
    found = {name for groups in READ.findall(inspect.getsource(module)) for name in groups if name}
    for one in vars(module).values():
        if inspect.isclass(one) and issubclass(one, ConsoleForm):
            found |= {name for name, field in inspect.getmembers(one) if isinstance(field, UnboundField)}
    return tuple(sorted(found)) or ("text",)


def cases(known: dict[str, Door]) -> st.SearchStrategy[Any]:
    """Where to, with which numbers in the address, and what in which fields; a field may come twice or not at all."""

    @st.composite
    def one(draw: st.DrawFn) -> Any:
        door = known[draw(st.sampled_from(sorted(known)))]
        fields = draw(
            st.lists(st.tuples(st.sampled_from(door.names), st.one_of(DEFAULTS, hostile)), max_size=8)
        )
        values = draw(st.lists(NUMBERS, min_size=len(door.rule.arguments), max_size=len(door.rule.arguments)))
        return {"to": door.endpoint, "with": values, "fields": [list(field) for field in fields]}

    return one()


def filled(page: str, path: str, fields: list[list[str]]) -> dict[str, list[str]]:
    """The form as the page shows it, with these fields over it."""
    shown = [form for form in Screen(page).forms if form.method == "post" and form.action in ("", path)]
    values = {name: [value] for name, value in (shown[0].values if shown else {}).items()}
    given: dict[str, list[str]] = {}
    for name, value in fields:
        given.setdefault(name, []).append(value)
    return values | given

"""Forms that nobody would fill in like this: what a browser would send, with some fields spoiled, left out or made up."""

from __future__ import annotations

import inspect
import re
import sys
from io import BytesIO
from typing import Any

from flask import Flask
from hypothesis import strategies as st
from werkzeug.routing import AnyConverter, IntegerConverter, Rule
from wtforms.fields.core import UnboundField

from app.channels.console_forms import ConsoleForm
from tests.fuzz.upload_target import samples
from tests.fuzz.words import hostile
from tests.pages.visitors import Form

READ = re.compile(
    r"""(?:form|args|values)(?:\.get|\.getlist)?[(\[]\s*"(\w+)"|\bline\(\s*"(\w+)"|sent_bytes\(\s*"(\w+)\""""
)
TYPED = ("楼道灯坏了,请来看看", "1小时", "马秀兰", "13900000001", "2", "2026-11-24 10:00")
BY_KIND = {
    "date": ("2026-11-24", "2026-12-01", "2026-11-23"),
    "time": ("10:00", "09:00", "15:30"),
    "datetime-local": ("2026-11-24T10:00", "2026-12-01T09:00"),
    "month": ("2026-11", "2026-12"),
    "number": ("1", "2", "30"),
    "tel": ("13900000001", "13900000002"),
    "url": ("https://example.org/",),
}
spoiled = st.one_of(
    st.none(),
    st.sampled_from(("0", "1", "on", "yes", "2026-11-24", "09:00", *TYPED)),
    hostile,
)


def filled(form: Form, luck: int) -> dict[str, Any]:
    """What a neighbour or clerk in good will would send: all that is shown, something that fits where nothing is, and
    one of the buttons. `luck` chooses."""
    said: dict[str, Any] = dict(form.values)
    for at, (name, kind) in enumerate(form.kinds.items()):
        turn = luck + at
        if kind == "file":
            sample = sorted(samples())[turn % len(samples())]
            said[name] = (BytesIO(samples()[sample]), f"照片.{sample[:4].lower()}")
        elif form.choices.get(name):
            said[name] = form.choices[name][turn % len(form.choices[name])]
        elif kind != "hidden" and not said.get(name):
            fitting = BY_KIND.get(kind, TYPED)
            said[name] = fitting[turn % len(fitting)]
    if form.buttons and (button := form.buttons[luck % len(form.buttons)]).name:
        said[button.name] = button.value
    return said


def with_spoiled(said: dict[str, Any], fields: list[list[Any]]) -> dict[str, Any]:
    """These fields as they are said here: twice, or (None) not at all."""
    given: dict[str, list[str]] = {}
    for name, value in fields:
        given.setdefault(name, []).extend([] if value is None else [value])
    return {**said, **given}


def address(rule: Rule, number: int) -> str:
    """An address of this rule, in which every number is that one."""
    built = rule.build({name: _part(rule, name, number) for name in rule.arguments})
    return built[1] if built else rule.rule


def _part(rule: Rule, name: str, number: int) -> Any:
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[number % len(converter.items)]
    return number if isinstance(converter, IntegerConverter) else str(number)


def names_read(app: Flask, endpoint: str) -> tuple[str, ...]:
    """The fields of the forms that the view's module knows, and those that it reads by name."""
    module = sys.modules[inspect.unwrap(app.view_functions[endpoint]).__module__]
    found = {name for groups in READ.findall(inspect.getsource(module)) for name in groups if name}
    for one in vars(module).values():
        if inspect.isclass(one) and issubclass(one, ConsoleForm):
            found |= {name for name, field in inspect.getmembers(one) if isinstance(field, UnboundField)}
    return tuple(sorted(found)) or ("text",)

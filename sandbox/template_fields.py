"""What may stand in a template's fields; the platform names the first field that breaks its rule (47003)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.apps import Template
from sandbox.errors import Refused

CLOCK = r"\d{1,2}:\d{2}(:\d{2})?"
DAY = r"\d{4}(年\d{1,2}月\d{1,2}日|-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2})"
TIME = rf"({DAY} ?)?{CLOCK}"
DATE = rf"{DAY}( ?{CLOCK})?"
HAN = r"\u4e00-\u9fff"

SHAPES = {
    "number": r"(?=.{1,32}$)[-+]?\d+(\.\d+)?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": rf"[^\w\s{HAN}]{{1,5}}",
    "character_string": rf"[^\s{HAN}]([^{HAN}]{{0,30}}[^\s{HAN}])?",
    "time": rf"{TIME}(\s*~\s*{TIME})?",
    "date": rf"{DATE}(\s*~\s*{DATE})?",
    "amount": r"[^\d\s]?\d{1,10}(\.\d+)?元?",
    "phone_number": r"[\d+\-() ]{1,17}",
    "car_number": rf"[{HAN}A-Z0-9][A-Z0-9]{{4,6}}[{HAN}A-Z0-9]?",
    "phrase": rf"[{HAN}]{{1,5}}",
}
LENGTHS = {"thing": 20, "short_thing": 5, "const": 20}
COMPILED = {kind: re.compile(shape) for kind, shape in SHAPES.items()}

LABELS = {
    "thing": "事项",
    "time": "时间",
    "date": "日期",
    "phrase": "状态",
    "name": "姓名",
    "phone_number": "电话",
    "number": "数量",
    "amount": "金额",
    "character_string": "编号",
}


def checked(template: Template, data: Any) -> list[dict[str, str]]:
    """The rows of the card, in the template's order.

    Keys that the template does not have (the old `first` and `remark`) are dropped silently, as the platform does.
    Raises Refused 47003 naming the field.
    """
    given = data if isinstance(data, dict) else {}
    rows = []
    for key, kind in template.fields.items():
        held = given.get(key)
        value = held.get("value") if isinstance(held, dict) else None
        if not isinstance(value, (str, int, float)) or not _fits(kind, str(value), template.options.get(key)):
            raise Refused(47003, f"argument invalid! data.{key}.value invalid")
        rows.append({"name": template.labels.get(key) or LABELS.get(kind, key), "value": str(value)})
    return rows


def _fits(kind: str, value: str, options: list[str] | None) -> bool:
    if not value.strip() or "\n" in value or "\r" in value:
        return False
    if options:
        return value in options
    if kind in COMPILED:
        return COMPILED[kind].fullmatch(value) is not None
    return OTHERS.get(kind, _short)(kind, value)


def _short(kind: str, value: str) -> bool:
    return len(value) <= LENGTHS.get(kind, 20)


def _name(kind: str, value: str) -> bool:
    """Ten Chinese characters, or twenty letters and symbols; a mixture counts to ten."""
    return len(value) <= (10 if re.search(f"[{HAN}]", value) else 20)


OTHERS: dict[str, Callable[[str, str], bool]] = {"name": _name}

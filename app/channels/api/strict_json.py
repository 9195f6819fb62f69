"""Reading a JSON body without guessing: what two readers could understand in two ways is refused (trust B32)."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from flask import Request

from app.channels.api.problems import Problem
from app.said import NUL, Said

LARGEST_BODY = 64 * 1024
DEEPEST = 16


class StrictRequest(Request):
    """JSON in UTF-8 only, an object only, each key once, numbers that JSON knows, text that can be stored."""

    parameter_storage_class = Said

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        if self.mimetype != "application/json" or not _is_utf8(self.mimetype_params.get("charset")):
            raise Problem(415, "not_json")
        return read(self.get_data(cache=True))


def read(body: bytes) -> dict[str, Any]:
    """The object in `body`. Raises Problem 400."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_each_key_once,
            parse_constant=_not_a_number,
            parse_float=_finite,
        )
        _check(value, DEEPEST)
    except (ValueError, RecursionError) as fault:
        raise Problem(400, "bad_json") from fault
    if not isinstance(value, dict):
        raise Problem(422, "invalid", errors=[{"where": "body", "what": "object_type"}])
    return value


def _is_utf8(charset: str | None) -> bool:
    return charset is None or charset.lower().replace("-", "") == "utf8"


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number too large to hold")
    return number


def _check(value: Any, deeper: int) -> None:
    """Not too deep, and no text that a database cannot hold (half a surrogate pair, NUL)."""
    if isinstance(value, str):
        if NUL in value:
            raise ValueError("NUL in a text")
        value.encode()
    elif isinstance(value, (dict, list)):
        if deeper == 0:
            raise ValueError("too deep")
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        for part in parts:
            _check(part, deeper - 1)

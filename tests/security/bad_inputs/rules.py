"""Every rule by which the house reads words: each regular expression, wherever it stands (a name of a module, a table, or
in the middle of a function), and texts made from the rule itself that keep it busy for as long as it can be.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import app
import handlers
import models

PACKAGES = (app, handlers, models)
ASKED = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
MANY = 20  # more of something than this is no small number
REPEATS = {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}
NO_WORDS = ("migrations", "__main__")
BREAKERS = ("", "\x01", "。不")


def modules() -> Iterator[ModuleType]:
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not any(part in found.name for part in NO_WORDS):
                yield importlib.import_module(found.name)


def rules() -> dict[str, re.Pattern[str]]:
    """Each regular expression of texts by a name that finds it again."""
    found: dict[str, re.Pattern[str]] = {}
    for module in modules():
        for value in vars(module).values():
            for pattern in _held(value, 0):
                found.setdefault(pattern.pattern, pattern)
        for pattern in _in_functions(module):
            found.setdefault(pattern.pattern, pattern)
    return found


def _held(value: Any, depth: int) -> Iterator[re.Pattern[str]]:
    """Patterns in a value of a module: themselves, in tables, in tuples of tables."""
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth < 4 and isinstance(value, (tuple, list, frozenset, set)):
        for one in itertools.islice(value, 2000):
            yield from _held(one, depth + 1)
    elif depth < 4 and isinstance(value, dict):
        for one in itertools.islice(value.values(), 2000):
            yield from _held(one, depth + 1)


def _in_functions(module: ModuleType) -> Iterator[re.Pattern[str]]:
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args):
            continue
        of_re = isinstance(call.func.value, ast.Name) and call.func.value.id == "re"
        words = call.args[0]
        if (
            of_re
            and call.func.attr in ASKED
            and isinstance(words, ast.Constant)
            and isinstance(words.value, str)
        ):
            yield re.compile(words.value)


# ---- what a rule is made of -----------------------------------------------------------------------------------------


def tree_of(pattern: re.Pattern[str]) -> Any:
    return parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)


def nested(tree: Any, inside: bool = False) -> bool:
    """Whether something that repeats without end stands in something that does: that is where time explodes. One that
    never gives back what it took (possessive, atomic) is none."""
    for op, value in tree:
        endless = op in REPEATS and value[1] > MANY
        if endless and inside and op is not sre.POSSESSIVE_REPEAT:
            return True
        within = inside or (endless and op is not sre.POSSESSIVE_REPEAT)
        if any(nested(part, within and op is not sre.ATOMIC_GROUP) for part in _parts(op, value)):
            return True
    return False


def _parts(op: Any, value: Any) -> list[Any]:
    if op in REPEATS:
        return [value[2]]
    if op is sre.SUBPATTERN:
        return [value[3]]
    if op is sre.BRANCH:
        return list(value[1])
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return [value[1]]
    if op is sre.ATOMIC_GROUP:
        return [value]
    return [one for one in value[1:] if one] if op is sre.GROUPREF_EXISTS else []


def busy_texts(pattern: re.Pattern[str], length: int) -> Iterator[str]:
    """What the rule likes, over and over; and what stands before each of its repeats, then that repeat for very long,
    then what it cannot have wanted."""
    tree = tree_of(pattern)
    bodies = {example(tree), *(before + body for before, body in _pumped(tree, ""))}
    bodies |= {body for _, body in _pumped(tree, "")}
    for body, breaker in itertools.product(sorted(one for one in bodies if one), BREAKERS):
        yield (body * (length // len(body) + 1))[: length - len(breaker)] + breaker
    for before, body in _pumped(tree, ""):
        if body:
            yield (before + body * (length // len(body) + 1))[: length - 1] + "\x01"


def _pumped(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    for op, value in tree:
        for part in _parts(op, value):
            if op in REPEATS and value[1] > 1:
                yield before, example(part)
            yield from _pumped(part, before)
        before += example([(op, value)])


def example(tree: Any) -> str:
    """A short text that this part of a rule takes, more or less."""
    said = ""
    for op, value in tree:
        if op is sre.LITERAL:
            said += chr(value)
        elif op is sre.NOT_LITERAL:
            said += "一" if chr(value) != "一" else "二"
        elif op is sre.ANY:
            said += "一"
        elif op is sre.IN:
            said += _one_of(value)
        elif op in REPEATS:
            said += example(value[2]) * max(value[0], 1)
        elif op is sre.BRANCH:
            said += example(value[1][0])
        elif op in (sre.SUBPATTERN, sre.ATOMIC_GROUP):
            said += "".join(example(part) for part in _parts(op, value))
    return said


def _one_of(signs: Any) -> str:
    if signs[0][0] is sre.NEGATE:
        refused = re.compile(
            "[" + "".join(re.escape(chr(v)) for op, v in signs if op is sre.LITERAL) + "\x02]"
        )
        return next(sign for sign in "一a1 ,\n" if not refused.match(sign))
    op, value = signs[0]
    if op is sre.LITERAL:
        return chr(value)
    if op is sre.RANGE:
        return chr(value[0])
    return {"DIGIT": "1", "SPACE": " ", "WORD": "a"}.get(str(value).rpartition("_")[2], "一")

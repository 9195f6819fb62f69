"""A dialogue is run again each turn, so between its questions nothing may happen that must happen once."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HANDLERS = Path(__file__).parents[2] / "handlers"
CLOCKS = {("clock", "now"), ("clock", "today"), ("datetime", "now"), ("date", "today"), ("time", "time")}
FORBIDDEN = {ast.Try: "try", ast.With: "with", ast.Global: "global", ast.Nonlocal: "nonlocal"}


def faults(source: str) -> list[str]:
    """What the async functions of a module do that replay does not stand."""
    found: list[str] = []
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.AsyncFunctionDef):
            found += [f"{function.name}: {fault}" for fault in _faults_of(function)]
    return found


def _faults_of(function: ast.AsyncFunctionDef) -> Iterator[str]:
    last_question = max(
        (node.lineno for node in ast.walk(function) if isinstance(node, ast.Await)), default=0
    )
    for node in ast.walk(function):
        yield from (word for kind, word in FORBIDDEN.items() if isinstance(node, kind))
        if isinstance(node, ast.Attribute):
            owner = getattr(node.value, "id", "")
            if (owner, node.attr) in CLOCKS:
                yield f"asks the clock ({owner}.{node.attr})"
            if owner in ("random", "secrets"):
                yield "rolls dice"
        if isinstance(node, ast.Call) and _acts(node) and node.lineno < last_question:
            yield f"acts before its last question (line {node.lineno})"


def _acts(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "actions"


def test_no_dialogue_of_any_feature_breaks_a_rule_of_replay() -> None:
    broken = {str(path): faults(path.read_text()) for path in HANDLERS.rglob("*.py")}
    assert {path: found for path, found in broken.items() if found} == {}


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("try:\n  x = 1\n finally:\n  pass\n await Ask('a')", "try"),
        ("actions.book(r)\n await Ask('a')", "acts before its last question"),
        ("x = clock.now()\n await Ask('a')", "asks the clock"),
        ("await Ask(random.choice('ab'))", "rolls dice"),
    ],
)
def test_the_check_sees_each_fault(body: str, fault: str) -> None:
    assert any(fault in found for found in faults(f"async def talk(r):\n {body}"))


def test_the_check_lets_an_action_after_the_last_question_pass() -> None:
    assert faults("async def talk(r):\n x = await Ask('a')\n return Say('b', y=actions.book(r, x))") == []

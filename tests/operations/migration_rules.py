"""What a migration may do while hosts of the last release still serve (docs/decisions/0017): read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TAKES_AWAY = {"drop_table", "drop_column", "rename_table", "drop_constraint"}
SQL_TAKES_AWAY = ("DROP TABLE", "DROP COLUMN", "RENAME", "ALTER COLUMN", " TYPE ", "TRUNCATE")
REASON = "WHY_NOT_CONCURRENTLY"


def faults(path: Path) -> list[str]:
    """What is against the rule, in words."""
    return list(_faults(ast.parse(path.read_text("utf-8"))))


def _faults(tree: ast.Module) -> Iterator[str]:
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    contracts = str(_text(constants.get("revision"))).endswith("c")
    made = {_text(call.args[0]) for name, call in _calls(tree) if name == "create_table" and call.args}
    for name, call in _calls(tree):
        if not contracts and (words := _taken_away(name, call)):
            yield f"line {call.lineno}: {words} is for a contract step of a later release"
        if name == "add_column" and _is_needed_at_once(call):
            yield f"line {call.lineno}: a column of the last release's inserts needs a server_default, or NULL"
        if name == "create_index" and REASON not in constants and not _lets_others_write(call, made):
            yield f"line {call.lineno}: postgresql_concurrently=True, or say {REASON}"


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node


def _taken_away(name: str, call: ast.Call) -> str:
    if name in TAKES_AWAY:
        return name
    if name == "alter_column":
        harmless = {
            "nullable",
            "server_default",
            "existing_type",
            "existing_nullable",
            "existing_server_default",
        }
        given = {word.arg for word in call.keywords}
        tightens = any(word.arg == "nullable" and _value(word.value) is False for word in call.keywords)
        return "alter_column" if tightens or given - harmless else ""
    if name in ("execute", "exec_driver_sql", "text"):
        told = " ".join(_text(part).upper() for part in ast.walk(call) if isinstance(part, ast.Constant))
        return next((sign.strip() for sign in SQL_TAKES_AWAY if sign in told), "")
    return ""


def _is_needed_at_once(call: ast.Call) -> bool:
    columns = [part for part in ast.walk(call) if isinstance(part, ast.Call) and _name(part) == "Column"]
    words = {word.arg: word.value for column in columns for word in column.keywords}
    return _value(words.get("nullable")) is False and "server_default" not in words


def _lets_others_write(call: ast.Call, made: set[str]) -> bool:
    """Nobody writes to a table that this very migration makes."""
    told = {word.arg: word.value for word in call.keywords}
    table = _text(call.args[1]) if len(call.args) > 1 else _text(told.get("table_name"))
    return table in made or _value(told.get("postgresql_concurrently")) is True


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _value(node: ast.AST | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _text(node: ast.AST | None) -> str:
    told = _value(node)
    return told if isinstance(told, str) else ""

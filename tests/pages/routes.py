"""Addresses of residents' pages, made from the table of routes: a new page of any feature is tried with the others."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from handlers.broadcasts.seed import CODE

EXAMPLES: dict[str, Any] = {
    "token": "1.x",
    "purpose": "service",
    "kind": "报修",
    "field": "name",
    "key": "gaoling",
}
EXAMPLES["code"] = CODE


def address_of(app: Flask, rule: Rule, method: str = "GET", **known: Any) -> str:
    """One address of this rule: numbers are 1 unless they are `known`, choices the last of theirs."""
    values = {name: _example(rule, name, known) for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


def _example(rule: Rule, name: str, known: dict[str, Any]) -> Any:
    example = known.get(name, EXAMPLES.get(name, 1))
    choices = getattr(rule._converters[name], "items", None)
    return example if choices is None or example in choices else max(choices)

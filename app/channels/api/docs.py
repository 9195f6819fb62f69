"""The description as a page to read: made on the server, without scripts and without anybody else's address."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, current_app, render_template

from app.access import open_to
from app.channels.api import problems
from app.channels.api.spec import SCHEMAS, operations

blueprint = Blueprint("api_docs", __name__)


@blueprint.get(problems.DOCS)
@open_to("everyone")
def docs() -> str:
    spec = described()
    return render_template(
        "_base/api_docs.html",
        spec=spec,
        groups=_groups(spec),
        codes=_codes(spec),
        sentences=problems.sentences(),
        example=lambda schema: _pretty(example_of(schema, spec)),
        named=_named,
        resolved=lambda thing: _resolved(thing, spec),
    )


def described() -> dict[str, Any]:
    """The document, made once in each process."""
    facts: dict[str, Any] = current_app.extensions["api"]
    if "spec" not in facts:
        facts["spec"] = current_app.spec  # type: ignore[attr-defined]
    made: dict[str, Any] = facts["spec"]
    return made


def _groups(spec: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    """Tag → (method, path, operation), features in the order of the house."""
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {tag["name"]: [] for tag in spec["tags"]}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append((method.upper(), path, operation))
    return groups


def _codes(spec: dict[str, Any]) -> list[str]:
    """Every code of a rule that a route may answer with."""
    return sorted({code for _, operation in operations(spec) for code in operation["x-refuses"]})


def example_of(schema: dict[str, Any], spec: dict[str, Any]) -> Any:
    """A value that the schema allows, from its examples where it has any."""
    schema = _resolved(schema, spec)
    for key in ("example", "const", "default"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for choice in schema.get("anyOf", ()):
        return example_of(choice, spec)
    return _made_up(schema, spec)


def _made_up(schema: dict[str, Any], spec: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {name: example_of(part, spec) for name, part in fields.items()}
        case "array":
            return [example_of(schema.get("items", {}), spec)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "null":
            return None
    return "…"


def _resolved(thing: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    """What a $ref points at."""
    reference = thing.get("$ref")
    if reference is None:
        return thing
    place: Any = spec
    for part in reference.removeprefix("#/").split("/"):
        place = place[part]
    return _resolved(place, spec)


def _named(schema: dict[str, Any]) -> str:
    """The name of a schema, or what kind of value it is."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(SCHEMAS)
    if "anyOf" in schema:
        return " | ".join(_named(choice) for choice in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_named(schema.get('items', {}))}]"
    kind = schema.get("format") or schema.get("type", "any")
    return " | ".join(map(str, schema["enum"])) if "enum" in schema else str(kind)


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)

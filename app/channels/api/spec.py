"""The published description: what APIFlask gathers from the routes, completed by what every route has in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.channels.api import problems
from app.channels.api.once import HEADER
from app.channels.api.schemas import LARGEST_ID, Instead, ProblemShown, Wrong

SCHEMAS = "#/components/schemas/"
ABOUT = (
    "小程序用的接口。每一步办的事,和在公众号对话里办的是同一件事、同一条规矩。\n\n"
    "Log in with the code of wx.login, then send the token as Bearer. Every POST but the login carries an "
    "Idempotency-Key: the same key with the same body is answered with the same bytes and has no second effect; "
    "answers are kept for 48 hours. Errors are problems (RFC 9457): `code` is for programs, `detail` is a sentence "
    "that can be shown to the resident."
)
SECURITY = {"bearer": {"type": "http", "scheme": "bearer", "description": "the token of POST /login"}}
MEANINGS = {
    400: "The body is no JSON that can be read in one way only, or the Idempotency-Key is missing",
    401: "No token, or one that has ended: log in again",
    403: "WeChat does not let this account in",
    404: "There is no such thing, or it is not yours",
    405: "This address has no such method",
    409: "A rule says no; or the Idempotency-Key was used with another body, or its call is still under way",
    413: "The body is larger than 64 KB",
    415: "The body is not application/json in UTF-8",
    422: "A field is missing, unknown or has a value that it cannot have",
    429: "Too many calls in a minute",
    503: "Not done, nothing has changed: try again",
}
KEY_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": True,
    "description": "A new value for every new intention, the same for every repeat of it",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "minLength": 1, "maxLength": 255},
    "example": "6f1d0c8e-book-1",
}
WITH_RETRY = (409, 429, 503)


def complete(spec: dict[str, Any]) -> dict[str, Any]:
    """Add to APIFlask's document: short schema names, problems, keys, entity tags. Returns the same document."""
    schemas = _flat(spec)
    for model in (Wrong, Instead, ProblemShown):
        schemas[model.__name__] = model.model_json_schema(ref_template=SCHEMAS + "{model}")
        schemas[model.__name__].pop("$defs", None)
    parts = spec["components"]
    spec["paths"] = dict(sorted(spec["paths"].items()))
    parts["schemas"] = dict(sorted(schemas.items()))
    parts["responses"] = {f"Problem{status}": _problem(status) for status in MEANINGS}
    parts["parameters"] = {"IdempotencyKey": KEY_PARAMETER}
    for method, operation in operations(spec):
        _complete(method, operation)
    return spec


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in spec["paths"].values():
        yield from path.items()


def _complete(method: str, operation: dict[str, Any]) -> None:
    for parameter in operation["parameters"]:
        _bound(parameter)
    if operation["x-once"]:
        operation["parameters"].append({"$ref": "#/components/parameters/IdempotencyKey"})
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    if method == "get" and operation["x-who-may"] == "everyone":
        _with_entity_tag(operation)
    for status in sorted(_statuses(method, operation)):
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/Problem{status}"}


def _statuses(method: str, operation: dict[str, Any]) -> set[int]:
    places = {parameter.get("in") for parameter in operation["parameters"]}
    found = {429, 503}
    found |= {401} if operation["x-who-may"] != "everyone" else set()
    found |= {404} if "path" in places or "requestBody" in operation else set()
    found |= {404, 422} if "query" in places else set()
    found |= {400, 413, 415, 422} if "requestBody" in operation else set()
    found |= {400, 409, 413} if operation["x-once"] else set()
    found |= {409} if method != "get" else set()
    return found | ({401, 403} if method == "post" and operation["x-who-may"] == "everyone" else set())


def _bound(parameter: dict[str, Any]) -> None:
    if parameter["in"] == "path" and parameter["schema"].get("type") == "integer":
        parameter["schema"] |= {"minimum": 1, "maximum": LARGEST_ID}


def _with_entity_tag(operation: dict[str, Any]) -> None:
    tag = {"ETag": {"schema": {"type": "string"}, "description": "send it back as If-None-Match"}}
    operation["responses"]["200"]["headers"] = tag
    operation["responses"]["304"] = {"description": "What you have is still so"}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": SCHEMAS + ProblemShown.__name__}
    made: dict[str, Any] = {
        "description": MEANINGS[status],
        "content": {problems.MIMETYPE: {"schema": schema}},
    }
    if status in WITH_RETRY:
        made["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "seconds"}}
    return made


def _flat(spec: dict[str, Any]) -> dict[str, Any]:
    """APIFlask names a nested schema after its parent ("Page.Notice"); here each stands once, under its own name."""
    _rename(spec)
    named = spec.get("components", {}).get("schemas", {})
    return {name.rpartition(".")[2]: schema for name, schema in named.items()}


def _rename(node: Any) -> None:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(SCHEMAS):
            node["$ref"] = SCHEMAS + reference.removeprefix(SCHEMAS).rpartition(".")[2]
        for part in node.values():
            _rename(part)
    elif isinstance(node, list):
        for part in node:
            _rename(part)

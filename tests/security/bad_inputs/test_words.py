"""Hostile words in every form, every call and every dialogue: nothing falls over, nothing is worked out, and wherever they
are shown afterwards they are words (B07 SQL, B08 markup and hidden signs, B09 templates).

Forms are found on the pages themselves and calls in the description of the API: a new one is tried without anybody
thinking of it. What addresses say is tried in tests/security/test_hostile_words.py.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import metrics
from handlers.people import actions as people
from models import api_session
from models.identity import Identity, Person
from tests.neighbours import Town
from tests.pages.visitors import Visitor
from tests.security.bad_inputs.forms import Shown, forms_of
from tests.security.conftest import ROLES
from tests.security.test_hostile_words import (
    HOSTILE,
    MARKUP,
    WORKED_OUT,
    address,
    pages_of,
)
from tests.staff.clerks import clerk

LONG = "长" * 5000
NUL = "a\x00b"
WORDS = (*HOSTILE, LONG, NUL, "👨‍👩‍👧‍👦😀", "\u202e兰秀马\u200b\ufeff", "{{ config }}", "=1+1")
UNSEEN = "\u202e\u200b\ufeff"
RAW = ("<script>alert(", "<img src=x", "</textarea><b>")


def words() -> Callable[[], str]:
    """The next hostile word, again and again."""
    around = itertools.cycle(WORDS)
    return lambda: next(around)


def faults() -> float:
    return float(metrics.faults._value.get())


def wrong_with(page: TestResponse, where: str) -> Iterator[str]:
    if page.status_code >= 500:
        yield f"{where}: {page.status_code}"
    if page.mimetype == "text/html":
        yield from (f"{where} shows {raw!r}" for raw in (*RAW, WORKED_OUT) if raw in page.text)


def hidden_in(page: TestResponse, where: str) -> Iterator[str]:
    """Signs that nobody sees, in a page that shows what was typed before: there they would turn a neighbour's words round."""
    if page.mimetype == "text/html":
        yield from (f"{where} shows U+{ord(sign):04X}" for sign in UNSEEN if sign in page.text)


def tables(town: Town) -> int:
    """How many rows there are of what SQL words would drop."""
    with town.reading() as session:
        return int(session.scalar(text("SELECT count(*) FROM person")) or 0)


def test_b07_b08_b09_hostile_words_in_every_form_of_the_console_stay_words(lived_in: Town) -> None:
    everyone = clerk(lived_in, *ROLES, login="many")

    def send(form: Shown, fields: dict[str, str]) -> TestResponse:
        return everyone.client.post(form.action, data=fields | {"csrf_token": token})

    forms = forms_of(lived_in, "/console", everyone.client.get)
    assert len(forms) > 60
    token, wrong, hostile = everyone.token(), [], words()
    for form in forms.values():
        for wholly in (False, True):
            answer = send(form, form.filled(hostile, wholly=wholly))
            wrong += wrong_with(answer, f"POST {form.action}")
    for rule in pages_of(lived_in, "/console"):
        page = everyone.client.get(address(rule))
        wrong += [*wrong_with(page, rule.rule), *hidden_in(page, rule.rule)]
    assert wrong == []
    assert everyone.client.get("/console/mine").status_code == 200, "the walk lost its session"
    assert tables(lived_in) > 0


def resident(town: Town, name: str = "马秀兰") -> Visitor:
    phone = town.phone(name)
    town.writing(lambda s: people.join(phone.actor(s), name=name, phone="13900000001"))
    return Visitor(town, phone)


def test_b07_b08_b09_hostile_words_in_every_form_of_the_residents_pages_stay_words(lived_in: Town) -> None:
    ma = resident(lived_in)
    forms = forms_of(lived_in, "/h5", ma.client.get)
    assert len(forms) > 10
    wrong, hostile = [], words()
    for form in forms.values():
        for wholly in (False, True):
            answer = ma.client.post(form.action, data=form.filled(hostile, wholly=wholly))
            wrong += wrong_with(answer, f"POST {form.action}")
    for rule in pages_of(lived_in, "/h5"):
        page = ma.client.get(address(rule))
        wrong += [*wrong_with(page, rule.rule), *hidden_in(page, rule.rule)]
    assert wrong == []


# ---- calls of programs --------------------------------------------------------------------------------------------------


@pytest.fixture
def bearer(inhabited: Town) -> dict[str, str]:
    token = secrets.token_urlsafe(32)

    def begin(session: Session) -> None:
        facts = {"kind": "mini", "app": "mini:main", "openid": "o-hostile"}
        identity = Identity(**facts, person=Person(name="马秀兰", phone="13900000001"))
        session.add(identity)
        session.flush()
        api_session.begin(session, identity, token, "key")

    inhabited.writing(begin)
    limits = inhabited.app.extensions["api"]["limits"]
    limits.update(dict.fromkeys(limits, 1_000_000))
    return {"Authorization": f"Bearer {token}"}


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in description["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "patch", "put", "delete"):
                yield method, path, operation


def body_of(description: dict[str, Any], schema: dict[str, Any], hostile: Callable[[], str]) -> Any:
    """A body of this form with hostile words wherever it takes text."""
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for choice in schema.get("anyOf", schema.get("oneOf", ())):
        return body_of(description, choice, hostile)
    kind = schema.get("type")
    if kind == "object":
        parts = schema.get("properties", {})
        return {name: body_of(description, part, hostile) for name, part in parts.items()}
    if kind == "array":
        return [body_of(description, schema.get("items", {}), hostile)]
    return {"integer": 1, "number": 1.5, "boolean": True}.get(kind or "") or schema.get("const", hostile())


def test_b07_b08_b09_hostile_words_in_every_call_are_words(inhabited: Town, bearer: dict[str, str]) -> None:
    description, hostile, wrong, calls = inhabited.client.get("/api/openapi.json").json, words(), [], 0
    for method, path, operation in operations(description):
        names = [one["name"] for one in operation.get("parameters", ()) if one.get("in") == "query"]
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for turn in range(4):
            hostile()
            body = body_of(description, content["schema"], hostile) if content else None
            answer = inhabited.client.open(
                path.replace("{", "").replace("}", "") if turn == 3 else _numbered(path),
                method=method.upper(),
                query_string={name: hostile() for name in names},
                json=body,
                headers=bearer | {"Idempotency-Key": f"k{calls}"},
            )
            calls += 1
            if answer.status_code >= 500:
                wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            if answer.status_code < 300:
                assert answer.mimetype != "text/html" or path.endswith("docs"), path
    assert wrong == []
    assert calls > 200


def _numbered(path: str) -> str:
    return "/".join("1" if part.startswith("{") else part for part in path.split("/"))


def test_b08_what_a_resident_typed_is_json_text_for_programs(inhabited: Town, bearer: dict[str, str]) -> None:
    for word in MARKUP[:3]:
        sent = {"text": f"想要{word}", "category": "其他"}
        answer = inhabited.client.post(
            "/api/v1/wishes", json=sent, headers=bearer | {"Idempotency-Key": secrets.token_hex(4)}
        )
        assert answer.mimetype.endswith("json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# ---- the chat -----------------------------------------------------------------------------------------------------------


def openings(town: Town) -> list[str]:
    """A chat word of each dialogue and answer of the house."""
    house = town.site.house
    begun = (*house.dialogues.values(), *house.answers.values())
    return sorted({one.words[0] for one in begun if one.words})


def test_b07_b08_b09_hostile_words_in_every_dialogue_and_code_are_words(inhabited: Town) -> None:
    broken, typed = faults(), [word.replace("\x00", "") for word in WORDS]
    around, ma = itertools.cycle(typed), inhabited.phone("马秀兰")
    for opening in openings(inhabited):
        said = ma.says(opening, next(around), "1", next(around))
        assert WORKED_OUT not in said
    for clean in typed:
        ma.follows(clean[:60])
        ma.scans(clean[:60])
        ma.clicks(clean[:60])
        ma.sends("image", MediaId=clean[:100], PicUrl=clean[:100])
        ma.sends_place(36.6, 101.7, clean[:100])
    assert faults() == broken

"""Rows of others: every address with a name in it, asked for by somebody whose role may and whose row it is not (B14).

Which row is whose stands in tests/staff/objects.py, one line for each route.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from models import pages as browsers
from tests.neighbours import Phone, Town, frozen
from tests.staff import objects
from tests.staff.objects import CONSOLE, OFFICE, PAGES, PUBLIC, SECRET, Foreign, Proved

ROOT = Path(__file__).parents[2]
MONDAY = "2026-11-23 09:00:10"
REFUSED = (403, 404, 409, 410)
WORDS = {OFFICE, PUBLIC, SECRET, objects.NO_ROW}
MADE_FOREIGN = sorted(name for name, whose in CONSOLE.items() if callable(whose))
MADE_THEIRS = sorted(name for name, whose in PAGES.items() if callable(whose))
NOTE = "say in tests/staff/objects.py, {table}, whose rows this route opens (OFFICE, PUBLIC, SECRET, NO_ROW, Proved or a function)"


def rules(town: Town, under: str) -> Iterator[Rule]:
    for rule in town.app.url_map.iter_rules():
        if rule.rule.startswith(under):
            yield rule


def methods(town: Town, endpoint: str) -> list[tuple[Rule, str]]:
    found = [rule for rule in town.app.url_map.iter_rules() if rule.endpoint == endpoint]
    return [(rule, method) for rule in found for method in sorted((rule.methods or set()) & {"GET", "POST"})]


def address(rule: Rule, names: dict[str, Any]) -> str:
    built = rule.build(names)
    assert built is not None, f"{rule.rule} is not named by {names}"
    return built[1]


@pytest.mark.parametrize(("under", "table"), [("/console", "CONSOLE"), ("/h5", "PAGES")])
def test_b14_every_address_with_a_name_in_it_says_whose_rows_it_opens(
    sqlite_town: Town, under: str, table: str
) -> None:
    said = set(getattr(objects, table))
    named = {rule.endpoint for rule in rules(sqlite_town, under) if rule.arguments}
    assert sorted(named - said) == [], NOTE.format(table=table)
    assert sorted(said - named) == [], "these routes are gone: take their lines away"
    whose = list(getattr(objects, table).values())
    assert {one for one in whose if isinstance(one, str)} <= WORDS
    assert [one for one in whose if isinstance(one, Proved) and not is_there(one)] == []


def is_there(proof: Proved) -> bool:
    file = ROOT / proof.file
    return file.exists() and f"def {proof.test}(" in file.read_text()


# ---- the console -----------------------------------------------------------------------------------------------------


def _other_asks(town: Town, made: Foreign, endpoint: str) -> list[str]:
    wrong = []
    for rule, method in methods(town, endpoint):
        path = address(rule, made.names)
        answer = made.person.opens(path) if method == "GET" else made.person.sends(path)
        with town.reading() as session:
            kept = made.untouched(session)
        opened = method == "GET" and answer.status_code not in REFUSED
        if opened or not kept or answer.status_code >= 500 or (made.words and made.words in answer.text):
            wrong.append(f"{method} {path}: {answer.status_code}")
    return wrong


@pytest.mark.parametrize("endpoint", MADE_FOREIGN)
def test_b14_a_colleague_with_the_same_role_gets_nothing_of_what_is_not_theirs(
    sqlite_town: Town, endpoint: str
) -> None:
    whose = CONSOLE[endpoint]
    assert callable(whose)
    assert _other_asks(sqlite_town, whose(sqlite_town), endpoint) == []


# ---- residents' pages ------------------------------------------------------------------------------------------------


def signed_in(town: Town, phone: Phone) -> FlaskClient:
    """A browser for which WeChat has vouched that this neighbour holds it."""
    client, key = town.client, secrets.token_hex(32)

    def unit(session: Session) -> None:
        identity = phone.actor(session).identity
        assert identity is not None
        browsers.sign_in(session, "", key, identity)

    town.writing(unit)
    with client.session_transaction() as cookie:
        cookie["browser"] = key
    return client


@pytest.mark.parametrize("who", ["another resident", "a guest"])
@pytest.mark.parametrize("endpoint", MADE_THEIRS)
def test_b14_another_resident_and_a_guest_get_nothing_of_a_residents_rows(
    sqlite_town: Town, endpoint: str, who: str
) -> None:
    whose, wrong = PAGES[endpoint], []
    assert callable(whose)
    with frozen(MONDAY):
        theirs = whose(sqlite_town, sqlite_town.phone("马秀兰"))
        client = (
            signed_in(sqlite_town, sqlite_town.phone("才让卓玛"))
            if who == "another resident"
            else sqlite_town.client
        )
        for rule, method in methods(sqlite_town, endpoint):
            answer = client.open(address(rule, theirs.names), method=method, data=theirs.fields)
            with sqlite_town.reading() as session:
                kept = theirs.untouched(session)
            asked_who = answer.status_code == 302 and "/oauth2/authorize" in answer.headers["Location"]
            shown = theirs.words and theirs.words in answer.text
            if not kept or shown or (method == "GET" and not asked_who and answer.status_code not in REFUSED):
                wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_b14_pages_of_ones_own_show_nothing_of_a_neighbour(sqlite_town: Town) -> None:
    """Addresses without a name in them show whoever looks, and only them."""
    first, second = sqlite_town.phone("马秀兰"), sqlite_town.phone("才让卓玛")
    sqlite_town.seed("people", "appointments", "wishes", "activities", "notices")
    secret = ("马秀兰", "13900000001")
    first.says("登记", "1", "1", secret[0], secret[1], "跳过", "1")
    with sqlite_town.reading() as session:
        assert first.person(session).phone == secret[1]
    mine, other, guest = signed_in(sqlite_town, first), signed_in(sqlite_town, second), sqlite_town.client
    assert secret[0] in mine.get("/h5/me").text
    wrong = []
    for rule in rules(sqlite_town, "/h5"):
        if rule.arguments or "GET" not in (rule.methods or set()):
            continue
        for client in (other, guest):
            page = client.get(rule.rule).text
            wrong += [f"{rule.rule}: {word}" for word in secret if word in page]
    assert wrong == []

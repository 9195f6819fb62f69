"""Nobody reads or changes what is somebody else's: every address with a number in it, tried by another resident and by
a guest (B14); nothing of the workshop lies about (B33)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.web import Id
from models.appointments import Appointment
from tests.appointments.desk import opened
from tests.hall.windows import number_of
from tests.neighbours import Town, frozen
from tests.pages.routes import address_of
from tests.pages.test_activities import planned
from tests.pages.visitors import Visitor

# Pages for residents whose number is not a person's row: a time that
# anybody may book, an activity that anybody may join, a wish on the wall, what a partner offers.
ANYBODYS_NUMBERS = {
    "circle_pages.which_half",
    "circle_pages.order",
    "appointments_pages.confirm",
    "appointments_pages.book",
    "appointments_pages.wait_for",
    "appointments_pages.line_up",
    "hall_pages.confirm",
    "hall_pages.take",
    "activities_pages.confirm_join",
    "activities_pages.join",
    "activities_pages.wait",
    "matters_pages.follow",
    "wishes_pages.one",
    "wishes_pages.claim",
    "ratings_pages.echo",
    "ledger_pages.one",
    "ledger_pages.promise",
    "ledger_pages.gift",
}
REFUSED = (403, 404, 405, 409)


@pytest.fixture
def street(sqlite_town: Town) -> Iterator[Town]:
    """Resident A has an appointment, a place in an activity, and a joining."""
    with frozen("2026-11-23 08:30"):
        opened(sqlite_town)
        planned(sqlite_town)
        rows = ("matters", "wishes", "ledger", "ratings")
        sqlite_town.seed("people", "programmes", *rows)
        a = Visitor(sqlite_town, sqlite_town.phone("甲"))
        a.opens("/h5/services/1/days").taps("明天").taps("9:30").presses("约这个时间", name="马秀兰")
        a.opens("/h5/activities/1/join").presses("报名")
        other = sqlite_town.phone("甲的平板")
        sqlite_town.writing(lambda s: _join(s, sqlite_town.phone("甲"), other))
        number_of(sqlite_town, 1, sqlite_town.phone("甲").person)
        yield sqlite_town


def _join(session, phone, other) -> None:  # type: ignore[no-untyped-def]
    from handlers.people import actions

    actions.link_by_code(other.actor(session), actions.issue_link_code(phone.actor(session)))


def numbered(app: Flask) -> list[Rule]:
    """Every page for residents, of every feature, whose address holds the number of a row. (Pages for everybody hold
    nothing of a person; a new one with a number is tried here unless it is said above why not.)"""
    return [
        rule
        for rule in residents_rules(app)
        if any(isinstance(one, Id) for one in rule._converters.values())
        and rule.endpoint not in ANYBODYS_NUMBERS
    ]


def residents_rules(app: Flask) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/h5/")
        and getattr(app.view_functions[rule.endpoint], "who_may", "") == "residents"
    ]


def paths(app: Flask) -> list[tuple[str, str]]:
    return [
        (method, address_of(app, rule, method, slot=4))
        for rule in numbered(app)
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]


def test_b14_another_resident_gets_a_page_that_is_not_there(street: Town) -> None:
    tried = paths(street.app)
    assert len(tried) >= 10
    b = Visitor(street, street.phone("乙"))
    for method, path in tried:
        asked = f"{path}?day=2026-11-24"
        answer = b.client.get(asked) if method == "GET" else b.client.post(path, data={"once": "x"})
        assert answer.status_code in REFUSED, (method, path, answer.status_code)
        assert "马秀兰" not in answer.text, path
        assert "11月24日(星期二)上午9点30分" not in answer.text, path
    with street.reading() as session:
        assert session.get_one(Appointment, 1).state == "confirmed"


def test_b14_a_guest_is_asked_who_they_are_or_refused(street: Town) -> None:
    guest = Visitor(street)
    for method, path in paths(street.app):
        answer = guest.client.open(path, method=method, data={"once": "x"} if method == "POST" else None)
        assert answer.status_code in (*REFUSED, 302), (method, path)
        if answer.status_code == 302:
            assert "/connect/oauth2/authorize" in answer.location, path


def test_the_owner_is_let_in_on_the_same_addresses(street: Town) -> None:
    """Else the test above would prove nothing."""
    a = Visitor(street, street.phone("甲"))
    for path in ("/h5/appointments/1", "/h5/appointments/1/days", "/h5/appointments/1/move/4"):
        assert a.opens(path).status == 200, path
    assert "11月24日" in a.words


def test_b17_every_page_that_changes_something_is_a_post_of_ours(street: Town) -> None:
    """B17: a form that somebody else's page sends does nothing."""
    a = Visitor(street, street.phone("甲"))
    for rule in residents_rules(street.app):
        if "POST" in (rule.methods or set()):
            path = address_of(street.app, rule, "POST", slot=4)
            evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
            assert a.client.post(path, headers=evil).status_code == 403, path


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.git/HEAD",
        "/.env",
        "/config.toml",
        "/static/page.js.map",
        "/static/page.css.map",
        "/static/../config.example.toml",
        "/static/%2e%2e/config.example.toml",
        "/h5/../.git/config",
        "/debug",
        "/console.py",
        "/h5/debug",
        "/town.db",
        "/static/page.css.bak",
        "/static/",
    ],
)
def test_b33_nothing_of_the_workshop_lies_about(sqlite_town: Town, path: str) -> None:
    answer = sqlite_town.client.get(path)
    assert answer.status_code == 404, path
    assert "Traceback" not in answer.text


def test_b33_a_fault_of_ours_shows_a_number_and_no_inside(sqlite_town: Town) -> None:
    app = sqlite_town.app
    assert not app.debug

    def broken() -> str:
        raise RuntimeError("secret 13900000001")

    app.view_functions["pages.home"] = broken
    answer = app.test_client().get("/h5/")
    assert answer.status_code == 500
    assert "编号" in answer.text
    for inside in ("RuntimeError", "13900000001", "Traceback", ".py"):
        assert inside not in answer.text


def test_b33_scripts_and_styles_name_no_map(sqlite_town: Town) -> None:
    for name in ("page.js", "page.css", "screen.js"):
        assert "sourceMappingURL" not in sqlite_town.client.get(f"/static/{name}").text


def test_pages_are_never_kept_by_anybody(sqlite_town: Town) -> None:
    visitor = Visitor(sqlite_town, sqlite_town.phone("甲"))
    for path in ("/h5/", "/h5/me", "/h5/me/kept", "/h5/me/copy.json"):
        answer = visitor.client.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]

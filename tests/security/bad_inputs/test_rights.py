"""Rights: what one may not do by looking, from another site, or past one's own role (B14–B18).

Who enters where is proved by tests/staff/test_roles.py, whose rows each address opens by tests/staff/test_objects.py,
tests/pages/test_strangers.py and tests/api/test_strangers.py; here is what cuts across the three channels.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from handlers.people import actions as people
from models.identity import Identity
from models.pages import PageSession
from tests.neighbours import Town
from tests.pages.visitors import Visitor
from tests.security.bad_inputs.watched import watching
from tests.security.test_hostile_words import address
from tests.staff.clerks import Clerk, clerk, hire

# What looking may leave behind: that somebody looked, and that a browser is still in use.
TRACES = {"audit_line", "petition_view", "staff_session", "page_session", "api_session"}
LEFT_OUT = {"static", "bootstrap.static", "htmx.static"}


def readable(town: Town) -> Iterator[Rule]:
    for rule in town.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in LEFT_OUT:
            yield rule


def test_b17_looking_changes_nothing_but_the_trail(inhabited: Town, everyone: Clerk) -> None:
    """Every address that can be read, by who may enter nearly everywhere: a link in a message must not act."""
    phone = inhabited.phone("马秀兰")
    inhabited.writing(lambda s: people.join(phone.actor(s), name="马秀兰", phone="13900000001"))
    ma, wrong, seen = Visitor(inhabited, phone), [], 0
    for rule in readable(inhabited):
        reader = everyone.client if rule.rule.startswith("/console") else ma.client
        with watching(inhabited) as written:
            answer = reader.get(address(rule))
        seen += answer.status_code == 200
        if changed := written - TRACES:
            wrong.append(f"{rule.rule} ({answer.status_code}) writes {sorted(changed)}")
    assert seen > 150
    assert wrong == []


def test_b17_no_other_site_may_read_an_answer_in_somebodys_browser(inhabited: Town, everyone: Clerk) -> None:
    """Without these headers a browser keeps what came from the page that asked."""
    for origin in ("null", "https://evil.test", "https://xingfu.community.test.evil.test"):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        for path in ("/console/", "/h5/", "/api/v1/notices", "/wx/main", "/healthz"):
            for method in ("OPTIONS", "GET"):
                answer = everyone.client.open(path, method=method, headers=asked)
                allowed = [name for name, _ in answer.headers if name.lower().startswith("access-control")]
                assert allowed == [], (method, path)


def test_b17_cookies_stay_with_our_own_pages(sqlite_town: Town) -> None:
    answer = hire(sqlite_town, "desk", login="wang").signs_in()
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie or "SameSite=Strict" in cookie


def test_b17_nobody_signs_a_clerk_in_as_somebody_else(sqlite_town: Town) -> None:
    """Login CSRF: a form on another site, with a token that its owner took for himself."""
    thief, wang = clerk(sqlite_town, "desk", login="thief"), clerk(sqlite_town, "desk", login="wang")
    thief.sends("/console/sign-out")
    thief.opens("/console/sign-in")
    fields = {"csrf_token": thief.token(), "login": "thief", "password": "x"}
    for headers in ({"Origin": "null"}, {"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        assert wang.client.post("/console/sign-in", data=fields, headers=headers).status_code == 403
    assert wang.client.post("/console/sign-in", data=fields).status_code in (302, 400, 403)
    assert wang.client.get("/console/mine").status_code == 200
    assert "wang" in wang.client.get("/console/mine").text


# ---- sessions of residents (those of the staff: tests/staff/test_sign_in.py) ---------------------------------------------------


def test_b18_a_browser_of_a_resident_that_was_let_go_opens_nothing(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    sqlite_town.writing(lambda s: people.join(phone.actor(s), name="马秀兰", phone="13900000001"))
    ma = Visitor(sqlite_town, phone)
    assert "马秀兰" in ma.opens("/h5/me").words
    cookie = ma.client.get_cookie("session")
    assert cookie is not None
    stolen = sqlite_town.client
    stolen.set_cookie("session", cookie.value)

    def let_go(session: Session) -> None:
        for row in session.scalars(select(PageSession)):
            session.delete(row)

    sqlite_town.writing(let_go)
    assert "马秀兰" not in stolen.get("/h5/me", follow_redirects=False).text


@pytest.mark.parametrize("planted", ["", "x", "." * 3000, secrets.token_hex(200), "eyJicm93c2VyIjoieCJ9.x.y"])
def test_b18_a_planted_cookie_is_nobody_and_no_fault(sqlite_town: Town, planted: str) -> None:
    for name, path in (("session", "/h5/me"), ("session", "/console/mine"), ("console", "/console/mine")):
        client = sqlite_town.client
        client.set_cookie(name, planted)
        assert client.get(path).status_code in (200, 302, 403), (name, path)
    with sqlite_town.reading() as session:
        assert session.scalars(select(Identity)).all() == []

"""Clerks at browsers: a member of staff who signs in at the console and fills in its forms."""

from __future__ import annotations

import html
import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from handlers.staff import actions
from models.audit import AuditLine
from models.identity import Actor
from models.staff import StaffMember, member_by_login
from tests.neighbours import Town

BUSY, BUSY_TRIES = 503, 5  # "busy" means that nothing was done: the same form is sent again
PASSWORD = "春天到湟水河边走走"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Clerk:
    """One browser. `opens` and `sends` go where a browser would go; `page` is the text of the last answer."""

    def __init__(self, town: Town, login: str, *roles: str) -> None:
        self.town, self.login, self.roles = town, login, roles
        self.client: FlaskClient = town.client
        self.page = ""

    def signs_in(self, password: str = PASSWORD, code: str = "", **request: Any) -> TestResponse:
        self.opens("/console/sign-in")
        return self.sends("/console/sign-in", login=self.login, password=password, code=code, **request)

    def opens(self, path: str, **request: Any) -> TestResponse:
        answer = self.client.get(path, **request)
        self.page = answer.text
        return answer

    def sends(self, path: str, *, follow: bool = False, **fields: Any) -> TestResponse:
        """Send a form with the token of a page of ours."""
        form = {"csrf_token": self.token(), **fields}
        for _ in range(BUSY_TRIES):
            answer = self.client.post(path, data=form, follow_redirects=follow)
            if answer.status_code != BUSY:
                break
        self.page = answer.text
        return answer

    def token(self) -> str:
        found = TOKEN.search(self.page) or TOKEN.search(self.client.get("/console/mine").text)
        return found[1] if found else ""

    @property
    def words(self) -> str:
        """What the last page says, without its tags."""
        main = self.page.partition("<main")[2] or self.page
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())

    def member(self, session: Session) -> StaffMember:
        found = member_by_login(session, self.login)
        assert found is not None
        return found


def hire(town: Town, *roles: str, login: str = "", name: str = "王干事") -> Clerk:
    """A new member of staff with a password, not signed in yet."""
    login = login or "-".join(("clerk", *roles))[:20]

    def unit(session: Session) -> None:
        by = Actor(session, channel="job")
        member = actions.add(by, login=login, name=name, roles=roles)
        actions.choose_password(by, actions.invite(by, member), PASSWORD)

    town.writing(unit)
    return Clerk(town, login, *roles)


def clerk(town: Town, *roles: str, login: str = "", name: str = "王干事") -> Clerk:
    """A new member of staff, signed in."""
    made = hire(town, *roles, login=login, name=name)
    assert made.signs_in().status_code == 302, made.words
    return made


def audited(session: Session, action: str) -> list[AuditLine]:
    return list(session.scalars(select(AuditLine).where(AuditLine.action == action).order_by(AuditLine.id)))

"""A few invented colleagues, none with a password: `flask --app wsgi staff invite --login wang` prints a link."""

from __future__ import annotations

from sqlalchemy.orm import Session

from handlers.staff import actions
from models.identity import Actor
from models.staff import member_by_login

COLLEAGUES = (
    ("wang", "王干事", ("desk",)),
    ("li", "李主任", ("approver",)),
    ("chu", "褚干事", ("first_review",)),
    ("fu", "付科长", ("second_review",)),
    ("ma", "马队长", ("leader",)),
    ("zhao", "赵老师", ("care",)),
    ("sun", "孙专员", ("petitions",)),
    ("qi", "祁审计", ("auditor",)),
)


def seed(session: Session) -> None:
    by = Actor(session, channel="job")
    for login, name, roles in COLLEAGUES:
        if member_by_login(session, login) is None:
            actions.add(by, login=login, name=name, roles=roles)

"""What tests of broadcasts do again and again: a notice that two have read, a broadcast tested and proposed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from handlers.broadcasts import actions
from handlers.notices import actions as notices
from handlers.notices import reviewing
from handlers.people.consents import give_consent
from handlers.staff import actions as accounts
from models.approval import PROOFS, digest_of
from models.broadcasts import Broadcast, BroadcastTest
from models.identity import Actor, Identity, Person
from models.means import USUAL, Means
from models.notices import PROOFS as NOTICE_PROOFS
from models.notices import Notice
from models.places import Place
from models.staff import member_by_login

TOLD: dict[str, Any] = {
    "title": "明天停水",
    "category": "停水停电",
    "source": "供水公司",
    "summary": "明天早上9点到下午5点停水。\n请提前接好水。",
}


def colleague(session: Session, login: str, *roles: str) -> Actor:
    """This member of staff at the console, hired when there is none yet."""
    member = member_by_login(session, login)
    if member is None:
        member = accounts.add(Actor(session, channel="job"), login=login, name=f"{login}干事", roles=roles)
    return Actor(session, staff=member, channel="console")


def writer(session: Session) -> Actor:
    return colleague(session, "wang", "desk")


def approver(session: Session) -> Actor:
    return colleague(session, "li", "approver")


def notice(session: Session, *, reviewed: bool = True, **parts: Any) -> Notice:
    """Written by the desk and, unless told otherwise, passed by both reviewers."""
    row = notices.draft(writer(session), **TOLD | {"valid_from": clock.today()} | parts)
    for login, stage in (("chu", "first_review"), ("fu", "second_review")) if reviewed else ():
        reader = colleague(session, login, stage)
        verdict = {"stage": stage, "passed": True, "proofs": NOTICE_PROOFS, "comment": ""}
        reviewing.review(reader, row, number=row.version, **verdict)
    return row


def resident(
    session: Session,
    name: str,
    place: Place | None = None,
    *,
    follows: str | None = "oa:main",
    spoke: bool = False,
    purposes: Collection[Any] = ("service", "notices"),
) -> Person:
    """Somebody who joined, and by default agreed to get notices and follows the account."""
    person = Person(name=name, phone=None, place=place, joined_at=clock.now())
    session.add(person)
    session.flush()
    for purpose in purposes:
        give_consent(Actor(session, person, channel="paper"), purpose)
    if follows is not None:
        spoke_at = clock.now() if spoke else None
        identity = Identity(person=person, kind="oa", app=follows, openid=f"o-{person.id:07d}")
        identity.following, identity.spoke_at = True, spoke_at
        session.add(identity)
    session.flush()
    return person


def place(session: Session, kind: str, name: str, parent: Place | None = None, **more: Any) -> Place:
    row = Place(kind=kind, name=name, parent=parent, **more)
    session.add(row)
    session.flush()
    return row


def after_a_test(session: Session, broadcast: Broadcast) -> Broadcast:
    """As if its writer had sent it to themselves."""
    session.flush()
    staff = writer(session).staff
    assert staff is not None
    session.add(BroadcastTest(broadcast_id=broadcast.id, digest=digest_of(broadcast), staff_id=staff.id))
    session.flush()
    return broadcast


def proposed(session: Session, **how: Any) -> Broadcast:
    row = after_a_test(
        session, actions.draft(writer(session), how.pop("notice", None) or notice(session), **how)
    )
    return actions.propose(writer(session), row)


def approved(session: Session, means: Means = USUAL, **how: Any) -> Broadcast:
    """Words, audience and beginning are fixed."""
    return approve(session, proposed(session, **how), means=means)


def approve(session: Session, row: Broadcast, **more: Any) -> Broadcast:
    return actions.approve(approver(session), row, digest=row.digest or "", proofs=PROOFS, **more)

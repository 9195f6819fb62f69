"""Members of staff with a WeChat of their own, and what the house has written to them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.words import Words
from models.duty import DutyShift
from models.identity import Actor
from models.outbox import OutboxRow
from models.staff import StaffMember, member_by_login
from models.staff_wechat import StaffWeChat
from tests.neighbours import Town


def member(town: Town, login: str, *roles: str, name: str = "", bound: bool = True) -> int:
    """Somebody who works here; bound to a WeChat of the same name."""
    phone = town.phone(f"{login}的手机")
    if bound:
        phone.follows()

    def unit(session: Session) -> int:
        made = StaffMember(login=login, name=name or login, roles=list(roles))
        session.add(made)
        session.flush()
        if bound:
            identity = phone.identity(session)
            assert identity is not None
            session.add(StaffWeChat(staff_id=made.id, identity_id=identity.id))
        return made.id

    return town.writing(unit)


def on_duty(town: Town, login: str, day: str, *halves: str) -> None:
    def unit(session: Session) -> None:
        for half in halves:
            shift = DutyShift(day=date.fromisoformat(day), half=half, staff_id=one(session, login).id)
            session.add(shift)

    town.writing(unit)


def one(session: Session, login: str) -> StaffMember:
    found = member_by_login(session, login)
    assert found is not None
    return found


def acting(session: Session, login: str) -> Actor:
    return Actor(session, staff=one(session, login), channel="console")


def told(town: Town, login: str, kind: str) -> list[str]:
    """The words that this member got, in order."""
    words: Words = town.site.words
    with town.reading() as session:
        phone = town.phone(f"{login}的手机")
        person = phone.person(session).id
        rows = session.scalars(
            select(OutboxRow)
            .where(OutboxRow.person_id == person, OutboxRow.kind == f"duty.{kind}")
            .order_by(OutboxRow.id)
        ).all()
        return [words.fill(words.form(row.kind).text, row.facts) for row in rows]

"""One person's numbers: carried home, forgotten, joined with those of a second record."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.words import day_words
from handlers.hall.numbers import leave
from models import hall as model
from models.identity import Actor, Person
from models.tickets import LIVE, Ticket

STATES = {
    "waiting": "在等",
    "called": "叫到了",
    "aside": "过号",
    "done": "办完",
    "no_show": "没来",
    "left": "退了",
    "closed": "没叫到",
}


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    """Two weeks of them: after that a number is nobody's."""
    mine = select(Ticket).where(Ticket.person_id == person.id).order_by(Ticket.id.desc())
    return {
        "大厅的号": [
            f"{day_words(one.day)} {one.number}号 {one.service.name} {STATES[one.state]}"
            for one in session.scalars(mine)
        ]
    }


def forget(by: Actor, person: Person) -> None:
    """Who leaves waits no more; what was counted stays and is nobody's."""
    model.hold_day(by.session)
    mine = select(Ticket).where(Ticket.person_id == person.id)
    for ticket in by.session.scalars(mine).all():
        if ticket.state in LIVE:
            leave(by, ticket)
        ticket.person = ticket.code = None
    audit.note(by, "hall.erase", person)


def merge(by: Actor, kept: Person, gone: Person) -> None:
    """A number for a service for which the other record has one is given back and stays with it."""
    model.hold_day(by.session)
    live = Ticket.appointment_id.is_(None), Ticket.state.in_(LIVE)
    taken = set(by.session.scalars(select(Ticket.service_id).where(Ticket.person_id == kept.id, *live)))
    for ticket in by.session.scalars(select(Ticket).where(Ticket.person_id == gone.id)).all():
        if ticket.state in LIVE and ticket.appointment_id is None and ticket.service_id in taken:
            leave(by, ticket)
        else:
            ticket.person = kept

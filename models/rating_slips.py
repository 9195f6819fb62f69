"""The visit that a number slip's six digits stand for, as a rating knows it: the service, the window, whether it took
long until their turn. Who was served is not read; who helped only when they agreed to be reckoned."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from models.audit import AuditLine
from models.hall import SLIP_LIVES, slip_of
from models.identity import Person
from models.rating_honours import helper_in
from models.ratings import RatedVisit
from models.tickets import Ticket

LONG_WAIT = timedelta(minutes=30)
VAIN, LOOKS_PER, MOST_WRONG_LOOKS = "ratings.slip_in_vain", timedelta(minutes=15), 5


class SlipVisit(NamedTuple):
    source: str
    subject: str
    title: str
    counter: str | None
    waited: bool
    helper_id: int | None
    at: date
    until: date
    rated: bool


def visit_with(session: Session, code: str) -> SlipVisit | None:
    """The finished visit with this code; None when there is none that may be rated."""
    ticket = slip_of(session, code)
    if ticket is None:
        return None
    source = source_of(ticket)
    return SlipVisit(
        source,
        f"service:{ticket.service_id}",
        ticket.service.name,
        ticket.window.name if ticket.window else None,
        ticket.waited is not None and ticket.waited >= LONG_WAIT,
        helper_in(session, ticket.marked_by),
        ticket.day,
        ticket.day + SLIP_LIVES,
        session.get(RatedVisit, source) is not None,
    )


def source_of(ticket: Ticket) -> str:
    """One visit, whichever road it is rated by: who had booked has a token for the appointment."""
    return f"appointment:{ticket.appointment_id}" if ticket.appointment_id else f"ticket:{ticket.id}"


def wrong_looks(session: Session, person: Person) -> int:
    """How often this person has named a code in vain of late: codes are not to be tried out."""
    lately = AuditLine.at > clock.now() - LOOKS_PER
    mine = AuditLine.actor == f"person:{person.id}", AuditLine.action == VAIN
    return session.scalar(select(func.count()).select_from(AuditLine).where(*mine, lately)) or 0

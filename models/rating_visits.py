"""Which visits may be rated: marked done by the staff, said to be done, talked over and closed. What is discreet is
never asked about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app import clock
from models.appointments import Appointment
from models.circle_jobs import done_since
from models.desk import DeskTalk
from models.matters import Matter
from models.tickets import Ticket


class Visit(NamedTuple):
    """`source` is the visit itself, `subject` what is counted together, `title` how it is read out."""

    source: str
    subject: str
    title: str
    at: date
    person_id: int


def finished_visits(session: Session, since: datetime) -> Iterator[Visit]:
    yield from _appointments(session, since)
    yield from _tickets(session, since)
    yield from _home_jobs(session, since)
    yield from _matters(session, since)
    yield from _talks(session, since)


def _appointments(session: Session, since: datetime) -> Iterator[Visit]:
    """Only where somebody of the staff said that the visit took place."""
    done = Appointment.state == "done", Appointment.marked_by.is_not(None), Appointment.changed_at > since
    marked = select(Appointment).where(*done).options(joinedload(Appointment.slot, innerjoin=True))
    marked = marked.order_by(Appointment.changed_at, Appointment.id)
    for row in session.scalars(marked):
        if row.service.discreet_name is None:
            day = clock.local(row.slot.starts).date()
            subject = f"service:{row.service.id}"
            yield Visit(f"appointment:{row.id}", subject, row.service.name, day, row.person_id)


def _tickets(session: Session, since: datetime) -> Iterator[Visit]:
    """Numbers of the hall that were taken in WeChat; who had booked is asked about the appointment."""
    done = Ticket.state == "done", Ticket.ended_at > since, Ticket.appointment_id.is_(None)
    for row in session.scalars(
        select(Ticket).where(*done, Ticket.person_id.is_not(None)).order_by(Ticket.id)
    ):
        if row.person_id is not None and row.service.discreet_name is None:
            subject = f"service:{row.service_id}"
            yield Visit(f"ticket:{row.id}", subject, row.service.name, row.day, row.person_id)


def _home_jobs(session: Session, since: datetime) -> Iterator[Visit]:
    """Each time that it was done: what was opened again is rated again."""
    for row in session.scalars(done_since(since)):
        if (
            row.service is not None
            and not row.is_discreet
            and row.person_id
            and row.done_at
            and row.provider_id
        ):
            day, subject = clock.local(row.done_at).date(), f"service:{row.service.id}"
            yield Visit(row.round, subject, row.service.name, day, row.person_id)


def _matters(session: Session, since: datetime) -> Iterator[Visit]:
    done = Matter.done_at > since, Matter.state.in_(("done", "closed")), Matter.person_id.is_not(None)
    for row in session.scalars(select(Matter).where(*done).order_by(Matter.id)):
        if row.person_id is not None and row.done_at is not None:
            day = clock.local(row.done_at).date()
            yield Visit(f"matter:{row.id}", f"matter:{row.kind}", f"说事:{row.kind}", day, row.person_id)


def _talks(session: Session, since: datetime) -> Iterator[Visit]:
    """Talks in which somebody of the staff spoke."""
    over = DeskTalk.state == "closed", DeskTalk.closed_at > since, DeskTalk.staff_id.is_not(None)
    for row in session.scalars(select(DeskTalk).where(*over).order_by(DeskTalk.id)):
        if row.closed_at is not None:
            day = clock.local(row.closed_at).date()
            yield Visit(f"talk:{row.id}", "desk", "和工作人员对话", day, row.person_id)

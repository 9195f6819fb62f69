"""Which visits may be rated: marked done by the staff, said to be done, talked over and closed. What is discreet is
never asked about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, String, case, cast, exists, literal, select
from sqlalchemy.orm import Session

from app import clock
from models.appointments import Appointment
from models.circle_jobs import HomeJob, done_since
from models.desk import DeskTalk
from models.matters import Matter
from models.plans import Service
from models.ratings import RatingToken
from models.slots import Slot
from models.tickets import Ticket

Row = TypeVar("Row")


class Visit(NamedTuple):
    """`source` is the visit itself, `subject` what is counted together, `title` how it is read out."""

    source: str
    subject: str
    title: str
    at: date
    person_id: int


def finished_visits(session: Session, since: datetime, most: int) -> list[Visit]:
    """Those without a token yet, at most so many: who writes on SQLite waits for whoever notes them."""
    found = list[Visit]()
    for kind in (_appointments, _tickets, _home_jobs, _matters, _talks):
        found += kind(session, since, most - len(found))
    return found


def _unnoted(rows: Select[Row], source: ColumnElement[str], ended: Any, most: int) -> Select[Row]:
    noted = exists().where(RatingToken.source == source)
    return rows.where(~noted).order_by(None).order_by(ended).limit(most)


def _called(kind: str, number: Any) -> ColumnElement[str]:
    return literal(f"{kind}:") + cast(number, String)


def _appointments(session: Session, since: datetime, most: int) -> Iterator[Visit]:
    """Only where somebody of the staff said that the visit took place."""
    done = Appointment.state == "done", Appointment.marked_by.is_not(None), Appointment.changed_at > since
    marked = select(Appointment).join(Appointment.slot).join(Slot.service)
    marked = marked.where(*done, Service.discreet_name.is_(None))
    source = _called("appointment", Appointment.id)
    for row in session.scalars(_unnoted(marked, source, Appointment.changed_at, most)):
        day, subject = clock.local(row.slot.starts).date(), f"service:{row.service.id}"
        yield Visit(f"appointment:{row.id}", subject, row.service.name, day, row.person_id)


def _tickets(session: Session, since: datetime, most: int) -> Iterator[Visit]:
    """Numbers of the hall that were taken in WeChat; who had booked is asked about the appointment."""
    done = Ticket.state == "done", Ticket.ended_at > since, Ticket.appointment_id.is_(None)
    theirs = select(Ticket).join(Ticket.service).where(*done, Ticket.person_id.is_not(None))
    theirs = theirs.where(Service.discreet_name.is_(None))
    for row in session.scalars(_unnoted(theirs, _called("ticket", Ticket.id), Ticket.ended_at, most)):
        if row.person_id is not None:
            subject = f"service:{row.service_id}"
            yield Visit(f"ticket:{row.id}", subject, row.service.name, row.day, row.person_id)


def _home_jobs(session: Session, since: datetime, most: int) -> Iterator[Visit]:
    """Each time that it was done: what was opened again is rated again."""
    again = case((HomeJob.reopened == 0, ""), else_=literal(".") + cast(HomeJob.reopened, String))
    named = done_since(since).join(HomeJob.service).where(Service.discreet_name.is_(None))
    named = named.where(HomeJob.provider_id.is_not(None))
    source = _called("home_job", HomeJob.id) + again
    for row in session.scalars(_unnoted(named, source, HomeJob.done_at, most)):
        if row.service is not None and row.person_id is not None and row.done_at is not None:
            day, subject = clock.local(row.done_at).date(), f"service:{row.service.id}"
            yield Visit(row.round, subject, row.service.name, day, row.person_id)


def _matters(session: Session, since: datetime, most: int) -> Iterator[Visit]:
    done = Matter.done_at > since, Matter.state.in_(("done", "closed")), Matter.person_id.is_not(None)
    rows = _unnoted(select(Matter).where(*done), _called("matter", Matter.id), Matter.done_at, most)
    for row in session.scalars(rows):
        if row.person_id is not None and row.done_at is not None:
            day = clock.local(row.done_at).date()
            yield Visit(f"matter:{row.id}", f"matter:{row.kind}", f"说事:{row.kind}", day, row.person_id)


def _talks(session: Session, since: datetime, most: int) -> Iterator[Visit]:
    """Talks in which somebody of the staff spoke."""
    over = DeskTalk.state == "closed", DeskTalk.closed_at > since, DeskTalk.staff_id.is_not(None)
    rows = _unnoted(select(DeskTalk).where(*over), _called("talk", DeskTalk.id), DeskTalk.closed_at, most)
    for row in session.scalars(rows):
        if row.closed_at is not None:
            day = clock.local(row.closed_at).date()
            yield Visit(f"talk:{row.id}", "desk", "和工作人员对话", day, row.person_id)

"""A person's records as a whole: joined with those of another record of the same person, parted, anonymised."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import audit
from app.words import moment_words
from handlers.hours.following import mark
from handlers.hours.told import state_words
from models.hours import LIVE, HoursStep, ServedAt, ServiceHours, hours_of, steps_of
from models.identity import Actor, Person


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    """Every record, what became of it and what was said of it; of those that this person was asked about the service
    alone."""
    mine = select(ServiceHours).where(ServiceHours.person_id == person.id).order_by(ServiceHours.id)
    asked = select(ServiceHours).where(ServiceHours.served_id == person.id).order_by(ServiceHours.id)
    return {
        "志愿时长": [_line(session, row) for row in session.scalars(mine)],
        "邻居给您帮的忙": [_served_line(row) for row in session.scalars(asked)],
    }


def _line(session: Session, row: ServiceHours) -> dict[str, str | int]:
    told: dict[str, str | int] = {"做了什么": row.what, "地点": row.place, "分钟": row.minutes}
    said = [step.words for step in session.scalars(steps_of(row)) if step.words]
    told |= {"开始": moment_words(row.started_at)}
    told |= {"情况": state_words(row), "您说的": row.objection or "", "办的时候写的": ";".join(said)}
    return {heading: value for heading, value in told.items() if value != ""}


def _served_line(row: ServiceHours) -> dict[str, str | int]:
    answer = "您说对" if row.served_at is not None else "还没核对"
    return {"做了什么": row.what, "开始": moment_words(row.started_at), "分钟": row.minutes, "核对": answer}


def carry(by: Actor, kept: Person, gone: Person) -> None:
    """Two rows of one person become one: records move before the stays are counted again. A record of the same occasion
    that both have stays with `gone`; nobody serves themselves."""
    known = select(ServiceHours.source).where(ServiceHours.person_id == kept.id).scalar_subquery()
    move = update(ServiceHours).where(ServiceHours.person_id == gone.id, ServiceHours.source.not_in(known))
    quiet = {"synchronize_session": False}
    nobody = update(ServiceHours).where(
        ServiceHours.served_id == gone.id, ServiceHours.person_id.in_([kept.id, gone.id])
    )
    by.session.execute(nobody.values(served_id=None).execution_options(**quiet))
    own = update(ServiceHours).where(ServiceHours.person_id == gone.id, ServiceHours.served_id == kept.id)
    by.session.execute(own.values(served_id=None).execution_options(**quiet))
    by.session.execute(move.values(person_id=kept.id).execution_options(**quiet))
    for column in (ServiceHours.served_id, ServiceHours.leader_id):
        theirs = update(ServiceHours).where(column == gone.id).values({column.key: kept.id})
        by.session.execute(theirs.execution_options(**quiet))
    for table in (HoursStep, ServedAt):
        theirs = update(table).where(table.person_id == gone.id).values(person_id=kept.id)
        by.session.execute(theirs.execution_options(**quiet))
    by.session.expire_all()


def merge(by: Actor, kept: Person, gone: Person) -> None:
    """handlers/volunteers has carried the records over before it counted the stays again."""
    carry(by, kept, gone)
    _mark_all(by, kept)
    audit.note(by, "hours.merge", kept)


def part(by: Actor, kept: Person, gone: Person, _remembered: object) -> None:
    for person in (kept, gone):
        _mark_all(by, person)
    audit.note(by, "hours.part", gone)


def _mark_all(by: Actor, person: Person) -> None:
    for row in by.session.scalars(hours_of(person).where(ServiceHours.state.in_(LIVE))).all():
        mark(by, row)


def forget(by: Actor, person: Person) -> None:
    """Erase: rows stay without a person, so that totals stay true; what is not posted never will be."""
    mine = ServiceHours.person_id == person.id
    ours = select(ServiceHours.id).where(mine | (ServiceHours.served_id == person.id))
    quiet = {"synchronize_session": False}
    by.session.execute(delete(ServedAt).where(ServedAt.person_id == person.id).execution_options(**quiet))
    for statement in (
        update(ServiceHours)
        .where(mine, ServiceHours.state.in_(LIVE))
        .values(state="void", held_back="erased", dispute_until=None),
        update(HoursStep).where(HoursStep.hours_id.in_(ours)).values(words=None),
        update(HoursStep).where(HoursStep.person_id == person.id).values(person_id=None, words=None),
        update(ServiceHours).where(mine).values(person_id=None, objection=None, flags=[]),
        update(ServiceHours).where(ServiceHours.served_id == person.id).values(served_id=None),
        update(ServiceHours).where(ServiceHours.leader_id == person.id).values(leader_id=None),
    ):
        by.session.execute(statement.execution_options(**quiet))
    by.session.expire_all()
    audit.note(by, "hours.forget", person)

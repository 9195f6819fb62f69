"""A person's records as a whole: joined with those of another record of the same person, parted, anonymised."""

from __future__ import annotations

from sqlalchemy import select, update

from app import audit
from handlers.hours.following import mark
from models.hours import LIVE, HoursStep, ServedAt, ServiceHours, hours_of
from models.identity import Actor, Person


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
    quiet = {"synchronize_session": False}
    for statement in (
        update(ServiceHours)
        .where(mine, ServiceHours.state.in_(LIVE))
        .values(state="void", held_back="erased", dispute_until=None),
        update(ServiceHours).where(mine).values(person_id=None, objection=None, flags=[]),
        update(ServiceHours).where(ServiceHours.served_id == person.id).values(served_id=None),
        update(ServiceHours).where(ServiceHours.leader_id == person.id).values(leader_id=None),
    ):
        by.session.execute(statement.execution_options(**quiet))
    by.session.expire_all()
    audit.note(by, "hours.forget", person)

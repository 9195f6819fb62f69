"""The guardian's list of those who may collect a child, and today's code."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from app import audit, clock
from app.understanding.phone import name_in
from models import collectors as model
from models.collectors import MOST_COLLECTORS, Collector
from models.identity import Actor, Person
from models.proxies import acts_for
from models.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Ward:
    """A child of the one who asks: today's code, and who may collect it."""

    child: Person
    code: str
    collectors: list[Collector]


def my_wards(by: Actor) -> list[Ward]:
    today = clock.today()
    return [
        Ward(child, model.code_of(child, today), list(by.session.scalars(model.collectors_of(child))))
        for child in by.session.scalars(model.wards_of(by.me))
    ]


def add_collector(by: Actor, child: Person, *, name: str, tail: str) -> Collector:
    """The guardian's word that this person may take the child along. The same person twice is once.

    Raises Refusal: activities.not_guardian, people.bad_name, activities.bad_tail, activities.collectors_enough."""
    _must_be_guardian(by, child)
    called, digits = name_in(name), tail.strip()[-4:]
    if called is None:
        raise Refusal("people.bad_name")
    if not (len(digits) == 4 and digits.isascii() and digits.isdigit()):
        raise Refusal("activities.bad_tail")
    by.session.execute(select(Person.id).where(Person.id == child.id).with_for_update(key_share=True))
    known = by.session.scalars(model.collectors_of(child)).all()
    same = [one for one in known if (one.name, one.tail) == (called, digits)]
    if same:
        return same[0]
    if len(known) >= MOST_COLLECTORS:
        raise Refusal("activities.collectors_enough", most=MOST_COLLECTORS)
    row = Collector(child_id=child.id, guardian_id=by.me.id)
    row.name, row.tail = called, digits
    by.session.add(row)
    audit.note(by, "activities.add_collector", row, child=child.id)
    return row


def end_collector(by: Actor, row: Collector) -> None:
    """Any guardian of the child takes it back at once; twice is once."""
    _must_be_guardian(by, row.child)
    if row.ended_at is None:
        row.ended_at = clock.now()
        audit.note(by, "activities.end_collector", row, child=row.child_id)


def _must_be_guardian(by: Actor, child: Person) -> None:
    standing = acts_for(by.session, by.me, child)
    if standing is None or standing.kind != "guardian":
        raise Refusal("activities.not_guardian")


def forget_collectors(by: Actor, person: Person) -> None:
    theirs = (Collector.child_id == person.id) | (Collector.guardian_id == person.id)
    for row in by.session.scalars(select(Collector).where(theirs)).all():
        by.session.delete(row)


def move_collectors(by: Actor, kept: Person, gone: Person) -> None:
    for column in (Collector.child_id, Collector.guardian_id):
        by.session.execute(update(Collector).where(column == gone.id).values({column: kept.id}))

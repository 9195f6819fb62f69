"""A person's rows as a whole: forgotten when they ask for it, and what is over when its time has come."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from app import audit
from handlers.activities.collectors import forget_collectors
from handlers.activities.joining import give_up
from models.activities import Activity, Enrolment, hold
from models.activities_audience import ActivityRole
from models.activities_papers import Paper, papers_to_go
from models.activities_party import forms_to_go, names_to_go
from models.identity import Actor, Person

MOST_AT_ONCE = 500


def forget(by: Actor, person: Person) -> None:
    """Erase: seats ahead go back, the family's too where they came along; the enrolments are deleted, and nobody is led
    by who is gone."""
    mine = select(Enrolment).where(Enrolment.person_id == person.id).order_by(Enrolment.session_id)
    for row in by.session.scalars(mine).all():
        hold(by.session, row.session)
        give_up(by, row)
    for table in (Enrolment, ActivityRole, Paper):
        by.session.execute(delete(table).where(table.person_id == person.id))
    forget_collectors(by, person)
    by.session.execute(update(Activity).where(Activity.leader_id == person.id).values(leader_id=None))
    audit.note(by, "activities.forget", person)


def forget_what_is_over(by: Actor) -> int:
    """Answers and companions' names a month after the session, papers three months after their last day."""
    gone = 0
    for form in by.session.scalars(forms_to_go().limit(MOST_AT_ONCE)).all():
        by.session.delete(form)
        gone += 1
    for one in by.session.scalars(names_to_go().limit(MOST_AT_ONCE)).all():
        one.name = None
        gone += 1
    for paper in by.session.scalars(papers_to_go().limit(MOST_AT_ONCE)).all():
        by.session.delete(paper)
        gone += 1
    return gone

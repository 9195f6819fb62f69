"""Three days later: "好了吗". Asked once, in the daytime, by the roads that WeChat allows; a no opens the job again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app import audit, clock
from handlers.circle import visiting
from models import outbox
from models.appointments import Appointment
from models.base import insert_once
from models.circle_jobs import (
    ANSWER_WITHIN,
    ASK_AFTER,
    FollowUp,
    HomeJob,
    done_unanswered,
    old_words,
)
from models.circle_lists import finished_visits
from models.identity import Actor
from models.people import live_consent
from models.refusal import Refusal

LOOK_BACK = timedelta(days=4)


def note_visits(by: Actor) -> int:
    """Booked visits of the circle that somebody has marked as done; jobs have noted themselves."""
    new = 0
    for row in by.session.scalars(finished_visits(clock.now() - LOOK_BACK)).all():
        title, day = row.service.public_name, clock.local(row.slot.starts).date()
        new += insert_once(
            by.session,
            FollowUp,
            source=f"appointment:{row.id}",
            person_id=row.person_id,
            title=title,
            day=day,
            state="waiting",
            ask_at=row.slot.ends + ASK_AFTER,
            asked_at=None,
        )
    return new


def ask(by: Actor) -> int:
    """Everybody whose day has come and who still wants to be served by us."""
    due = select(FollowUp).where(FollowUp.state == "waiting", FollowUp.ask_at <= clock.now())
    asked = 0
    for row in by.session.scalars(due.order_by(FollowUp.id)).all():
        person = row.person
        reachable = person.erased_at is None and person.merged_into_id is None
        if not reachable or live_consent(by.session, person, "service") is None:
            row.state = "closed"
            continue
        row.state, row.asked_at = "asked", clock.now()
        outbox.put(
            by.session,
            to=person,
            kind="circle.is_it_well",
            once=f"circle.is_it_well:{row.id}",
            facts={
                "title": row.title,
                "day": row.day.isoformat(),
                "follow": row.id,
                "at": clock.now().isoformat(),
            },
            useful_until=clock.now() + ANSWER_WITHIN,
        )
        audit.note(by, "circle.ask", row)
        asked += 1
    return asked


def mine(by: Actor, number: int) -> FollowUp:
    row = by.session.get(FollowUp, number)
    if row is None or by.person is None or row.person_id != by.person.id:
        raise Refusal("circle.not_yours")
    return row


def well(by: Actor, row: FollowUp) -> FollowUp:
    """It is well; said twice it stays so."""
    _open(by, row)
    row.state = "well"
    audit.note(by, "circle.well", row)
    return row


def not_well(by: Actor, row: FollowUp) -> HomeJob:
    """The same number goes to the same provider, else to the desk."""
    _open(by, row)
    row.state = "again"
    audit.note(by, "circle.not_well", row)
    kind, _, number = row.source.partition(":")
    if kind == "appointment":
        return visiting.go_on(by, by.session.get_one(Appointment, int(number)))
    return visiting.reopen(by, by.session.get_one(HomeJob, int(number.partition(".")[0])))


def close_silent(by: Actor) -> int:
    """Who has not answered within a week has no more to say: jobs and questions are closed."""
    before = clock.now() - ANSWER_WITHIN
    rows = by.session.scalars(
        select(FollowUp).where(FollowUp.state == "asked", FollowUp.asked_at < before)
    ).all()
    for row in rows:
        row.state = "closed"
    jobs = by.session.scalars(done_unanswered(before - ASK_AFTER)).all()
    for job in jobs:
        job.state = "closed"
    if rows or jobs:
        audit.note(by, "circle.close_silent", count=len(rows) + len(jobs))
    return len(rows) + len(jobs)


def forget_old_words(by: Actor, before: datetime) -> int:
    """Names, phones, doors and logs of jobs that ended long ago."""
    rows = by.session.scalars(old_words(before)).all()
    for job in rows:
        blank(job)
    if rows:
        audit.note(by, "circle.forget_words", count=len(rows))
    return len(rows)


def blank(job: HomeJob) -> None:
    job.name = job.phone = job.address = job.words = job.log = None


def _open(by: Actor, row: FollowUp) -> None:
    same = select(FollowUp).where(FollowUp.id == row.id).with_for_update(key_share=True, of=FollowUp)
    by.session.scalars(same.execution_options(populate_existing=True)).one()
    if row.state not in ("asked", "waiting"):
        raise Refusal("circle.answered_already")

"""What happened before the visitors come, beyond the invented house: somebody they are leads who is there now and who was
there yesterday, and families go for walks."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app import clock
from handlers.activities import actions as activities
from handlers.volunteers import actions as volunteers
from models.activities import Activity, ActivitySession
from models.identity import Actor, Person

HOUR = timedelta(hours=1)


def lived(session: Session, leader: Person, others: list[Person]) -> None:
    by = Actor(session, channel="job")
    river = activities.plan_activity(
        by,
        title="河道清洁",
        sentence="一起来。",
        place="湟水河步道",
        leader=leader,
        roll_call=True,
        family=True,
    )
    now, soon = _session(by, river, -HOUR / 2), _session(by, river, HOUR / 3, seats=1)
    activities.open_session(by, now)
    volunteers.tick(by, now, others[0], "in", occurred_at=clock.now() - HOUR / 4)
    activities.sign_up(Actor(session, others[1], channel="page"), soon)
    activities.wait(Actor(session, others[2], channel="page"), soon)
    before = _session(by, river, -26 * HOUR)
    volunteers.tick(by, before, others[0], "in", occurred_at=before.starts)
    volunteers.tick(by, before, others[0], "out", occurred_at=before.ends)
    volunteers.close_session(by, before)
    activities.cancel_session(by, _session(by, river, 30 * HOUR), why="下雨")
    _walk(by, leader, others)


def _walk(by: Actor, leader: Person, others: list[Person]) -> None:
    """A family walk that has places for some, and one that is full."""
    walk = activities.plan_activity(
        by, title="湖边散步", sentence="慢慢走。", place="社区门口", leader="张领队", family=True
    )
    activities.sign_up(Actor(by.session, leader, channel="page"), _session(by, walk, 50 * HOUR))
    activities.sign_up(Actor(by.session, others[0], channel="page"), _session(by, walk, 74 * HOUR, seats=1))


def _session(by: Actor, activity: Activity, ahead: timedelta, seats: int = 9) -> ActivitySession:
    starts = clock.now() + ahead
    return activities.plan_session(by, activity, starts=starts, ends=starts + 2 * HOUR, capacity=seats)

"""What time does to the circle: papers end, offers run out, somebody is asked whether it is well again."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from app import clock
from app.jobs import Job
from handlers.circle import actions, covering, following, providing
from models.identity import Actor

WORDS_KEPT = timedelta(days=730)


def look_at_papers(by: Actor) -> str:
    """Whose licence ends within a month is told once; what has lapsed hides itself, and what its holder had promised
    goes to somebody else."""
    told = providing.tell_of_papers(by)
    return f"{told} told, {covering.take_from_lapsed(by)} jobs taken from who may not work"


def expire_offers(by: Actor) -> str:
    """Who has not answered in time has said no: the next one is asked."""
    return f"{actions.expire_offers(by)} offers ran out"


def follow_up(by: Actor) -> str:
    """Three days after: once, and in the morning."""
    noted = following.note_visits(by)
    return f"{noted} visits noted, {following.ask(by)} asked, {following.close_silent(by)} closed"


def forget_words(by: Actor) -> str:
    """Who was visited is nobody's business after two years (trust 1.3)."""
    return f"{following.forget_old_words(by, clock.now() - WORDS_KEPT)} forgotten"


def _daily(hour: int, minute: int) -> CronTrigger:
    return CronTrigger(hour=hour, minute=minute, timezone=clock.COMMUNITY)


JOBS = (
    Job("circle.look_at_papers", look_at_papers, _daily(9, 5), timedelta(hours=10)),
    Job("circle.expire_offers", expire_offers, IntervalTrigger(minutes=1), timedelta(minutes=10)),
    Job("circle.follow_up", follow_up, _daily(10, 10), timedelta(hours=8)),
    Job("circle.forget_words", forget_words, _daily(3, 50), timedelta(hours=20)),
)

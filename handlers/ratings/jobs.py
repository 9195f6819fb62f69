"""What time does to ratings: visits are noted and asked about in daytime; tokens and words run out."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job, More
from handlers.ratings import actions
from models.identity import Actor

WORDS_KEPT, HELPERS_KEPT = timedelta(days=730), timedelta(days=400)


def ask(by: Actor) -> str:
    """All are noted before anybody is asked about their newest one."""
    noted = actions.note_visits(by)
    asked = actions.ask(by) if noted < actions.AT_ONCE else 0
    told = f"{noted} visits, {asked} asked"
    return More(told) if max(noted, asked) >= actions.AT_ONCE else told


def tidy(by: Actor) -> str:
    gone = actions.tidy(by)
    words = actions.forget_old_words(by, WORDS_KEPT)
    actions.forget_helpers(by, HELPERS_KEPT)
    return f"{gone} tokens, {words} words, {actions.forget_shown(by)} suggestions"


def honours(by: Actor) -> str:
    reckoned = actions.reckon(by)
    return f"{reckoned} reckoned, {actions.publish(by)} quarters published"


JOBS = (
    Job(
        "ratings.ask",
        ask,
        CronTrigger(hour=17, minute=40, timezone=clock.COMMUNITY),
        timedelta(hours=3),
    ),
    Job(
        "ratings.honours",
        honours,
        CronTrigger(hour=7, minute=35, timezone=clock.COMMUNITY),
        timedelta(hours=14),
    ),
    Job(
        "ratings.tidy",
        tidy,
        CronTrigger(hour=4, minute=5, timezone=clock.COMMUNITY),
        timedelta(hours=18),
    ),
)

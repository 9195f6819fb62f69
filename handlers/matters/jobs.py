"""What time does to matters, each morning and each night."""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job, More
from handlers.matters import actions, dispatch, guarded
from models.identity import Actor

WORDS_KEPT = timedelta(days=730)


def close_old(by: Actor) -> str:
    return f"{actions.close_old(by)} closed"


def take_from_those_who_left(by: Actor) -> str:
    taken, given, moved = (
        actions.take_from_those_who_left(by),
        actions.give_to_the_desk(by),
        actions.hand_over(by),
    )
    told = f"{taken} given back to the desk, {given} had no owner, {moved} handed over"
    return More(told) if max(taken, given, moved) >= dispatch.AT_ONCE else told


def tell_of_late(by: Actor) -> str:
    return f"{actions.tell_of_late(by)} late, {guarded.tell_of_late(by)} of few eyes"


def tidy_guarded(by: Actor) -> str:
    """What the confidential lane took in while the common database was away, and words that are long over."""
    entered, forgotten = guarded.tidy(by)
    return f"{entered} entered, {forgotten} forgotten"


def ask_whether_well(by: Actor) -> str:
    return f"{actions.ask_whether_well(by)} asked"


def forget_words(by: Actor) -> str:
    """Words of matters that ended two years ago; pictures go after a year by themselves (stored_file.until)."""
    forgotten = actions.forget_old_words(by, WORDS_KEPT)
    return f"{forgotten} forgotten, {actions.drop_dead_photos(by)} dead pictures"


JOBS = (
    Job(
        "matters.tidy_guarded",
        tidy_guarded,
        CronTrigger(minute=40, timezone=clock.COMMUNITY),
        timedelta(hours=2),
    ),
    Job(
        "matters.tell_of_late",
        tell_of_late,
        CronTrigger(hour=9, minute=5, timezone=clock.COMMUNITY),
        timedelta(hours=8),
    ),
    Job(
        "matters.ask_whether_well",
        ask_whether_well,
        CronTrigger(hour=10, minute=15, timezone=clock.COMMUNITY),
        timedelta(hours=6),
    ),
    Job(
        "matters.close_old",
        close_old,
        CronTrigger(hour="9-17", minute=20, timezone=clock.COMMUNITY),
        timedelta(hours=11),
    ),
    Job(
        "matters.take_from_those_who_left",
        take_from_those_who_left,
        CronTrigger(minute=25, timezone=clock.COMMUNITY),
        timedelta(hours=2),
    ),
    Job(
        "matters.forget_words",
        forget_words,
        CronTrigger(hour=3, minute=50, timezone=clock.COMMUNITY),
        timedelta(hours=20),
    ),
)

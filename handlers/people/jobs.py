"""What happens to people because time passed: after 30 days, who left and who withdrew consent is forgotten."""

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.people import actions, household_moves, sensitive, tags
from models.identity import Actor
from models.people import strangers_who_left, withdrawn_long_ago

MOST = 200


def forget_strangers(by: Actor) -> str:
    """Whoever left 30 days ago and never joined; the rest of a long line waits for the next night."""
    gone = list(by.session.scalars(strangers_who_left().limit(MOST)))
    for person in gone:
        actions.forget_stranger(by, person)
    return f"{len(gone)} strangers forgotten"


def forget_withdrawn(by: Actor) -> str:
    """Name, phone and place of those who took their consent back 30 days ago."""
    gone = list(by.session.scalars(withdrawn_long_ago().limit(MOST)))
    for person in gone:
        actions.forget_person(by, person)
    return f"{len(gone)} withdrawn forgotten"


def settle_linked(by: Actor) -> str:
    """Joinings that can no longer be parted, and yesterday's codes."""
    return f"{actions.settle_linked(by)} joinings settled, {actions.forget_codes(by)} codes forgotten"


def end_overdue_stays(by: Actor) -> str:
    """Who was only staying until yesterday; tags nobody renewed; changes that can no longer be undone."""
    ended, gone = household_moves.end_overdue_stays(by), tags.forget_old_tags(by)
    return f"{ended} stays ended, {gone} tags gone, {household_moves.settle_changes(by)} changes settled"


def purge_sensitive(by: Actor) -> str:
    """Sensitive facts whose time is over or whose consent was taken back."""
    return f"{sensitive.purge_sensitive(by)} sensitive facts purged"


def _nightly(minute: int) -> CronTrigger:
    return CronTrigger(hour=3, minute=minute, timezone=clock.COMMUNITY)


JOBS = (
    Job("people.forget_strangers", forget_strangers, _nightly(10), timedelta(hours=20)),
    Job("people.forget_withdrawn", forget_withdrawn, _nightly(15), timedelta(hours=20)),
    Job("people.end_overdue_stays", end_overdue_stays, _nightly(25), timedelta(hours=20)),
    Job("people.purge_sensitive", purge_sensitive, _nightly(30), timedelta(hours=20)),
    Job("people.settle_linked", settle_linked, _nightly(20), timedelta(hours=20)),
)

"""What time does to wishes: a promise is reminded of, then comes back; old words are forgotten.

Nothing is ever confirmed by time: whom nobody answers is on the staff's list.
"""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.wishes import actions, messages
from models.identity import Actor
from models.wish_lists import due_on, overdue, unconfirmed
from models.wishes import CONFIRM_WITHIN

WORDS_KEPT = timedelta(days=730)


def remind(by: Actor) -> str:
    """Whose last day is tomorrow."""
    tomorrow = clock.today() + timedelta(days=1)
    written = sum(messages.remind(by, claim) for claim in by.session.scalars(due_on(tomorrow)).all())
    return f"{written} reminded"


def return_overdue(by: Actor) -> str:
    """Promises of yesterday go back to everybody; the staff read here which, and whom they should ask."""
    late = by.session.scalars(overdue()).all()
    numbers = [claim.wish.number for claim in late if actions.return_overdue(by, claim)]
    asked = len(by.session.scalars(unconfirmed(clock.now() - CONFIRM_WITHIN)).all())
    return f"{len(numbers)} overdue returned ({', '.join(numbers) or 'none'}), {asked} unconfirmed"


def ask_partners(by: Actor) -> str:
    """What nobody promised within two weeks is offered to a partner unit, to the next one after a week."""
    asked, silent = actions.ask_partners(by)
    return f"{asked} partners asked, {silent} did not answer"


def forget_words(by: Actor) -> str:
    """What was said in wishes that ended two years ago (trust 1.3)."""
    return f"{actions.forget_old_words(by, WORDS_KEPT)} forgotten"


def _daily(hour: int, minute: int) -> CronTrigger:
    """In the morning: what it writes reaches people in the daytime."""
    return CronTrigger(hour=hour, minute=minute, timezone=clock.COMMUNITY)


JOBS = (
    Job("wishes.return_overdue", return_overdue, _daily(8, 30), timedelta(hours=23)),
    Job("wishes.remind", remind, _daily(9, 0), timedelta(hours=11)),
    Job("wishes.ask_partners", ask_partners, _daily(9, 20), timedelta(hours=11)),
    Job("wishes.forget_words", forget_words, _daily(3, 40), timedelta(hours=20)),
)

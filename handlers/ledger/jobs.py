"""What time does to requests: whoever has not answered is reminded once, and what nobody took gives its minutes back.

Nothing is ever confirmed by time: after 72 hours it is on the desk's list.
"""

from __future__ import annotations

from datetime import timedelta

from apscheduler.triggers.cron import CronTrigger

from app import clock
from app.jobs import Job
from handlers.ledger import actions, messages
from models.identity import Actor
from models.ledger_debts import forget_debts
from models.ledger_lists import lapsed, unanswered
from models.partners import outlived


def remind_askers(by: Actor) -> str:
    """Said to be done three days ago, and no word."""
    late = by.session.scalars(unanswered()).all()
    written = sum(messages.remind(by, row, row.asker) for row in late)
    return f"{written} reminded, {len(late)} for the desk"


def expire_requests(by: Actor) -> str:
    """Two weeks past their day."""
    ended = sum(actions.expire(by, row) for row in by.session.scalars(lapsed()).all())
    return f"{ended} expired"


def expire_vouchers(by: Actor) -> str:
    """The last day is over: the minutes come back. Marks of old debts go with their year."""
    ended = sum(actions.expire_voucher(by, row) for row in by.session.scalars(outlived()).all())
    return f"{ended} expired, {forget_debts(by.session)} debts forgotten"


def _daily(hour: int, minute: int) -> CronTrigger:
    """In the morning: what it writes reaches people in the daytime."""
    return CronTrigger(hour=hour, minute=minute, timezone=clock.COMMUNITY)


JOBS = (
    Job("ledger.expire_requests", expire_requests, _daily(8, 40), timedelta(hours=23)),
    Job("ledger.expire_vouchers", expire_vouchers, _daily(8, 50), timedelta(hours=23)),
    Job("ledger.remind_askers", remind_askers, _daily(9, 10), timedelta(hours=11)),
)

"""Who of the staff is told what in WeChat: numbers and kinds of work only, never a word of a resident, for a lock
screen shows it to everybody around.

On duty: at once, at most one message in a quarter of an hour, in office hours. A bell (a cry for help): at once, at any
hour, to everybody of the role. All others: the numbers of the morning.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

import handlers
from app import clock
from app.feature import Waits
from app.house import load_features
from models import duty as model
from models import outbox
from models.duty import DutyReader
from models.office_hours import halves_on, is_office_time
from models.staff import StaffMember
from models.staff_wechat import bound_members, wechat_person

PAUSE = timedelta(minutes=15)
OLDEST = timedelta(days=3)  # after a long weekend: what came since Friday
BELL_USEFUL, WORK_USEFUL, DIGEST_USEFUL = timedelta(hours=24), timedelta(hours=1), timedelta(hours=9)
Counted = list[tuple[str, int]]


def answer_bells(session: Session) -> int:
    """Everybody of a role for which somebody has rung, and whoever stands in for them."""
    rung, now = model.hear(session), clock.now()
    told = 0
    for role in sorted(rung):
        members = [member for member in _active(session) if role in member.roles]
        reached = {one.id: one for member in members for one in (member, model.present(session, member, now))}
        for member in reached.values():
            once = f"duty.bell:{member.id}:{now.isoformat()}"
            told += _tell(session, member, "duty.bell", once, {"at": now.isoformat()}, BELL_USEFUL)
    return told


def tell_on_duty(session: Session) -> int:
    """New work for whoever is on duty now; what came in the night is told when the office opens."""
    now = clock.now()
    member = model.on_duty(session, now) if is_office_time(session, now) else None
    if member is None:
        return 0
    reader = model.reader_of(session, member.id)
    if reader.told_at is not None and now - reader.told_at < PAUSE:
        return 0
    counted = _counted(session, _since(reader, now))
    if not counted:
        return 0
    reader.counted_until = reader.told_at = now
    facts = {"work": counted, "total": sum(count for _, count in counted), "at": now.isoformat()}
    return _tell(session, member, "duty.work", f"duty.work:{member.id}:{now.isoformat()}", facts, WORK_USEFUL)


def send_digest(session: Session) -> int:
    """On days on which the office is open: to all who are not on duty and not away what waits for their roles."""
    today, now = clock.today(), clock.now()
    if not halves_on(session, today):
        return 0
    on_duty, told = model.on_duty_that_day(session, today), 0
    # Counted once, for whoever hears of it.
    counts = {one: one.count(session, None) for one in everything_that_waits()}
    for member in _active(session):
        if member.id in on_duty or model.is_away(session, member.id, today, today):
            continue
        if not model.reader_of(session, member.id).wants_digest:
            continue
        counted = [
            (one.words, count)
            for one, count in counts.items()
            if count and set(one.roles) & set(member.roles)
        ]
        if counted:
            facts = {"work": counted, "total": sum(count for _, count in counted), "at": now.isoformat()}
            told += _tell(
                session, member, "duty.digest", f"duty.digest:{member.id}:{today}", facts, DIGEST_USEFUL
            )
    return told


def unreached(session: Session, members: Iterable[StaffMember]) -> set[int]:
    """Who of them has bound no WeChat and hears nothing."""
    bound = bound_members(session)
    return {member.id for member in members if member.id not in bound}


def _since(reader: DutyReader, now: datetime) -> datetime:
    return max(reader.counted_until or now - OLDEST, now - OLDEST)


def _counted(session: Session, since: datetime) -> Counted:
    """What has come for anybody since then in words, with how much of it."""
    counted = [(one.words, one.count(session, since)) for one in everything_that_waits()]
    return [(words, count) for words, count in counted if count]


def everything_that_waits() -> list[Waits]:
    return [one for feature in load_features(handlers.FEATURES) for one in feature.waits]


def _active(session: Session) -> list[StaffMember]:
    return list(session.scalars(select(StaffMember).where(StaffMember.active).order_by(StaffMember.id)))


def _tell(
    session: Session, member: StaffMember, kind: str, once: str, facts: dict[str, object], useful: timedelta
) -> int:
    person = wechat_person(session, member)
    if person is None:
        return 0
    until = clock.now() + useful
    return outbox.put(session, to=person, kind=kind, once=once, facts=facts, useful_until=until)

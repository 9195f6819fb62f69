"""Broadcasts as they are once they were approved, for tests of what happens then: rows made directly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.broadcasts.jobs import carry_on
from handlers.notices import actions as notices
from models.approval import digest_of
from models.audience import EVERYBODY
from models.broadcasts import (
    HOLD,
    Broadcast,
    BroadcastRecipient,
    BroadcastReview,
    counted_by_standing,
)
from models.identity import Actor, Identity, Person
from models.notices import STAGES, NoticeReview, newest
from models.outbox import OutboxRow
from models.staff import StaffMember
from tests.neighbours import Town

NOTICE: dict[str, Any] = {
    "title": "自来水停水通知",
    "category": "停水停电",
    "source": "互助中路社区(演示)",
    "summary": "本周六9点到17点停水。请提前接水。",
    "bring": [],
    "valid_from": date(2026, 11, 20),
    "valid_until": date(2027, 11, 28),
}


def by_job(session: Session) -> Actor:
    return Actor(session, channel="job")


def people(session: Session, count: int, *, app: str = "oa:main", first: int = 0) -> list[Person]:
    """Invented neighbours who follow the account."""
    made = []
    for number in range(first, first + count):
        person = Person()
        openid = f"oPour{number:023d}"
        session.add(
            Identity(kind="oa", app=app, openid=openid, person=person, following=True, spoke_at=clock.now())
        )
        made.append(person)
    session.flush()
    return made


def staff(session: Session, login: str) -> StaffMember:
    found = session.scalar(select(StaffMember).where(StaffMember.login == login))
    if found is None:
        found = StaffMember(login=login, name=login)
        session.add(found)
        session.flush()
    return found


def approved(session: Session, readers: Sequence[tuple[Person, str]], **other: Any) -> Broadcast:
    """A broadcast that was just approved to these people by these roads."""
    now = clock.now()
    by = by_job(session)
    notice = notices.draft(by, **NOTICE)
    version = newest(session, notice)
    writer, boss = staff(session, "writer"), staff(session, "boss")
    version.author_id = writer.id
    for stage in STAGES:
        seen = {
            "stage": stage,
            "staff_id": staff(session, stage).id,
            "digest": version.digest,
            "passed": True,
        }
        session.add(NoticeReview(version_id=version.id, **seen))
    values: dict[str, Any] = {
        "topic": "停水停电",
        "roads": ["custom", "notice", "mass", "paper"],
        "author_id": writer.id,
        "approved_by_id": boss.id,
        "approved_at": now,
        "hold_until": now + HOLD,
        "begins_at": now + HOLD,
        "audience": EVERYBODY,
        "state": "approved",
    }
    row = Broadcast(notice_id=notice.id, version_id=version.id, **values | other)
    session.add(row)
    session.flush()
    row.digest = digest_of(row)
    session.add(
        BroadcastReview(broadcast_id=row.id, stage="final", staff_id=boss.id, digest=row.digest, passed=True)
    )
    for position, (person, road) in enumerate(readers):
        session.add(
            BroadcastRecipient(broadcast_id=row.id, person_id=person.id, position=position, road=road)
        )
    session.flush()
    return row


class Sending:
    """One broadcast of a town under test."""

    def __init__(self, town: Town, number: int) -> None:
        self.town, self.number = town, number

    @classmethod
    def of(cls, town: Town, *roads: str, first: int = 0, **other: Any) -> Sending:
        """To as many invented neighbours as there are roads; the number of the first."""

        def unit(session: Session) -> int:
            readers = list(zip(people(session, len(roads), first=first), roads, strict=True))
            return approved(session, readers, **other).id

        return cls(town, town.writing(unit))

    def carry_on(self, most: int = 50) -> int:
        """Let the scheduler's hands do what is to be done now, until there is nothing; how many steps."""
        done = 0
        while done < most and (steps := carry_on(self.town.site)):
            done += steps
        return done

    def row(self) -> Broadcast:
        with self.town.reading() as session:
            found = session.get_one(Broadcast, self.number)
            _ = found.moved_by
            session.expunge_all()
            return found

    @property
    def state(self) -> str:
        return self.row().state

    def standing(self) -> dict[str, int]:
        """standing → how many."""
        with self.town.reading() as session:
            counted: dict[str, int] = {}
            row = session.get_one(Broadcast, self.number)
            for (_, standing), count in counted_by_standing(session, row).items():
                counted[standing] = counted.get(standing, 0) + count
            return counted

    def whys(self) -> list[str]:
        with self.town.reading() as session:
            mine = BroadcastRecipient.broadcast_id == self.number, BroadcastRecipient.why.is_not(None)
            return sorted(session.scalars(select(BroadcastRecipient.why).where(*mine)))  # type: ignore[type-var]

    def letters(self) -> list[OutboxRow]:
        with self.town.reading() as session:
            bundle = OutboxRow.bundle == f"broadcast:{self.number}"
            rows = list(session.scalars(select(OutboxRow).where(bundle).order_by(OutboxRow.id)))
            session.expunge_all()
            return rows

    def delivers(self, most: int = 1000) -> int:
        """What delivery would do: everything that waits is taken by WeChat."""

        def unit(session: Session) -> int:
            waits = OutboxRow.bundle == f"broadcast:{self.number}", OutboxRow.state == "waiting"
            rows = session.scalars(select(OutboxRow).where(*waits).limit(most)).all()
            for one in rows:
                one.state, one.road, one.first_sent_at = "submitted", "custom", clock.now()
            return len(rows)

        return self.town.writing(unit)


AFTER_HOLD = HOLD + timedelta(seconds=1)

"""A broadcast that was sent: its rows laid down as its sending leaves them, whatever road each one was on."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.notices import actions as notices
from models.broadcasts import Broadcast, BroadcastCall, BroadcastRecipient
from models.identity import Actor, Person
from models.notices import newest
from models.outbox import OutboxRow, once_in
from tests.neighbours import Town

TITLE = "后天停水,请先接水"
NOTICE: dict[str, Any] = {
    "second": None,
    "title": TITLE,
    "category": "停水停电",
    "source": "供水公司",
    "summary": "请提前接好水。\n东府佳苑后天早上9点到下午5点停水。",
    "bring": ["水桶"],
    "body": "因管网检修,暂停供水。",
    "valid_from": date(2026, 11, 1),
    "valid_until": date(2030, 12, 31),
}


def broadcast(town: Town, **other: Any) -> int:
    """One that is sent and done; its number. Parts of the notice and columns of the broadcast may differ."""
    parts = {name: other.pop(name) for name in list(other) if name in NOTICE}

    def unit(session: Session) -> int:
        by = Actor(session, channel="job")
        notice = notices.publish(by, notices.draft(by, **NOTICE | parts))
        now = clock.now()
        usual = {
            "state": "done",
            "topic": "停水停电",
            "roads": ["custom", "notice"],
            "begun_at": now,
            "ended_at": now,
            "digest": uuid.uuid4().hex * 2,
        }
        row = Broadcast(notice=notice, version=newest(session, notice), **usual | other)
        session.add(row)
        session.flush()
        return row.id

    return town.writing(unit)


def to(town: Town, number: int, person: int, standing: str = "submitted", **more: Any) -> int:
    """Somebody of its audience and where they stand ("paper" and "queued" are the recipient's own state)."""

    def unit(session: Session) -> int:
        made = session.get_one(Broadcast, number)
        row = BroadcastRecipient(broadcast=made, person_id=person, **{"road": "custom"} | more)
        row.position = len(session.scalars(select(BroadcastRecipient.id)).all())
        if standing in ("paper", "queued", "cancelled"):
            row.state = standing
            row.road = "paper" if standing == "paper" else row.road
        else:
            row.state, row.outbox_id = "outbox", _message(session, made, person, standing)
        session.add(row)
        session.flush()
        return row.id

    return town.writing(unit)


def _message(session: Session, made: Broadcast, person: int, standing: str) -> int:
    now = clock.now()
    left = standing not in ("waiting", "held", "cancelled", "expired")
    message = OutboxRow(
        once=once_in(made.bundle, person),
        kind="broadcasts.notice",
        person_id=person,
        facts={},
        bundle=made.bundle,
        rank=1,
        state=standing,
        first_sent_at=now if left else None,
        settled_at=now if standing not in ("waiting", "held", "sending") else None,
    )
    session.add(message)
    session.flush()
    return message.id


def by_mass(town: Town, number: int, people: list[int], state: str = "delivered", **counts: int) -> int:
    """These were in one mass call; WeChat told only how many of them."""

    def unit(session: Session) -> int:
        call = BroadcastCall(
            broadcast_id=number,
            number=1,
            kind="mass_openids",
            app="oa:main",
            state=state,
            first_sent_at=clock.now(),
            counts=counts or None,
        )
        session.add(call)
        session.flush()
        for person in people:
            session.add(
                BroadcastRecipient(
                    broadcast_id=number, person_id=person, road="mass", state="call", call_id=call.id
                )
            )
        return call.id

    return town.writing(unit)


def recipient(town: Town, number: int) -> BroadcastRecipient:
    with town.reading() as session:
        row = session.get_one(BroadcastRecipient, number)
        session.expunge_all()
        return row


def correcting(town: Town, wrong: int, **other: Any) -> int:
    return broadcast(town, corrects_id=wrong, title="更正:停水改到大后天", **other)


def person_of(town: Town, name: str) -> int:
    phone = town.phone(name)

    def unit(session: Session) -> int:
        return phone.actor(session).me.id

    return town.writing(unit)


def people(town: Town, most: int) -> list[int]:
    """As many residents without a phone of their own."""

    def unit(session: Session) -> list[int]:
        rows = [Person(joined_at=clock.now() - timedelta(days=1)) for _ in range(most)]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]

    return town.writing(unit)

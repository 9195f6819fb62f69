"""Broadcasts: one version of one notice, to those whom it concerns, after the right people agreed.

`draft → proposed → approved → sending ⇄ paused → done | stopped | expired`. With its approval the audience becomes
rows, one for each person; from then on these rows and what hangs on them (a message of the outbox, a mass call) are the
only truth about who got it.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    case,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant, index_where
from models.identity import Person
from models.notices import Notice, NoticeVersion
from models.outbox import OutboxRow
from models.staff import StaffMember

STATES = ("draft", "proposed", "approved", "sending", "paused", "done", "stopped", "expired")
OPEN = ("draft", "proposed")
RUNNING = ("approved", "sending", "paused")
OVER = ("done", "stopped", "expired")
# How somebody may hear of it, best first (wechat.md §19). "custom": customer service within 48 hours; "notice" and
# "mini": subscription notices that they allowed; "mass": one of four a month, or the day's one; "paper": a knock.
ROADS = ("custom", "notice", "mini", "mass", "paper")
HOLD = timedelta(minutes=5)
USEFUL = timedelta(hours=24)
REVIEW_AFTER = timedelta(hours=24)
MOST_TESTERS = 5
IS_UNHELD = "outbox_id IS NULL AND settled_as IS NULL"


class Broadcast(Base):
    """`digest` is the hash of everything that will be sent and to whom, made when it is proposed: tests, approval and
    sending are bound to it, and any edit makes it void. `roads` are those that may be used. It begins at `begins_at`
    (after the hold, the appointed time and the quiet hours), and not at all after `useful_until`. `urgent` passes over
    topics that people do not want, over quiet hours and over the first two reviews; `reviewed_later_at` is when they
    were made up for. `revision` counts changes: who saves over somebody else's is told so. While it is on its way:
    `begun_with` is how many people it was for, `rests_until` when the quiet hours are over, `moved_by` who stopped,
    paused or resumed it last. `knock_after` hours after it was sent, those who may have got it and have not said so are
    told at the door too."""

    __tablename__ = "broadcast"
    __table_args__ = (Index("ix_broadcast_state_begins", "state", "begins_at"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("notice_version.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("broadcast.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    revision: Mapped[int] = mapped_column(default=1)
    topic: Mapped[str] = mapped_column(String(10))
    urgent: Mapped[bool] = mapped_column(default=False)
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    roads: Mapped[list[str]] = mapped_column(JSON, default=list)
    send_at: Mapped[datetime | None] = mapped_column(Instant)
    useful_until: Mapped[datetime | None] = mapped_column(Instant)
    digest: Mapped[str | None] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(22), unique=True, default=lambda: uuid.uuid4().hex[:22])
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    created_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    proposed_at: Mapped[datetime | None] = mapped_column(Instant)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    hold_until: Mapped[datetime | None] = mapped_column(Instant)
    begins_at: Mapped[datetime | None] = mapped_column(Instant)
    begun_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    reviewed_later_at: Mapped[datetime | None] = mapped_column(Instant)
    why_ended: Mapped[str | None] = mapped_column(String(200))
    begun_with: Mapped[int | None]
    rests_until: Mapped[datetime | None] = mapped_column(Instant)
    moved_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    knock_after: Mapped[int | None]

    notice: Mapped[Notice] = relationship()
    version: Mapped[NoticeVersion] = relationship()
    corrects: Mapped[Broadcast | None] = relationship(remote_side="Broadcast.id")
    author: Mapped[StaffMember | None] = relationship(foreign_keys=author_id)
    approved_by: Mapped[StaffMember | None] = relationship(foreign_keys=approved_by_id)
    moved_by: Mapped[StaffMember | None] = relationship(foreign_keys=moved_by_id)

    @property
    def bundle(self) -> str:
        """What its messages are called in the outbox."""
        return f"broadcast:{self.id}"

    @property
    def goes_to_all(self) -> bool:
        """Whether they want it or not."""
        return self.urgent or bool(self.audience.get("got"))


class BroadcastCall(Base):
    """One call to WeChat that is not to one person: a mass send of up to 10,000 openids ("mass_openids"), to all
    ("mass_all"), or a publication ("publish"). `client_id` makes it safe to repeat for 24 hours (clientmsgid). WeChat
    tells only counts: `counts` has total, filter, sent, error of MASSSENDJOBFINISH."""

    __tablename__ = "broadcast_call"
    __table_args__ = (
        UniqueConstraint("broadcast_id", "number"),
        Index("ix_broadcast_call_state_due", "state", "due"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    app: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    due: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    tries: Mapped[int] = mapped_column(default=0)
    client_id: Mapped[str] = mapped_column(String(32), default=lambda: uuid.uuid4().hex, unique=True)
    draft_media_id: Mapped[str | None] = mapped_column(String(128))
    first_sent_at: Mapped[datetime | None] = mapped_column(Instant)
    wechat_id: Mapped[str | None] = mapped_column(String(40), index=True)
    article_url: Mapped[str | None] = mapped_column(String(1024))
    errcode: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(Text)
    counts: Mapped[dict[str, int] | None] = mapped_column(JSON)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)

    broadcast: Mapped[Broadcast] = relationship()


class BroadcastRecipient(Base):
    """One person of the frozen audience. `state` is "queued" until the row is handed on: then "outbox" or "call" say
    where its further life is told; "paper" needs a knock; "cancelled" was stopped before (`why`). `read_at`: they
    opened the page or answered 收到 (`read_how`). `door_*`: somebody told them at the door, or found nobody.
    `aside_at`: beside another answer they were told that there is this notice."""

    __tablename__ = "broadcast_recipient"
    __table_args__ = (
        UniqueConstraint("broadcast_id", "person_id"),
        CheckConstraint("state IN ('queued', 'outbox', 'call', 'paper', 'cancelled')", name="state"),
        Index("ix_broadcast_recipient_queue", "broadcast_id", "state", "position"),
        index_where("ix_broadcast_recipient_unheld", IS_UNHELD, "broadcast_id", "state", "call_id"),
        index_where("ix_broadcast_recipient_settled", "settled_as IS NOT NULL", "broadcast_id", "settled_as"),
        index_where("ix_broadcast_recipient_door", "door_state IS NOT NULL", "broadcast_id"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    road: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="queued")
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="SET NULL"), index=True)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("broadcast_call.id"), index=True)
    settled_as: Mapped[str | None] = mapped_column(String(12))
    why: Mapped[str | None] = mapped_column(String(10))
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    read_how: Mapped[str | None] = mapped_column(String(10))
    door_state: Mapped[str | None] = mapped_column(String(10))
    door_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    door_at: Mapped[datetime | None] = mapped_column(Instant)
    aside_at: Mapped[datetime | None] = mapped_column(Instant)

    person: Mapped[Person | None] = relationship()
    broadcast: Mapped[Broadcast] = relationship()
    door_by: Mapped[StaffMember | None] = relationship()


class BroadcastTest(Base):
    """It was shown to a tester as it will go out. Only tests of exactly this digest count."""

    __tablename__ = "broadcast_test"

    id: Mapped[int] = mapped_column(primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


class BroadcastReview(Base):
    """The last word ("final"), or the reading made up for after an urgent one ("later")."""

    __tablename__ = "broadcast_review"

    id: Mapped[int] = mapped_column(primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcast.id"), index=True)
    stage: Mapped[str] = mapped_column(String(10))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    digest: Mapped[str] = mapped_column(String(64))
    passed: Mapped[bool]
    proofs: Mapped[list[str]] = mapped_column(JSON, default=list)
    comment: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    staff: Mapped[StaffMember] = relationship()


# ---- who got it ------------------------------------------------------------------------------------------------------

# The recipient's own state, or that of the message or call that it was handed to, in the words of the outbox. Of one
# person in a mass send WeChat never says more than that it was accepted.
STANDING = case(
    (BroadcastRecipient.settled_as.is_not(None), BroadcastRecipient.settled_as),
    (BroadcastRecipient.state == "outbox", func.coalesce(OutboxRow.state, "unknown")),
    ((BroadcastRecipient.state == "call") & (BroadcastCall.state == "done"), "submitted"),
    (BroadcastRecipient.state == "call", func.coalesce(BroadcastCall.state, "unknown")),
    else_=BroadcastRecipient.state,
)


def standing_of(broadcast: Broadcast) -> Select[Any]:
    """(BroadcastRecipient, its standing) of everybody in the frozen audience; narrow it further with where()."""
    return (
        select(BroadcastRecipient, STANDING.label("standing"))
        .outerjoin(OutboxRow, OutboxRow.id == BroadcastRecipient.outbox_id)
        .outerjoin(BroadcastCall, BroadcastCall.id == BroadcastRecipient.call_id)
        .where(BroadcastRecipient.broadcast_id == broadcast.id)
    )


def counted_by_standing(session: Session, broadcast: Broadcast) -> dict[tuple[str, str], int]:
    """(road, standing) → how many."""
    rows = standing_of(broadcast).with_only_columns(
        BroadcastRecipient.road, STANDING.label("standing"), func.count()
    )
    grouped = rows.group_by(BroadcastRecipient.road, STANDING)
    return {(road, standing): count for road, standing, count in session.execute(grouped)}

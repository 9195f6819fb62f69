"""Talks between a resident and the staff: who waits since when, what was said, what of it is still to be fetched from
WeChat, and when the bot may speak again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from models.base import Base, Instant, Sealed, index_where, later
from models.glances import Glance
from models.identity import Identity, Person
from models.inbox import InboxRow
from models.outbox import OutboxRow
from models.stored_file import StoredFile

IDLE = timedelta(minutes=30)
MEDIA_LEASE = timedelta(minutes=2)
OPEN_STATES = ("waiting", "talking")
BUDGET = {timedelta(minutes=1): 10, timedelta(hours=1): 60}  # lines of one person, in whichever talk
MOST_BEGUN = 6  # talks of one person in an hour; then the last one goes on
IS_OPEN = "state <> 'closed'"  # the unique index says it in these words
# Not "location": WeChat calls the reports of where a telephone is by the same word, and nobody waits for an answer.
SAID = ("text", "voice", "image", "video", "shortvideo", "link", "file")


class DeskTalk(Base):
    """One hand-over to a person. `waiting`: nobody has taken it and the bot goes on; `talking`: a person of the staff
    speaks and the bot is quiet; `closed`. A resident has at most one that is not closed. `lent_by_id` is whose it is
    when `staff_id` only stands in for them."""

    __tablename__ = "desk_talk"
    __table_args__ = (
        Index("ix_desk_talk_state_closed_at", "state", "closed_at"),
        index_where("ix_desk_talk_remembered", "forgotten_at IS NULL", "closed_at"),
        Index(
            "uq_desk_talk_open_person",
            "person_id",
            unique=True,
            postgresql_where=text(IS_OPEN),
            sqlite_where=text(IS_OPEN),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), index=True)
    about: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    opened_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)
    waiting_since: Mapped[datetime | None] = mapped_column(Instant, default=clock.now, index=True)
    last_line_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    lent_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    forgotten_at: Mapped[datetime | None] = mapped_column(Instant)

    person: Mapped[Person] = relationship()
    identity: Mapped[Identity] = relationship()
    lines: Mapped[list[DeskLine]] = relationship(back_populates="talk", order_by="DeskLine.id")


class DeskLine(Base):
    """One thing said. `speaker` is resident, staff or note (seen by staff only). Media stays at WeChat for three days:
    `media_state` is waiting (to be fetched, next at `media_due`), kept (`file_id`), gone, bad (no picture that we take)
    or away (a film, which WeChat shows but does not hand out)."""

    __tablename__ = "desk_line"
    __table_args__ = (
        Index(
            "ix_desk_line_media",
            "media_due",
            postgresql_where=text("media_state = 'waiting'"),
            sqlite_where=text("media_state = 'waiting'"),
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("desk_talk.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    speaker: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(16), default="text")
    text: Mapped[str] = mapped_column(Sealed("desk_line.text"))
    media_id: Mapped[str | None] = mapped_column(String(200))
    media_state: Mapped[str | None] = mapped_column(String(8))
    media_due: Mapped[datetime | None] = mapped_column(Instant)
    media_tries: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))

    talk: Mapped[DeskTalk] = relationship(back_populates="lines")
    file: Mapped[StoredFile | None] = relationship()


class QuickReply(Base):
    """Words that staff say every day; `{姓名}` stands for the resident's name. Retired, not deleted."""

    __tablename__ = "quick_reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class DeskDraft(Base):
    """An answer that somebody is writing: kept while they write, gone when it is sent."""

    __tablename__ = "desk_draft"
    __table_args__ = (UniqueConstraint("talk_id", "staff_id"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(ForeignKey("desk_talk.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    text: Mapped[str] = mapped_column(Sealed("desk_draft.text"))
    saved_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


def _open_talks(person: ColumnElement[int]) -> Select[DeskTalk]:
    return select(DeskTalk).where(DeskTalk.person_id == person, text(f"desk_talk.{IS_OPEN}"))


# Asked for every text: built once.
OPEN_TALK = _open_talks(bindparam("person"))
HAS_OPEN_TALK = Glance(lambda person: _open_talks(person).with_only_columns(DeskTalk.id))


def open_talk_of(session: Session, person: Person) -> DeskTalk | None:
    """The talk that is not closed, if there is one."""
    is_open = HAS_OPEN_TALK.finds(session, person)
    return session.scalar(OPEN_TALK, {"person": person.id}) if is_open else None


def room_for(session: Session, person_id: int) -> datetime | None:
    """When this person, who has said as much to the staff as one may, may say more; None when that is now."""
    said = (
        select(DeskLine.at)
        .join(DeskTalk, DeskTalk.id == DeskLine.talk_id)
        .where(DeskTalk.person_id == person_id, DeskLine.speaker == "resident")
        .order_by(DeskLine.at.desc())
    )
    now, again = clock.now(), []
    for window, most in BUDGET.items():
        lately = said.where(DeskLine.at > now - window, DeskTalk.last_line_at > now - window)
        first = session.scalar(lately.offset(most - 1).limit(1))
        again += [first + window] if first is not None else []
    return max(again, default=None)


def begun_too_often(session: Session, person_id: int) -> DeskTalk | None:
    """The latest of many talks that this person has begun of late; None when they are few."""
    lately = DeskTalk.person_id == person_id, DeskTalk.opened_at > clock.now() - timedelta(hours=1)
    found = session.scalars(select(DeskTalk).where(*lately).order_by(DeskTalk.id.desc()).limit(MOST_BEGUN))
    talks = found.all()
    return talks[0] if len(talks) == MOST_BEGUN else None


def waiting_talks() -> Select[DeskTalk]:
    """Those who wait for an answer, the oldest first."""
    return select(DeskTalk).where(DeskTalk.waiting_since.is_not(None)).order_by(DeskTalk.waiting_since)


def open_talks() -> Select[DeskTalk]:
    return select(DeskTalk).where(DeskTalk.state.in_(OPEN_STATES)).order_by(DeskTalk.last_line_at.desc())


def quick_replies(*, retired: bool = False) -> Select[QuickReply]:
    which = QuickReply.retired_at.is_not(None) if retired else QuickReply.retired_at.is_(None)
    return select(QuickReply).where(which).order_by(QuickReply.position, QuickReply.id)


def draft_of(session: Session, talk_id: int, staff_id: int) -> DeskDraft | None:
    return session.scalar(
        select(DeskDraft).where(DeskDraft.talk_id == talk_id, DeskDraft.staff_id == staff_id)
    )


def claim_media(session: Session) -> DeskLine | None:
    """One line whose media is to be fetched now. Its next time is put off, so that of two hands one takes it and a hand
    that dies loses it."""
    now = clock.now()
    due = (
        select(DeskLine.id)
        .where(DeskLine.media_state == "waiting", DeskLine.media_due <= now)
        .order_by(DeskLine.media_due)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    later = {"media_due": now + MEDIA_LEASE, "media_tries": DeskLine.media_tries + 1}
    taken = update(DeskLine).where(DeskLine.id.in_(due)).values(**later).returning(DeskLine.id)
    number = session.scalar(taken.execution_options(synchronize_session=False))
    return None if number is None else session.get(DeskLine, number)


def talks_to_forget(before: datetime) -> Select[DeskTalk]:
    """Closed before, and their words are still there."""
    over = DeskTalk.closed_at < before, DeskTalk.forgotten_at.is_(None), DeskTalk.state == "closed"
    return select(DeskTalk).where(*over).order_by(DeskTalk.id)


def is_idle(talk: DeskTalk, now: datetime) -> bool:
    """Half an hour without a word: the bot takes over again."""
    return now - talk.last_line_at > IDLE


# ---- what must hold --------------------------------------------------------------------------------------------------


def unanswered(session: Session) -> list[str]:
    """I3: who has said something has an answer, or a person of the staff who speaks with them within a minute. (An
    answer is sealed: an empty one is as long as the seal alone. The mini-program's goes out by itself.)"""
    nothing = len(privacy.keyring().seal("inbox.answer", b""))
    handed_over = (
        select(DeskTalk.id)
        .where(
            DeskTalk.person_id == InboxRow.person_id,
            DeskTalk.opened_at <= later(InboxRow.received_at, literal(1)),
            or_(DeskTalk.closed_at.is_(None), DeskTalk.closed_at >= InboxRow.received_at),
        )
        .exists()
    )
    silent = (
        select(InboxRow.kind, func.count())
        .join(Person, Person.id == InboxRow.person_id)
        .where(
            InboxRow.kind.in_(SAID),
            InboxRow.received_at < clock.now() - timedelta(minutes=1),
            func.length(cast(InboxRow.answer, LargeBinary)) <= nothing,
            Person.erased_at.is_(None),
            Person.merged_into_id.is_(None),
            ~handed_over,
            ~select(OutboxRow.id).where(OutboxRow.once == literal("answer:") + InboxRow.key).exists(),
        )
        .group_by(InboxRow.kind)
    )
    return [f"{count} messages of kind {kind} have no answer" for kind, count in session.execute(silent)]

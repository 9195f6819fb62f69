"""幸福日志: suggestions as everybody may read them, with the community's answer.

A suggestion is a matter of the kind 建议 (models/matters.py): it has its number, its owner and its last day there, and
is answered there. What stands here is beside it: the page of the paper book that it came from, whether it may be shown,
and what everybody reads. Those words are written anew by one of the staff and read by a second before they are public;
nobody's name is among them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    Select,
    String,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import FLAT, Base, Instant, RowKey, RowSealed, insert_once
from models.identity import Person
from models.matters import Matter
from models.refusal import Refusal
from models.staff import StaffMember
from models.unindexed import unindexed

KIND = "建议"
PUBLIC_KEPT = timedelta(days=730)

TRANSITIONS: dict[str, frozenset[str]] = {
    "kept": frozenset({"asked", "down"}),
    "asked": frozenset({"public", "kept", "down"}),
    "public": frozenset({"down"}),
    "down": frozenset({"asked"}),
}


class Suggestion(RowKey, Base):
    """`kept → asked → public → down`: only `public` is shown. `may_show` is what who said it wants; None when they were
    not asked. `asked_by` wrote the words, `passed_by` read them: never the same."""

    __tablename__ = "suggestion"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in TRANSITIONS)})", name="state"),
        CheckConstraint(
            "state <> 'public' OR (asked_by_id IS NOT NULL AND passed_by_id IS NOT NULL"
            " AND asked_by_id <> passed_by_id AND shown_at IS NOT NULL)",
            name="public",
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id", ondelete="CASCADE"), unique=True)
    may_show: Mapped[bool | None]
    book_page: Mapped[str | None] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(8), default="kept", index=True)
    revision: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime | None] = mapped_column(Instant)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    passed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    shown_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    _words: Mapped[bytes | None] = mapped_column("words", LargeBinary)
    _reply: Mapped[bytes | None] = mapped_column("reply", LargeBinary)
    _why: Mapped[bytes | None] = mapped_column("why", LargeBinary)

    words = RowSealed[str | None]("suggestion.words")
    reply = RowSealed[str | None]("suggestion.reply")
    why = RowSealed[str | None]("suggestion.why")
    matter: Mapped[Matter] = relationship(lazy="joined", innerjoin=FLAT)
    asked_by: Mapped[StaffMember | None] = relationship(foreign_keys=[asked_by_id])
    passed_by: Mapped[StaffMember | None] = relationship(foreign_keys=[passed_by_id])


class SuggestionEcho(Base):
    """我也这样想: one person, once."""

    __tablename__ = "suggestion_echo"

    suggestion_id: Mapped[int] = mapped_column(
        ForeignKey("suggestion.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


# ---- the rules -----------------------------------------------------------------------------------------------------


def beside(session: Session, matter: Matter) -> Suggestion:
    """What stands beside this matter, made when it is needed first, and held."""
    insert_once(
        session, Suggestion, matter_id=matter.id, row_key=secrets.token_urlsafe(16), state="kept", revision=0
    )
    mine = select(Suggestion).where(Suggestion.matter_id == matter.id).with_for_update(of=Suggestion)
    return session.scalars(mine.execution_options(populate_existing=True)).one()


def beside_or_none(session: Session, matter: Matter) -> Suggestion | None:
    return session.scalar(select(Suggestion).where(Suggestion.matter_id == matter.id))


def hold(session: Session, row: Suggestion) -> Suggestion:
    """As it is now, kept still until the unit ends."""
    same = select(Suggestion).where(Suggestion.id == row.id).with_for_update(of=Suggestion)
    return session.scalars(same.execution_options(populate_existing=True)).one()


def go_to(row: Suggestion, state: str) -> None:
    """The only way from one state to another; behind `hold`."""
    if state not in TRANSITIONS[row.state]:
        raise Refusal("ratings.suggestion_moved")
    row.state = state
    row.revision += 1


# ---- which there are -----------------------------------------------------------------------------------------------


def public_suggestions() -> Select[Suggestion]:
    """The newest first."""
    shown = Suggestion.state == "public"
    return select(Suggestion).where(shown).order_by(Suggestion.shown_at.desc(), Suggestion.id.desc())


def to_be_passed() -> Select[Suggestion]:
    """What waits for a second reader, the longest first."""
    return select(Suggestion).where(Suggestion.state == "asked").order_by(Suggestion.id)


def answered_unshown() -> Select[Matter]:
    """Answered suggestions whose answer is not public yet, though nobody said that it must not be."""
    over = unindexed(Matter.state).in_(("done", "closed"))
    done = Matter.kind == KIND, over, Matter.outcome.is_not(None)
    unshown = or_(Suggestion.id.is_(None), Suggestion.state == "kept")
    wanted = or_(Suggestion.may_show.is_(None), Suggestion.may_show.is_(True))
    found = select(Matter).outerjoin(Suggestion, Suggestion.matter_id == Matter.id)
    return found.where(*done, unshown, wanted).order_by(Matter.done_at, Matter.id)


def open_suggestions() -> Select[Matter]:
    """What ends first stands first."""
    is_open = Matter.state.in_(("received", "assigned", "working"))
    return select(Matter).where(Matter.kind == KIND, is_open).order_by(Matter.due, Matter.id)


def overdue_suggestions() -> Select[Matter]:
    return open_suggestions().where(Matter.due < clock.today())


def echoes(session: Session, rows: Sequence[Suggestion]) -> dict[int, int]:
    """How many say the same, of each."""
    numbers = [row.id for row in rows]
    counted = select(SuggestionEcho.suggestion_id, func.count()).where(
        SuggestionEcho.suggestion_id.in_(numbers)
    )
    return {row[0]: row[1] for row in session.execute(counted.group_by(SuggestionEcho.suggestion_id))}


def echoed_by(session: Session, person: Person) -> set[int]:
    mine = select(SuggestionEcho.suggestion_id).where(SuggestionEcho.person_id == person.id)
    return set(session.scalars(mine))


def left_behind() -> Select[Suggestion]:
    """Whose matter was emptied because who said it is gone: not those that were said without a name, nor old ones."""
    emptied = Matter.text.is_(None), Matter.person_id.is_(None), Matter.contact != "anonymous"
    told = or_(Suggestion.words.is_not(None), Suggestion.reply.is_not(None))
    return select(Suggestion).join(Matter, Suggestion.matter_id == Matter.id).where(*emptied, told)


def shown_before(limit: datetime) -> Select[Suggestion]:
    return select(Suggestion).where(Suggestion.shown_at < limit, Suggestion.words.is_not(None))


# ---- what must always hold -----------------------------------------------------------------------------------------


def read_by_two(session: Session) -> Sequence[str]:
    """What everybody reads was written by one and read by another, and whoever said it did not say no."""
    same = Suggestion.asked_by_id == Suggestion.passed_by_id
    odd = or_(Suggestion.passed_by_id.is_(None), same, Suggestion.may_show.is_(False))
    found = select(Suggestion.id).where(Suggestion.state == "public", odd)
    return [f"suggestion {number} is public and should not be" for number in session.scalars(found)]

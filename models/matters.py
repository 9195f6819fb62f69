"""Matters (engine M6): what a resident reports, who sees to it until when, and what came of it.

Every open matter has one who answers for it and one time that counts now: while it is only `received` that is whoever
is on duty at the desk, who must have given it to somebody until `give_by`; from `assigned` on it is one person's, who
answers until `due`. Who reported is shown to the staff only, and to nobody when they wanted it so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, LargeBinary, String, or_, select
from sqlalchemy.orm import Mapped, Session, column_property, mapped_column, relationship

from app import clock, privacy
from app.understanding.calendar import working_day_after
from models.base import Base, Instant, RowKey, RowSealed, index_where
from models.identity import Person
from models.matter_rules import WORKING_DAYS, MatterCategory, MatterRule
from models.places import Grid, Place
from models.receipts import spoken
from models.refusal import Refusal
from models.staff import StaffMember
from models.stored_file import StoredFile

KINDS = ("报修", "求助", "投诉", "建议")
CONTACTS = ("named", "confidential", "anonymous")
MAY_BE_ANONYMOUS = ("建议",)
MOST_OPEN = 20  # of one person
MOST_PHOTOS = 3
REOPEN_WITHIN = timedelta(days=30)
ANSWER_WITHIN = timedelta(days=14)  # of the question whether it is still well
SAME_DAY_UNTIL = time(16)
SAME_WITHIN = timedelta(days=7)
PHOTOS_KEPT = timedelta(days=365)
GIVEN_OUT_WITHIN = timedelta(hours=3)  # by the hourly job
AMBER = 0.8  # of the time that there was

TRANSITIONS: dict[str, frozenset[str]] = {
    "received": frozenset({"assigned", "done", "withdrawn"}),
    "assigned": frozenset({"assigned", "working", "received", "done", "withdrawn"}),
    "working": frozenset({"assigned", "received", "done", "withdrawn"}),
    "done": frozenset({"received", "assigned", "closed"}),
    "closed": frozenset({"received", "assigned"}),
    "withdrawn": frozenset(),
}
OPEN = ("received", "assigned", "working")
IS_ANSWERED = "outcome IS NOT NULL"
IS_OPEN = "state IN ('received', 'assigned', 'working')"


class Matter(RowKey, Base):
    """`received → assigned → working → done → closed`; `withdrawn` by who reported it. A done one may be opened again
    for 30 days.

    `person_id` is empty when it was said without a name, and after who said it was erased. `tail_index` is a keyed
    hash of the receipt with the last four digits of the phone (or of the code that the nameless get): with both of
    them its state is told. `once` makes a form that is sent twice one matter. `revision` counts what was told.
    `came_as` is the number under which it was said first, when it was no matter yet ("心愿0012号"). `joined_to` is the
    one that turned out to be the same thing: it goes on there. `fixed_by` did it; somebody else `checked` that. While
    the owner is away it is `lent_by` them to whoever stands in. `spot` is where a phone said that it is.
    """

    __tablename__ = "matter"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in TRANSITIONS)})", name="state"),
        CheckConstraint(f"NOT ({IS_OPEN}) OR due IS NOT NULL", name="due"),
        CheckConstraint("state NOT IN ('assigned', 'working') OR owner_id IS NOT NULL", name="owner"),
        Index("ix_matter_state_done_at", "state", "done_at"),
        Index("ix_matter_ended_at_id", "ended_at", "id"),
        index_where("ix_matter_answered", IS_ANSWERED, "kind", "done_at"),
        Index("ix_matter_state_due", "state", "due"),
        Index("ix_matter_place_id_kind_said_at", "place_id", "kind", "said_at"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(String(7), unique=True)
    tail_index: Mapped[str | None] = mapped_column(String(64))
    once: Mapped[str | None] = mapped_column(String(64), unique=True)
    came_as: Mapped[str | None] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    contact: Mapped[str] = mapped_column(String(12))
    _text: Mapped[bytes | None] = mapped_column("text", LargeBinary)
    _phone: Mapped[bytes | None] = mapped_column("phone", LargeBinary)
    _place_words: Mapped[bytes | None] = mapped_column("place_words", LargeBinary)
    _outcome: Mapped[bytes | None] = mapped_column("outcome", LargeBinary)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="received")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"), index=True)
    due: Mapped[date | None]
    counted_from: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    channel: Mapped[str] = mapped_column(String(10))
    revision: Mapped[int] = mapped_column(default=0)
    opened_again: Mapped[int] = mapped_column(default=0)
    said_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("matter_category.id"))
    unit: Mapped[str | None] = mapped_column(String(20))
    give_by: Mapped[date | None]
    lent_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    fixed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    checked_at: Mapped[datetime | None] = mapped_column(Instant)
    joined_to_id: Mapped[int | None] = mapped_column(ForeignKey("matter.id"), index=True)
    asked_at: Mapped[datetime | None] = mapped_column(Instant)
    late_told_on: Mapped[date | None]
    _spot: Mapped[bytes | None] = mapped_column("spot", LargeBinary)

    spot = RowSealed[str | None]("matter.spot")
    has_spot = column_property(_spot.is_not(None))
    text = RowSealed[str | None]("matter.text")
    phone = RowSealed[str | None]("matter.phone")
    place_words = RowSealed[str | None]("matter.place_words")
    outcome = RowSealed[str | None]("matter.outcome")
    person: Mapped[Person | None] = relationship()
    place: Mapped[Place | None] = relationship()
    grid: Mapped[Grid | None] = relationship()
    owner: Mapped[StaffMember | None] = relationship(foreign_keys=[owner_id])
    lent_by: Mapped[StaffMember | None] = relationship(foreign_keys=[lent_by_id])
    fixed_by: Mapped[StaffMember | None] = relationship(foreign_keys=[fixed_by_id])
    checked_by: Mapped[StaffMember | None] = relationship(foreign_keys=[checked_by_id])
    category: Mapped[MatterCategory | None] = relationship()
    joined_to: Mapped[Matter | None] = relationship(remote_side="Matter.id")
    steps: Mapped[list[MatterStep]] = relationship(back_populates="matter", order_by="MatterStep.id")
    photos: Mapped[list[MatterPhoto]] = relationship(back_populates="matter", order_by="MatterPhoto.id")

    @property
    def number(self) -> str:
        """To be read out on the telephone."""
        return spoken(self.receipt)

    @property
    def where(self) -> str:
        """Where it is, as it was said; else the place that it stands for."""
        return self.place_words or (self.place.full_name if self.place else "")

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def thing(self) -> str:
        """What it is about, in a word that may be told to others."""
        return self.category.name if self.category else self.kind

    @property
    def can_be_reopened(self) -> bool:
        """Within 30 days of being done, also when it was said to be solved; after the late question for a while."""
        if self.state not in ("done", "closed") or self.done_at is None or self.joined_to_id is not None:
            return False
        lately = clock.now() - self.done_at <= REOPEN_WITHIN
        return lately or (self.asked_at is not None and clock.now() - self.asked_at <= ANSWER_WITHIN)

    @property
    def next_due(self) -> date | None:
        """The one last day that counts now: to be given to somebody, then to be answered."""
        if not self.is_open:
            return None
        return self.give_by or self.due if self.state == "received" else self.due

    @property
    def light(self) -> str:
        """ "red" past the last day that counts now, "amber" when four fifths of the time are gone, else ""."""
        due = self.next_due
        if due is None:
            return ""
        if due < clock.today():
            return "red"
        room = clock.at(due + timedelta(days=1), time(0)) - self.counted_from
        return "amber" if clock.now() - self.counted_from >= AMBER * room else ""


class MatterStep(RowKey, Base):
    """What happened to a matter, in order. `told` are words that the resident may read; a note is for colleagues."""

    __tablename__ = "matter_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    what: Mapped[str] = mapped_column(String(12))
    told: Mapped[bool] = mapped_column(default=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    _words: Mapped[bytes | None] = mapped_column("words", LargeBinary)

    words = RowSealed[str | None]("matter_step.words")
    matter: Mapped[Matter] = relationship(back_populates="steps")
    staff: Mapped[StaffMember | None] = relationship()


class MatterPhoto(Base):
    """A picture of a matter, or a voice about it (`what`: before, after, voice). One that came by chat lies at WeChat
    for three days (`media_id`) until it is fetched. Who said it sees what they sent, and of the others what is `shown`;
    those who follow only what is `shown`."""

    __tablename__ = "matter_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"), index=True)
    media_id: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    what: Mapped[str] = mapped_column(String(6), default="before")
    shown: Mapped[bool] = mapped_column(default=False)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    fetch_after: Mapped[datetime | None] = mapped_column(Instant)

    matter: Mapped[Matter] = relationship(back_populates="photos")
    file: Mapped[StoredFile | None] = relationship()


# ---- days ------------------------------------------------------------------------------------------------------


def last_day(session: Session, kind: str, category: MatterCategory | None = None) -> date:
    """The last working day on which a matter of this kind that comes now is in time; a repair's category may have a
    time of its own (0: today, or tomorrow when it is late)."""
    rule = session.get(MatterRule, kind)
    count = rule.working_days if rule else WORKING_DAYS[kind]
    if kind == "报修" and category is not None and category.working_days is not None:
        count = category.working_days
    if count == 0:
        return clock.today() + timedelta(days=clock.local(clock.now()).time() >= SAME_DAY_UNTIL)
    return working_day_after(clock.today(), count)


def give_by(due: date) -> date:
    """Until when the desk has given it to somebody: the next working day, and never later than the answer."""
    return min(due, working_day_after(clock.today(), 1))


# ---- the rules ---------------------------------------------------------------------------------------------------


def tail_index(receipt: str, tail: str) -> str:
    return privacy.keyring().blind("matter.tail", f"{receipt}:{tail}")


def hold(session: Session, matter: Matter) -> Matter:
    """The matter as it is now, kept still until the unit ends."""
    same = select(Matter).where(Matter.id == matter.id).with_for_update(key_share=True)
    return session.scalars(same.execution_options(populate_existing=True)).one()


def go_to(matter: Matter, state: str) -> None:
    """The only way from one state to another; behind `hold`."""
    if state not in TRANSITIONS[matter.state]:
        raise Refusal("matters.not_now", matter=matter)
    matter.state = state
    matter.revision += 1


def end_in(matter: Matter, into: Matter) -> None:
    """It goes on as a part of another one; behind `hold` of both."""
    if not matter.is_open or not into.is_open or into.joined_to_id is not None or matter.id == into.id:
        raise Refusal("matters.cannot_join")
    matter.state, matter.joined_to, matter.ended_at = "closed", into, clock.now()
    matter.revision += 1


# ---- what must always hold ---------------------------------------------------------------------------------------


def one_owner_one_due(session: Session) -> Sequence[str]:
    """M6: every open matter has one who answers for it, who works here, and one time that counts. A house whose first
    colleague came within the last hours has not given out what was said before."""
    old = select(StaffMember.roles).where(
        StaffMember.active, StaffMember.created_at < clock.now() - GIVEN_OUT_WITHIN
    )
    nobody: ColumnElement[bool] = Matter.owner_id.is_(None)
    if not any("desk" in roles for roles in session.scalars(old)):
        nobody &= Matter.state != "received"
    timeless = Matter.due.is_(None) | ((Matter.state == "received") & Matter.give_by.is_(None))
    found = session.scalars(select(Matter).where(Matter.state.in_(OPEN), or_(nobody, timeless)))
    return [f"matter {one.id} is {one.state}, owner {one.owner_id}, due {one.next_due}" for one in found]


def nameless_stay_nameless(session: Session) -> Sequence[str]:
    """What was said without a name leads to nobody."""
    known = or_(Matter.person_id.is_not(None), Matter.phone.is_not(None))
    found = session.scalars(select(Matter.id).where(Matter.contact == "anonymous", known))
    return [f"matter {number} was said without a name and leads to somebody" for number in found]

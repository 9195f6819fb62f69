"""Matters (engine M6): what a resident reports, who sees to it until when, and what came of it.

Every open matter has one who answers for it and one last day. `received` is in the hands of the desk as an office;
from `assigned` on it is one person's. Who reported is shown to the staff only, and to nobody when they wanted it so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from app.understanding.calendar import working_day_after
from models.base import Base, Instant, RowKey, RowSealed
from models.identity import Person
from models.people import Grid, Place
from models.receipts import spoken
from models.refusal import Refusal
from models.staff import StaffMember
from models.stored_file import StoredFile

KINDS = ("报修", "求助", "投诉", "建议")
WORKING_DAYS = {"报修": 2, "求助": 5, "投诉": 10, "建议": 10}  # until a row of matter_rule says otherwise
CONTACTS = ("named", "confidential", "anonymous")
MAY_BE_ANONYMOUS = ("建议",)
MOST_OPEN = 20  # of one person
MOST_PHOTOS = 3
REOPEN_WITHIN = timedelta(days=30)
SAME_WITHIN = timedelta(days=7)
PHOTOS_KEPT = timedelta(days=365)
AMBER = 0.8  # of the time that there was

TRANSITIONS: dict[str, frozenset[str]] = {
    "received": frozenset({"assigned", "done", "withdrawn"}),
    "assigned": frozenset({"assigned", "working", "received", "done", "withdrawn"}),
    "working": frozenset({"assigned", "received", "done", "withdrawn"}),
    "done": frozenset({"received", "assigned", "closed"}),
    "closed": frozenset(),
    "withdrawn": frozenset(),
}
OPEN = ("received", "assigned", "working")
IS_OPEN = "state IN ('received', 'assigned', 'working')"


class MatterRule(Base):
    """Within how many working days a matter of this kind is answered."""

    __tablename__ = "matter_rule"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    working_days: Mapped[int]


class Matter(RowKey, Base):
    """`received → assigned → working → done → closed`; `withdrawn` by who reported it. A done one may be opened again
    for 30 days.

    `person_id` is empty when it was said without a name, and after who said it was erased. `tail_index` is a keyed
    hash of the receipt with the last four digits of the phone (or of the code that the nameless get): with both of
    them its state is told. `once` makes a form that is sent twice one matter. `revision` counts what was told.
    `came_as` is the number under which it was said first, when it was no matter yet ("心愿0012号").
    """

    __tablename__ = "matter"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in TRANSITIONS)})", name="state"),
        CheckConstraint(f"NOT ({IS_OPEN}) OR due IS NOT NULL", name="due"),
        CheckConstraint("state NOT IN ('assigned', 'working') OR owner_id IS NOT NULL", name="owner"),
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

    text = RowSealed[str | None]("matter.text")
    phone = RowSealed[str | None]("matter.phone")
    place_words = RowSealed[str | None]("matter.place_words")
    outcome = RowSealed[str | None]("matter.outcome")
    person: Mapped[Person | None] = relationship()
    place: Mapped[Place | None] = relationship()
    grid: Mapped[Grid | None] = relationship()
    owner: Mapped[StaffMember | None] = relationship()
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
    def can_be_reopened(self) -> bool:
        return (
            self.state == "done" and self.done_at is not None and clock.now() - self.done_at <= REOPEN_WITHIN
        )

    @property
    def light(self) -> str:
        """ "red" past its last day, "amber" when four fifths of the time are gone, else ""."""
        if not self.is_open or self.due is None:
            return ""
        if self.due < clock.today():
            return "red"
        room = clock.at(self.due + timedelta(days=1), time(0)) - self.counted_from
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
    """A picture of a matter. One that came by chat lies at WeChat for three days (`media_id`) until it is fetched."""

    __tablename__ = "matter_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"), index=True)
    media_id: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    matter: Mapped[Matter] = relationship(back_populates="photos")
    file: Mapped[StoredFile | None] = relationship()


# ---- days ------------------------------------------------------------------------------------------------------


def last_day(session: Session, kind: str) -> date:
    """The last working day on which a matter of this kind that comes now is in time."""
    rule = session.get(MatterRule, kind)
    count = rule.working_days if rule else WORKING_DAYS[kind]
    return working_day_after(clock.today(), count)


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


# ---- what must always hold ---------------------------------------------------------------------------------------


def one_owner_one_due(session: Session) -> Sequence[str]:
    """M6: every open matter has a last day, and one who answers for it (the desk while it is only received)."""
    nobody = (Matter.state.in_(("assigned", "working"))) & Matter.owner_id.is_(None)
    endless = Matter.state.in_(OPEN) & Matter.due.is_(None)
    found = session.scalars(select(Matter).where(or_(nobody, endless)))
    return [f"matter {one.id} is {one.state}, owner {one.owner_id}, due {one.due}" for one in found]


def nameless_stay_nameless(session: Session) -> Sequence[str]:
    """What was said without a name leads to nobody."""
    known = or_(Matter.person_id.is_not(None), Matter.phone.is_not(None))
    found = session.scalars(select(Matter.id).where(Matter.contact == "anonymous", known))
    return [f"matter {number} was said without a name and leads to somebody" for number in found]

"""Registers in and out: sheets of residents that were brought in, line by line, and tables that were taken out.

A line of a sheet is a row of its own, so that an import that was killed goes on where it stopped and doubles nothing,
and so that within a day everything that it made, and nobody has touched since, can be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Select,
    String,
    UniqueConstraint,
    cast,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.audit import AuditLine
from models.base import Base, Instant, Sealed, SealedJSON
from models.households import HouseholdMember
from models.identity import Person
from models.people import Consent
from models.staff import StaffMember
from models.stored_file import StoredFile
from models.work import Work

UNDO_WITHIN = timedelta(hours=24)
MOST_ALONE = 500  # rows about people that one member of staff takes out by themselves (trust 1.8)
AGREED_FOR = timedelta(hours=24)
ALONE_WITHIN = timedelta(hours=24)
LOOKS = ("people.view", "people.find", "people.look_up", "people.export")
# What an import itself makes of a person; everything else that names them was done by somebody later.
OWN_TABLES = ("consent", "register_line", "household_member")


class RegisterImport(Base):
    """One sheet: `uploaded → checked → running → done | failed → undone`; `dropped` when it was thrown away. Of its
    lines some are `good`, some `again` (somebody who is known, or stands in the sheet twice), the rest are bad.

    `columns` says what each column of the sheet holds ("" for what is not taken), `head` the row (from 0) in which they
    are named. `seen` is what the check found, in cells, and goes with the file after a day. `basis` says on what paper
    the people agreed and where it lies."""

    __tablename__ = "register_import"
    __table_args__ = (
        CheckConstraint(
            "state IN ('uploaded', 'checked', 'running', 'done', 'failed', 'undone', 'dropped')", name="state"
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(Sealed("register_import.name"))
    state: Mapped[str] = mapped_column(String(10), default="uploaded")
    head: Mapped[int | None]
    columns: Mapped[list[str] | None] = mapped_column(JSON)
    seen: Mapped[dict[str, Any] | None] = mapped_column(SealedJSON("register_import.seen"))
    lines: Mapped[int] = mapped_column(default=0)
    good: Mapped[int] = mapped_column(default=0)
    again: Mapped[int] = mapped_column(default=0)
    basis: Mapped[str | None] = mapped_column(Sealed("register_import.basis"))
    only_good: Mapped[bool] = mapped_column(default=False)
    work_id: Mapped[int | None] = mapped_column(ForeignKey("work.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    began_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    staff: Mapped[StaffMember] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    work: Mapped[Work | None] = relationship()

    @property
    def bad(self) -> int:
        return self.lines - self.good - self.again

    @property
    def is_worked_on(self) -> bool:
        """Whether somebody's long work of this sheet still runs or waits."""
        return self.work is not None and not self.work.is_over

    @property
    def undo_until(self) -> datetime | None:
        ended = self.ended_at or self.began_at
        return None if ended is None else ended + UNDO_WITHIN

    @property
    def can_be_undone(self) -> bool:
        """Also when it stopped in the middle."""
        until = self.undo_until
        begun = self.state in ("running", "done", "failed") and not self.is_worked_on
        return begun and until is not None and clock.now() < until


class RegisterLine(Base):
    """One line of a sheet that was taken in: `made` (a new resident), `undone`, or `kept` when the import was undone
    and somebody had touched them since (`why` says how). `agreed_on` is the day on the paper."""

    __tablename__ = "register_line"
    __table_args__ = (
        UniqueConstraint("import_id", "number"),
        CheckConstraint("state IN ('made', 'undone', 'kept')", name="state"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("register_import.id", ondelete="CASCADE"))
    number: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    agreed_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(8), default="made")
    why: Mapped[str | None] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    person: Mapped[Person | None] = relationship()


class RegisterExport(Base):
    """One table that somebody took out, or wants to: `waiting` for a second person, `agreed`, `refused`, `taken`.

    `facts` are the period and the form; `whole` says that numbers were not covered, `reason` why."""

    __tablename__ = "register_export"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'agreed', 'refused', 'taken')", name="state"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    whole: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(Sealed("register_export.reason"))
    rows: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    sha256: Mapped[str | None] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    taken_at: Mapped[datetime | None] = mapped_column(Instant)

    staff: Mapped[StaffMember] = relationship(foreign_keys=[staff_id])

    @property
    def may_be_taken(self) -> bool:
        if self.state != "agreed":
            return False
        return self.decided_at is None or clock.now() < self.decided_at + AGREED_FOR


# ---- imports ---------------------------------------------------------------------------------------------------


def imports() -> Select[RegisterImport]:
    return select(RegisterImport).where(RegisterImport.state != "dropped").order_by(RegisterImport.id.desc())


def lines_of(taken: RegisterImport) -> Select[RegisterLine]:
    return select(RegisterLine).where(RegisterLine.import_id == taken.id).order_by(RegisterLine.number)


def written_of(session: Session, taken: RegisterImport) -> set[int]:
    """The numbers of the lines that are written, whatever became of them."""
    return set(session.scalars(select(RegisterLine.number).where(RegisterLine.import_id == taken.id)))


def counted(session: Session, taken: RegisterImport) -> dict[str, int]:
    """How many lines are in which state."""
    by_state = select(RegisterLine.state, func.count()).where(RegisterLine.import_id == taken.id)
    return dict(session.execute(by_state.group_by(RegisterLine.state)).all())


def begin(session: Session, taken: RegisterImport) -> bool:
    """checked → running by one counted UPDATE: two clicks begin one import."""
    moved = (
        update(RegisterImport)
        .where(RegisterImport.id == taken.id, RegisterImport.state == "checked")
        .values(state="running", began_at=clock.now())
        .returning(RegisterImport.id)
        .execution_options(synchronize_session=False)
    )
    begun = session.execute(moved).first() is not None
    session.refresh(taken)
    return begun


def stale_imports(before: datetime) -> Select[RegisterImport]:
    """Sheets whose file is gone or old and that still hold cells."""
    return select(RegisterImport).where(RegisterImport.seen.is_not(None), RegisterImport.made_at < before)


def touched_since(session: Session, line: RegisterLine) -> str | None:
    """How somebody has had to do with the person of this line since: "changed", "agreed" (or took back), "moved",
    "used" by a part of the house, "gone", or None."""
    person = line.person
    if person is None or person.erased_at is not None or person.merged_into_id is not None:
        return "gone"
    changed = exists().where(
        AuditLine.object_kind == "person",
        AuditLine.object_id == cast(person.id, String),
        AuditLine.action.not_in(LOOKS),
        AuditLine.at > line.at,
    )
    agreed = exists().where(
        Consent.person_id == person.id,
        or_(Consent.given_at > line.at, Consent.withdrawn_at.is_not(None)),
    )
    moved = exists().where(
        HouseholdMember.person_id == person.id,
        or_(HouseholdMember.since > line.at, HouseholdMember.until.is_not(None)),
    )
    used = _named_elsewhere(person)
    for why, found in (("changed", changed), ("agreed", agreed), ("moved", moved), ("used", used)):
        if session.scalar(select(found)):
            return why
    return None


def _named_elsewhere(person: Person) -> Any:
    """Whether any other table has a row about this person, whatever features there are."""
    columns = [
        column
        for table in Base.metadata.tables.values()
        for column in table.columns
        if table.name not in OWN_TABLES
        and any(key.column.table.name == "person" for key in column.foreign_keys)
    ]
    return or_(*(exists().where(column == person.id) for column in columns))


# ---- exports ---------------------------------------------------------------------------------------------------


def exports() -> Select[RegisterExport]:
    return select(RegisterExport).order_by(RegisterExport.id.desc())


def waiting_exports() -> Select[RegisterExport]:
    return select(RegisterExport).where(RegisterExport.state == "waiting").order_by(RegisterExport.id)


def taken_alone(session: Session, staff: StaffMember, kinds: Sequence[str]) -> int:
    """How many rows of these tables somebody has had made within a day without a second person."""
    lately = RegisterExport.asked_at > clock.now() - ALONE_WITHIN
    alone = RegisterExport.decided_by.is_(None), RegisterExport.state.in_(("agreed", "taken"))
    mine = RegisterExport.staff_id == staff.id, RegisterExport.kind.in_(kinds)
    return (
        session.scalar(select(func.coalesce(func.sum(RegisterExport.rows), 0)).where(*mine, *alone, lately))
        or 0
    )


def decide(session: Session, asked: RegisterExport, state: str, by: StaffMember) -> bool:
    """waiting → agreed or refused, once."""
    moved = (
        update(RegisterExport)
        .where(RegisterExport.id == asked.id, RegisterExport.state == "waiting")
        .values(state=state, decided_by=by.id, decided_at=clock.now())
        .returning(RegisterExport.id)
        .execution_options(synchronize_session=False)
    )
    decided = session.execute(moved).first() is not None
    session.refresh(asked)
    return decided

"""幸福使者: who is thanked each quarter by a formula that everybody can read; nobody is chosen, nobody is ranked.

Only who agreed takes part, and only once two people have switched it on. Each reads their own reckoning a week before
anything is public and may object; afterwards the figures stand as they are. Who did not reach the bar stands nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    Select,
    String,
    UniqueConstraint,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import FLAT, Base, Instant, RowKey, RowSealed
from models.identity import Person
from models.matters import Matter
from models.rating_figures import helper_figure
from models.staff import StaffMember
from models.wishes import Claim

SETTING = 1
APPEAL_DAYS = 7
# The formula, as data: it is printed on the public page and kept with every quarter that was reckoned by it.
FORMULA = {"least_ratings": 20, "least_answers": 5, "least_promises": 3, "kept_percent": 90}


class HonourSetting(Base):
    """One row. `off → asked → on`: who asks and who passes it are two."""

    __tablename__ = "honour_setting"
    __table_args__ = (
        CheckConstraint("state IN ('off', 'asked', 'on')", name="state"),
        CheckConstraint(
            "state <> 'on' OR (asked_by_id IS NOT NULL AND passed_by_id IS NOT NULL AND asked_by_id <> passed_by_id)",
            name="two",
        ),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(8), default="off")
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    passed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    asked_by: Mapped[StaffMember | None] = relationship(foreign_keys=[asked_by_id])
    passed_by: Mapped[StaffMember | None] = relationship(foreign_keys=[passed_by_id])


class HonourPart(Base):
    """Somebody of the staff, or a neighbour, who agreed to take part since that day. Gone when they take it back."""

    __tablename__ = "honour_part"
    __table_args__ = (
        CheckConstraint("(staff_id IS NULL) <> (person_id IS NULL)", name="who"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    since: Mapped[date] = mapped_column(default=clock.today)

    staff: Mapped[StaffMember | None] = relationship()
    person: Mapped[Person | None] = relationship()


class HonourQuarter(Base):
    """A quarter that was reckoned ("2026Q3"): `appeal` until that day, then `public` for good."""

    __tablename__ = "honour_quarter"
    __table_args__ = (CheckConstraint("state IN ('appeal', 'public')", name="state"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(6), unique=True)
    state: Mapped[str] = mapped_column(String(8), default="appeal")
    formula: Mapped[dict[str, Any]] = mapped_column(JSON)
    appeal_until: Mapped[date]
    public_at: Mapped[datetime | None] = mapped_column(Instant)


class HonourReckoning(RowKey, Base):
    """One participant's figures of one quarter, for their own eyes; `reached` is what everybody learns, and only where
    it is true."""

    __tablename__ = "honour_reckoning"
    __table_args__ = (
        UniqueConstraint("quarter_id", "staff_id"),
        UniqueConstraint("quarter_id", "person_id"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> staff_id", name="own"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    quarter_id: Mapped[int] = mapped_column(ForeignKey("honour_quarter.id", ondelete="CASCADE"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    reached: Mapped[bool]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    _appeal: Mapped[bytes | None] = mapped_column("appeal", LargeBinary)
    _decision: Mapped[bytes | None] = mapped_column("decision", LargeBinary)

    appeal = RowSealed[str | None]("honour_reckoning.appeal")
    decision = RowSealed[str | None]("honour_reckoning.decision")
    quarter: Mapped[HonourQuarter] = relationship(lazy="joined", innerjoin=FLAT)
    staff: Mapped[StaffMember | None] = relationship(foreign_keys=[staff_id])
    person: Mapped[Person | None] = relationship()

    @property
    def may_be_appealed(self) -> bool:
        open_yet = self.quarter.state == "appeal" and clock.today() <= self.quarter.appeal_until
        return open_yet and self.appeal is None

    @property
    def waits(self) -> bool:
        """Objected to and not decided."""
        return self.appeal is not None and self.decision is None


# ---- quarters --------------------------------------------------------------------------------------------------------


def quarter_of(day: date) -> str:
    return f"{day.year}Q{(day.month + 2) // 3}"


def first_day(name: str) -> date:
    return date(int(name[:4]), 3 * int(name[5]) - 2, 1)


def day_after(name: str) -> date:
    """The first day of the quarter that follows."""
    return (first_day(name).replace(day=28) + timedelta(days=70)).replace(day=1)


def quarter_before(day: date) -> str:
    return quarter_of(first_day(quarter_of(day)) - timedelta(days=1))


# ---- the formula -----------------------------------------------------------------------------------------------------


def figures_of_staff(session: Session, member: StaffMember, name: str) -> dict[str, Any]:
    """Ratings compared with what is usual for what they had to do, and last days that were kept."""
    own = helper_figure(session, member.id, first_day(name), day_after(name))
    kept, all_of_them = _answers(session, member, name)
    return {
        "ratings": own.count,
        "found": round(float(own.found), 1),
        "usual": round(float(own.expected), 1),
        "answers": all_of_them,
        "answers_kept": kept,
    }


def figures_of_person(session: Session, person: Person, name: str) -> dict[str, Any]:
    """Promises to fulfil a wish: kept, or overdue. One that was given back in time is neither."""
    within = Claim.due >= first_day(name), Claim.due < day_after(name), Claim.person_id == person.id
    counted = select(Claim.state, func.count()).where(*within, Claim.state.in_(("done", "expired")))
    found = {row[0]: row[1] for row in session.execute(counted.group_by(Claim.state))}
    return {"promises": sum(found.values()), "promises_kept": found.get("done", 0)}


def _answers(session: Session, member: StaffMember, name: str) -> tuple[int, int]:
    """Matters of this quarter that were theirs to answer: in time, and all."""
    mine = Matter.owner_id == member.id, Matter.due >= first_day(name), Matter.due < day_after(name)
    rows = session.scalars(select(Matter).where(*mine, Matter.state != "withdrawn")).all()
    kept = [one for one in rows if one.done_at and one.due and clock.local(one.done_at).date() <= one.due]
    return len(kept), len(rows)


def reaches(figures: Mapping[str, Any], formula: Mapping[str, Any] = FORMULA) -> bool:
    """Every part that applies: enough of them, and good enough."""
    if "promises" in figures:
        return _kept(figures, "promises", formula)
    fair = figures["ratings"] >= formula["least_ratings"] and figures["found"] >= figures["usual"]
    return bool(fair) and _kept(figures, "answers", formula)


def _kept(figures: Mapping[str, Any], what: str, formula: Mapping[str, Any]) -> bool:
    count, kept = figures[what], figures[f"{what}_kept"]
    return bool(count >= formula[f"least_{what}"] and 100 * kept >= formula["kept_percent"] * count)


# ---- which there are -------------------------------------------------------------------------------------------------


def setting(session: Session) -> HonourSetting | None:
    return session.get(HonourSetting, SETTING)


def is_on(session: Session) -> bool:
    row = setting(session)
    return row is not None and row.state == "on"


def part_of(session: Session, who: StaffMember | Person) -> HonourPart | None:
    mine = HonourPart.staff_id == who.id if isinstance(who, StaffMember) else HonourPart.person_id == who.id
    return session.scalar(select(HonourPart).where(mine))


def helper_in(session: Session, staff_id: int | None) -> int | None:
    """This helper, if they agreed to be reckoned; else nobody: a rating does not know who was met."""
    mine = select(HonourPart.staff_id).where(HonourPart.staff_id == staff_id)
    return session.scalar(mine) if staff_id is not None else None


def reckonings_of(who: StaffMember | Person) -> Select[HonourReckoning]:
    """The newest quarter first."""
    own = HonourReckoning.staff_id if isinstance(who, StaffMember) else HonourReckoning.person_id
    found = select(HonourReckoning).join(HonourQuarter, HonourReckoning.quarter_id == HonourQuarter.id)
    return found.where(own == who.id).order_by(HonourQuarter.name.desc())


def appeals_waiting() -> Select[HonourReckoning]:
    waits = HonourReckoning.appeal.is_not(None), HonourReckoning.decision.is_(None)
    return select(HonourReckoning).where(*waits).order_by(HonourReckoning.id)


def public_quarter(session: Session) -> HonourQuarter | None:
    public = select(HonourQuarter).where(HonourQuarter.state == "public")
    return session.scalar(public.order_by(HonourQuarter.name.desc()).limit(1))


def reached_in(session: Session, quarter: HonourQuarter) -> Sequence[HonourReckoning]:
    """In the order in which they agreed to take part: no place tells anything."""
    mine = HonourReckoning.quarter_id == quarter.id, HonourReckoning.reached
    return session.scalars(select(HonourReckoning).where(*mine).order_by(HonourReckoning.id)).all()


# ---- what must always hold -------------------------------------------------------------------------------------------


def frozen_as_reckoned(session: Session) -> Sequence[str]:
    """What is public follows from its figures by its formula, or from what somebody else decided on an objection."""
    found = session.scalars(select(HonourReckoning))
    return [
        f"reckoning {one.id} of {one.quarter.name} does not follow from its figures"
        for one in found
        if one.decided_by_id is None and one.reached != reaches(one.figures, one.quarter.formula)
    ]


def nothing_public_with_open_appeals(session: Session) -> Sequence[str]:
    waiting = appeals_waiting().join(HonourQuarter).where(HonourQuarter.state == "public")
    return [
        f"reckoning {one.id} is public and its objection is not decided" for one in session.scalars(waiting)
    ]

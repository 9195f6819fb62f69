"""What decides a matter's way, as rows that the desk keeps: kinds and categories, who gets what, places on the map.

A category ("路灯") is found by its words in what was said. It says within how many metres and days the same thing is
offered as one, who gets it, how long it takes, and whether a picture afterwards and a colleague's look are asked for.
Every change leaves the whole rule as it was then: what was promised under it can be read later.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant
from models.places import Grid, Place
from models.plans import metres_between
from models.staff import StaffMember

WORKING_DAYS = {"报修": 2, "求助": 5, "投诉": 10, "建议": 10}  # until a row of matter_rule says otherwise
CATEGORISED = ("报修", "投诉")
WAYS = ("grid", "unit", "desk")
SETTINGS = 1  # the id of the only row


class MatterRule(Base):
    """Within how many working days a matter of this kind is answered."""

    __tablename__ = "matter_rule"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    working_days: Mapped[int]


class MatterCategory(Base):
    """`words` are what people call it. The same within `metres` and `days` may be one thing; only of a `shared` one
    (a lamp, not a neighbour's flat) are others told that it was said. `goes_to`: the worker of its grid, a unit that is
    answered for by `keeper`, or the desk. `working_days` None: as its kind has it; 0: the same day. `asks_after` days
    who said it is asked whether it is still well; 0: never."""

    __tablename__ = "matter_category"
    __table_args__ = (
        CheckConstraint("goes_to IN ('grid', 'unit', 'desk')", name="goes_to"),
        CheckConstraint("metres BETWEEN 0 AND 2000 AND days BETWEEN 0 AND 60", name="reach"),
        CheckConstraint("asks_after BETWEEN 0 AND 28", name="asks_after"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(10), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    words: Mapped[list[str]] = mapped_column(JSON, default=list)
    metres: Mapped[int] = mapped_column(default=30)
    days: Mapped[int] = mapped_column(default=7)
    shared: Mapped[bool] = mapped_column(default=False)
    goes_to: Mapped[str] = mapped_column(String(4), default="desk")
    unit: Mapped[str | None] = mapped_column(String(20))
    keeper_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    working_days: Mapped[int | None]
    needs_after: Mapped[bool] = mapped_column(default=False)
    needs_check: Mapped[bool] = mapped_column(default=False)
    asks_after: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    keeper: Mapped[StaffMember | None] = relationship()


class MatterRuleVersion(Base):
    """A rule as it stood from `at` on. `rule` is "kind:报修", "category:3" or "settings"."""

    __tablename__ = "matter_rule_version"
    __table_args__ = (Index("ix_matter_rule_version_rule_at", "rule", "at"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(40))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))

    staff: Mapped[StaffMember | None] = relationship()


class MatterSettings(Base):
    """One row. `owner` answers for what nobody has been given while nobody is on duty; `lead` hears of what is late;
    what is done is looked at by a colleague within `check_days`."""

    __tablename__ = "matter_settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    check_days: Mapped[int] = mapped_column(default=3)

    owner: Mapped[StaffMember | None] = relationship(foreign_keys=[owner_id])
    lead: Mapped[StaffMember | None] = relationship(foreign_keys=[lead_id])


class MatterPlace(Base):
    """A place on the map (GCJ-02) by which a position is told in words: an estate, a stretch of the river. It reaches
    `metres` around; what lies there belongs to `place`, and to the grid of that or its own."""

    __tablename__ = "matter_place"
    __table_args__ = (
        CheckConstraint("metres BETWEEN 10 AND 3000", name="metres"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lng BETWEEN -180 AND 180", name="point"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="SET NULL"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    lat: Mapped[float]
    lng: Mapped[float]
    metres: Mapped[int] = mapped_column(default=150)

    place: Mapped[Place | None] = relationship()
    own_grid: Mapped[Grid | None] = relationship()

    @property
    def grid(self) -> Grid | None:
        return self.own_grid or (self.place.grid if self.place else None)


# ---- which ---------------------------------------------------------------------------------------------------------


def categories() -> Select[MatterCategory]:
    """Those in use, in their order."""
    return (
        select(MatterCategory)
        .where(MatterCategory.active)
        .order_by(MatterCategory.position, MatterCategory.id)
    )


def category_in(session: Session, kind: str, words: str) -> MatterCategory | None:
    """The category with the longest word in what was said: "河边有垃圾" is the river's, not any rubbish."""
    if kind not in CATEGORISED:
        return None
    found = [
        (len(word), -one.position, one)
        for one in session.scalars(categories())
        for word in one.words
        if word in words
    ]
    return max(found, key=lambda hit: hit[:2])[2] if found else None


def settings_of(session: Session) -> MatterSettings:
    """The row, or one as it is before anybody has set it."""
    return session.get(MatterSettings, SETTINGS) or MatterSettings(id=SETTINGS, check_days=3)


def versions_of(rule: str) -> Select[MatterRuleVersion]:
    """The newest first."""
    newest = MatterRuleVersion.at.desc(), MatterRuleVersion.id.desc()
    return select(MatterRuleVersion).where(MatterRuleVersion.rule == rule).order_by(*newest)


def matter_places() -> Select[MatterPlace]:
    return select(MatterPlace).order_by(MatterPlace.name)


def nearest(marks: Iterable[MatterPlace], lat: float, lng: float) -> tuple[MatterPlace, int] | None:
    """The landmark that this point lies nearest to, and how many metres away; None when it lies in reach of none."""
    ranked = sorted(
        ((metres_between(lat, lng, one.lat, one.lng), one.id, one) for one in marks), key=lambda hit: hit[:2]
    )
    if not ranked or ranked[0][0] > ranked[0][2].metres:
        return None
    return ranked[0][2], round(ranked[0][0])

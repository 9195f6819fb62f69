"""The clocks of the law for petitions, as data with a date: a case keeps the version that was in force when it was
registered. A number counts from the day after; a stretch in working days leaves out what the calendar leaves out.

Every number is entered with its source and stands as "to be confirmed" until somebody of the office has put their name
to it (models/petitions_clock.PetitionRule.confirmed_by).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.understanding.calendar import working_day_after
from models.base import Base, Instant, insert_once

WARN_DAYS = 5
KINDS = ("notice", "objection", "finish", "extension", "review_ask", "review", "keep")
FIRST_VERSION, IN_FORCE_SINCE = 1, date(2022, 5, 1)
# Read in secondary texts, not in the gazette: to be confirmed by a person before anybody relies on them.
FIRST_RULES: Mapping[str, tuple[int, bool, str]] = {
    "notice": (15, False, "信访工作条例第22、23条:收到之日起15日内书面告知"),
    "objection": (5, True, "信访工作条例第22、23条:对转送有异议,5个工作日内提出"),
    "finish": (60, False, "信访工作条例第34条:受理之日起60日内办结"),
    "extension": (30, False, "信访工作条例第34条:情况复杂可延长,不超过30日"),
    "review_ask": (30, False, "信访工作条例第35、36条:收到答复30日内可请求复查、复核"),
    "review": (30, False, "信访工作条例第35、36条:收到请求30日内答复"),
    "keep": (3650, False, "信访档案的保管期限由档案主管部门定,先按10年"),
}


class PetitionRule(Base):
    """One number of one version. A version is never changed, only followed by a later one."""

    __tablename__ = "petition_rule"
    __table_args__ = (
        UniqueConstraint("version", "kind"),
        CheckConstraint("days BETWEEN 1 AND 36500", name="days"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    days: Mapped[int]
    working: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(120))
    valid_from: Mapped[date] = mapped_column(Date)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Span:
    """How long, as the law says it."""

    days: int
    working: bool = False

    def after(self, day: date) -> date:
        """The last day: the day itself is not counted."""
        return working_day_after(day, self.days) if self.working else day + timedelta(days=self.days)

    @property
    def words(self) -> str:
        return f"{self.days}个工作日" if self.working else f"{self.days}天"


Spans = Mapping[str, Span]


def install_first_rules(session: Session) -> None:
    for kind, (days, working, source) in FIRST_RULES.items():
        row = {"kind": kind, "days": days, "working": working, "source": source}
        insert_once(session, PetitionRule, version=FIRST_VERSION, valid_from=IN_FORCE_SINCE, **row)


def version_on(session: Session, day: date) -> int:
    """The version in force that day: the latest of those that had begun."""
    began = select(func.max(PetitionRule.version)).where(PetitionRule.valid_from <= day)
    return session.scalar(began) or FIRST_VERSION


def spans_of(session: Session, version: int) -> Spans:
    rows = session.scalars(select(PetitionRule).where(PetitionRule.version == version))
    found = {row.kind: Span(row.days, row.working) for row in rows}
    return {kind: Span(days, working) for kind, (days, working, _) in FIRST_RULES.items()} | found


def all_spans(session: Session) -> dict[int, Spans]:
    """Every version, for lists; the first one holds before anybody has written it down."""
    versions = session.scalars(select(PetitionRule.version).distinct())
    return {version: spans_of(session, version) for version in {FIRST_VERSION, *versions}}


def rules_of(session: Session, version: int) -> list[PetitionRule]:
    found = session.scalars(select(PetitionRule).where(PetitionRule.version == version))
    return sorted(found, key=lambda one: KINDS.index(one.kind))


def versions(session: Session) -> list[tuple[int, date]]:
    """(version, in force from), the latest first."""
    rows = select(PetitionRule.version, func.min(PetitionRule.valid_from)).group_by(PetitionRule.version)
    return [(version, day) for version, day in session.execute(rows.order_by(PetitionRule.version.desc()))]

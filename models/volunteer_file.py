"""The volunteer's file: what 志愿服务记录与证明出具办法 wants recorded of a person beside their hours.

A volunteer has a number of their own, which is never the identity number. That one is kept sealed, on a consent of its
own, and goes as soon as the consent is taken back. Sex and birth are not asked for: they stand in an identity number.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    LargeBinary,
    Select,
    String,
    exists,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from app.understanding.phone import id_number_in
from models.activities_papers import has_guardian, paper_of
from models.base import Base, Instant, RowKey, RowSealed, Sealed, insert_once
from models.identity import Person
from models.people import Consent, live_consent
from models.staff import StaffMember

ID_CARD = "居民身份证"
ID_TYPES = (ID_CARD, "港澳居民来往内地通行证", "台湾居民来往大陆通行证", "外国人永久居留身份证", "护照")
SERVICE_TYPES = (
    "为老服务",
    "助残",
    "儿童青少年",
    "环境保护",
    "平安巡逻",
    "文体活动",
    "便民服务",
    "应急",
    "其他",
)
ENTRY_KINDS = ("training", "award", "praise", "complaint")
GROWN_UP = 18


class NumberSeries(Base):
    """A series of numbers without gaps: `last` is the newest that was drawn. It is drawn in the unit that uses it, so
    one that was not used in the end was not drawn."""

    __tablename__ = "number_series"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class VolunteerFile(RowKey, Base):
    """One volunteer. `number` is theirs for ever and is given to nobody else. `born` is asked only where there is no
    identity card: whether somebody is a minor changes what they may do."""

    __tablename__ = "volunteer_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    id_type: Mapped[str | None] = mapped_column(String(20))
    _id_number: Mapped[bytes | None] = mapped_column("id_number", LargeBinary)
    _born: Mapped[bytes | None] = mapped_column("born", LargeBinary)
    skills: Mapped[str | None] = mapped_column(Sealed("volunteer_file.skills"))
    service_types: Mapped[list[str]] = mapped_column(JSON, default=list)
    area: Mapped[str] = mapped_column(String(40), default="")
    opened_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    id_number = RowSealed[str | None]("volunteer_file.id_number")
    born = RowSealed[str | None]("volunteer_file.born")
    person: Mapped[Person] = relationship()

    @property
    def birthday(self) -> date | None:
        """From the identity card, or as it was told."""
        if self.id_type == ID_CARD and self.id_number:
            return born_by(self.id_number)
        return date.fromisoformat(self.born) if self.born else None

    @property
    def sex(self) -> str:
        if self.id_type != ID_CARD or not self.id_number:
            return ""
        return "男" if int(self.id_number[16]) % 2 else "女"

    @property
    def is_minor(self) -> bool:
        born, today = self.birthday, clock.today()
        if born is None:
            return False
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < GROWN_UP

    @property
    def id_covered(self) -> str:
        """Enough to tell two papers apart."""
        return covered(self.id_number)


class VolunteerEntry(Base):
    """One line of the file: a training (`minutes`, `given_by` the organiser), an award, praise or a complaint."""

    __tablename__ = "volunteer_entry"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in ENTRY_KINDS)})", name="kind"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Sealed("volunteer_entry.words"))
    given_by: Mapped[str] = mapped_column(String(40), default="")
    minutes: Mapped[int | None]
    day: Mapped[date] = mapped_column(Date)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    staff: Mapped[StaffMember | None] = relationship()


# ---- numbers ---------------------------------------------------------------------------------------------------------


def draw(session: Session, series: str) -> int:
    """The next number of a series. Whoever draws at the same moment waits for this unit's end."""
    insert_once(session, NumberSeries, name=series, last=0)
    mine = NumberSeries.name == series
    drawn = update(NumberSeries).where(mine).values(last=NumberSeries.last + 1).returning(NumberSeries.last)
    number: int = session.execute(drawn.execution_options(synchronize_session=False)).scalar_one()
    return number


# ---- files -----------------------------------------------------------------------------------------------------------


def file_of(session: Session, person: Person) -> VolunteerFile | None:
    return session.scalar(select(VolunteerFile).where(VolunteerFile.person_id == person.id))


def entries_of(person: Person) -> Select[VolunteerEntry]:
    """The newest first."""
    mine = select(VolunteerEntry).where(VolunteerEntry.person_id == person.id)
    return mine.order_by(VolunteerEntry.day.desc(), VolunteerEntry.id.desc())


def covered(number: str | None) -> str:
    """Stars and the last two signs."""
    return "*" * max(0, len(number) - 2) + number[-2:] if number else ""


def usable_number(session: Session, kept: VolunteerFile | None) -> str | None:
    """The identity number, as long as its holder agrees that it is used."""
    if kept is None or kept.id_number is None or live_consent(session, kept.person, "id_number") is None:
        return None
    return kept.id_number


def needs_guardian(session: Session, person: Person) -> bool:
    """A minor for whom no guardian stands on file, neither as family nor by a signed paper that is still good."""
    kept = file_of(session, person)
    if kept is None or not kept.is_minor or has_guardian(session, person):
        return False
    paper = paper_of(session, person, "guardian")
    return paper is None or paper.valid_until < clock.today()


def is_id_number(kind: str, number: str) -> bool:
    if kind == ID_CARD:
        return id_number_in(number) == number and born_by(number) is not None
    return kind in ID_TYPES and 5 <= len(number) <= 20 and number.isascii() and number.isalnum()


def born_by(id_card: str) -> date | None:
    """The day of birth that stands in the number of an identity card."""
    try:
        return datetime.strptime(id_card[6:14], "%Y%m%d").date()  # noqa: DTZ007 (a day, not an instant)
    except ValueError:
        return None


def numbers_to_go() -> Select[VolunteerFile]:
    """Files that hold an identity number whose holder has taken the consent back."""
    agreed = exists().where(
        Consent.person_id == VolunteerFile.person_id,
        Consent.purpose == "id_number",
        Consent.withdrawn_at.is_(None),
    )
    return (
        select(VolunteerFile).where(VolunteerFile.id_number.is_not(None), ~agreed).order_by(VolunteerFile.id)
    )

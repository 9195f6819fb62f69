"""Who helps in the 15-minute circle (花7): barbers, plumbers, lawyers, nurses, with their licences and their weeks.

A provider is one `Resource` of the kind person, so what they are booked for, sent to and away for stands in one place
(models/resources.py): they are never in two homes at once. Whose licence has lapsed is offered nowhere; a service whose
providers have all lapsed is hidden with them, since its `licensed_until` follows from theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    Select,
    String,
    UniqueConstraint,
    and_,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import FLAT, Base, Instant, RowKey, RowSealed
from models.identity import Person
from models.plans import Hours, Service
from models.resources import Resource

KINDS = {"person": "个人", "firm": "店家"}
SOON = timedelta(days=30)  # before a licence ends, staff and provider are told
LINK_LIVES = timedelta(minutes=30)


class Provider(RowKey, Base):
    """`at_home` of a service says that they come to the door. `person_id` is their WeChat, once they have proved it
    with the code of `link_index`; `most_a_day` jobs and no more; `area` says in words where they go."""

    __tablename__ = "provider"
    __table_args__ = (
        CheckConstraint("kind IN ('person', 'firm')", name="kind"),
        CheckConstraint("most_a_day > 0", name="most_a_day"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), default="person")
    name: Mapped[str] = mapped_column(String(20), unique=True)
    _phone: Mapped[bytes] = mapped_column("phone", LargeBinary)
    area: Mapped[str] = mapped_column(String(60), default="")
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), unique=True)
    most_a_day: Mapped[int] = mapped_column(default=6)
    link_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    link_until: Mapped[datetime | None] = mapped_column(Instant)
    is_open: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    phone = RowSealed[str]("provider.phone")
    resource: Mapped[Resource] = relationship(lazy="joined", innerjoin=FLAT)
    person: Mapped[Person | None] = relationship()
    licences: Mapped[list[Licence]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="Licence.valid_until"
    )
    hours: Mapped[list[ProviderHours]] = relationship(
        cascade="all, delete-orphan",
        lazy="selectin",
        order_by="(ProviderHours.weekday, ProviderHours.opens)",
    )
    works: Mapped[list[ProviderService]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    @property
    def licensed_until(self) -> date | None:
        """The last day on which all licences on file are valid; None where none is needed."""
        return min((one.valid_until for one in self.licences), default=None)

    @property
    def has_lapsed(self) -> bool:
        return self.licensed_until is not None and self.licensed_until < clock.today()

    @property
    def lapses_soon(self) -> bool:
        until = self.licensed_until
        return until is not None and clock.today() <= until <= clock.today() + SOON

    @property
    def buffer(self) -> timedelta:
        return timedelta(minutes=self.resource.buffer_minutes)

    @property
    def services(self) -> list[Service]:
        return [work.service for work in self.works]

    def hours_on(self, day: date) -> list[Hours]:
        return [(one.opens, one.closes) for one in self.hours if one.weekday == day.weekday()]

    def may_work_on(self, day: date) -> bool:
        return self.licensed_until is None or day <= self.licensed_until


class Licence(Base):
    """A paper without which they may not work, and the last day on which it is valid. `told_at`: that it ends soon."""

    __tablename__ = "provider_licence"
    __table_args__ = (UniqueConstraint("provider_id", "number"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(30))
    number: Mapped[str] = mapped_column(String(40))
    valid_until: Mapped[date] = mapped_column(index=True)
    told_at: Mapped[datetime | None] = mapped_column(Instant)


class ProviderHours(Base):
    """One stretch of a weekday (0 is Monday) on which they may be sent somewhere."""

    __tablename__ = "provider_hours"
    __table_args__ = (UniqueConstraint("provider_id", "weekday", "opens"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]


class ProviderService(Base):
    """What they do. `at_home`: they also come to the door, on a day that is asked for (上门)."""

    __tablename__ = "provider_service"

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"), primary_key=True)
    service_id: Mapped[int] = mapped_column(
        ForeignKey("service.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at_home: Mapped[bool] = mapped_column(default=False)

    service: Mapped[Service] = relationship(lazy="joined", innerjoin=FLAT)


class EmergencyLine(Base):
    """What to do first and whom to call when the water bursts at night: reviewed words, kept by the staff. Without
    `phone` it is the number of the community; until `confirmed_on` the number is a sample and the console says so."""

    __tablename__ = "emergency_line"

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    title: Mapped[str] = mapped_column(String(20))
    first: Mapped[str] = mapped_column(String(120))
    whom: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str | None] = mapped_column(String(20))
    confirmed_on: Mapped[date | None]


# ---- who may be sent ---------------------------------------------------------------------------------------------


def all_providers() -> Select[Provider]:
    return select(Provider).order_by(Provider.is_open.desc(), Provider.name)


def licensed_providers(day: date | None = None) -> Select[Provider]:
    """Who is open and holds every licence on this day (today)."""
    lapsed = select(Licence.provider_id).where(Licence.valid_until < (day or clock.today()))
    return all_providers().where(Provider.is_open, Provider.id.not_in(lapsed))


def who_comes(service: Service, day: date) -> Select[Provider]:
    """Who may be sent to a home for this service on this day."""
    does = and_(
        ProviderService.provider_id == Provider.id,
        ProviderService.service_id == service.id,
        ProviderService.at_home,
    )
    return licensed_providers(max(day, clock.today())).join(ProviderService, does)


def home_services() -> Select[Service]:
    """What somebody comes home for: at least one licensed provider does it at the door."""
    able = licensed_providers().with_only_columns(Provider.id).order_by(None)
    done = select(ProviderService.service_id).where(
        ProviderService.at_home, ProviderService.provider_id.in_(able)
    )
    licensed = or_(Service.licensed_until.is_(None), Service.licensed_until >= clock.today())
    found = select(Service).where(Service.is_open, licensed, Service.id.in_(done))
    return found.order_by(Service.position, Service.id)


def providers_of(session: Session, service: Service) -> Sequence[Provider]:
    """Everybody on file for this service, lapsed or not."""
    does = and_(ProviderService.provider_id == Provider.id, ProviderService.service_id == service.id)
    return session.scalars(all_providers().join(ProviderService, does)).unique().all()


def provider_of(session: Session, person: Person) -> Provider | None:
    """The provider whose WeChat this is."""
    return session.scalar(select(Provider).where(Provider.person_id == person.id, Provider.is_open))


def ending_licences(until: date) -> Select[Licence]:
    """Licences of open providers that end by this day, the lapsed ones among them."""
    found = select(Licence).join(Provider, Provider.id == Licence.provider_id)
    return found.where(Provider.is_open, Licence.valid_until <= until).order_by(Licence.valid_until)


def common_licence(providers: Sequence[Provider]) -> date | None:
    """How long a service with these providers may be offered: as long as the last of them may work."""
    ends = [one.licensed_until for one in providers if one.is_open]
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None


def papers_to_renew(session: Session, since: datetime | None) -> int:
    """Licences that end within a month; `since` asks for what is new, and an end comes by itself: the day counts."""
    rows = session.scalars(ending_licences(clock.today() + SOON)).all()
    return sum(1 for one in rows if since is None or (one.told_at is not None and one.told_at > since))


# ---- what must always hold ----------------------------------------------------------------------------------------


def lapsed_are_hidden(session: Session) -> Sequence[str]:
    """A service of the circle with providers is never offered longer than the last of them is licensed."""
    wrong = []
    for service in session.scalars(select(Service).where(Service.kind == "circle", Service.is_open)):
        found = [one for one in providers_of(session, service) if one.is_open]
        until = common_licence(found)
        offered = service.licensed_until
        if found and until is not None and (offered is None or offered > until):
            wrong.append(f"service {service.id} is offered until {offered}, its providers until {until}")
    return wrong

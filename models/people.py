"""Who has joined, what they agreed to and what was seen of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ForeignKey,
    Index,
    Select,
    String,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from models.audit import AuditLine
from models.base import Base, Instant, Sealed, connection_of, index_where
from models.identity import Identity, Person
from models.places import Place
from models.rows import Rows
from models.unindexed import unindexed

Purpose = Literal["service", "notices", "volunteer"]
PURPOSES: tuple[Purpose, ...] = ("service", "notices", "volunteer")
# Asked for one by one where they are needed, never on joining (trust L03, L05).
Separate = Literal["id_number", "low_income", "disability", "health", "birth", "guardian", "proxy", "posting"]
SEPARATE: tuple[Separate, ...] = (
    "id_number",
    "low_income",
    "disability",
    "health",
    "birth",
    "guardian",
    "proxy",
    "posting",
)
AnyPurpose = Purpose | Separate

FORGET_AFTER = timedelta(days=30)


class Consent(Base):
    """One purpose that one person agreed to, in the words of one version. Withdrawn rows stay as proof. `on_paper` says
    where the signed sheet lies, when staff wrote it down for them."""

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_live",
            "person_id",
            "purpose",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
            sqlite_where=text("withdrawn_at IS NULL"),
        ),
        index_where("ix_consent_withdrawn_at", "withdrawn_at IS NOT NULL", "withdrawn_at"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    text_hash: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(10))
    on_paper: Mapped[str | None] = mapped_column(Sealed("consent.on_paper"))
    given_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class DoorScan(Base):
    """The building whose door code a person scanned last: only ever a suggestion when they join."""

    __tablename__ = "door_scan"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    place: Mapped[Place] = relationship()


# ---- residents -------------------------------------------------------------------------------------------------


def residents() -> Select[Person]:
    """Everybody who has joined and is still themselves (not erased, not joined to another record)."""
    themselves = Person.erased_at.is_(None), unindexed(Person.merged_into_id).is_(None)
    return select(Person).where(Person.joined_at.is_not(None), *themselves)


def residents_with_phone(phone: str) -> Select[Person]:
    """For staff only: a phone is contact data, a household may share one."""
    return residents().where(Person.phone_index == phone_index(phone)).order_by(Person.id)


def on_file(session: Session, newcomers: Collection[Person]) -> bool:
    """Whether one of them stands there already, under this name and number (a household may share a telephone); nobody
    else puts them there until the unit ends."""
    phones = {person.phone_index for person in newcomers}
    _hold(session, phones)
    there = session.scalars(residents().where(Person.phone_index.in_(phones)))
    return not {(one.phone_index, one.name) for one in newcomers}.isdisjoint(
        (one.phone_index, one.name) for one in there
    )


def _hold(session: Session, phones: Collection[str | None]) -> None:
    """There is no row yet that could be locked: PostgreSQL locks the numbers themselves, always in the same order, and
    SQLite's writers take turns anyway."""
    if connection_of(session).dialect.name == "postgresql":
        # Sixty bits of an index of the sixty-four that a lock's name has.
        numbers = sorted(int(index[:15], 16) for index in phones if index)
        session.execute(select(func.pg_advisory_xact_lock(func.unnest(cast(numbers, ARRAY(BigInteger))))))


def phone_index(phone: str) -> str:
    return privacy.keyring().blind("person.phone", phone)


def door_scanned_by(session: Session, person: Person) -> Place | None:
    scan = session.get(DoorScan, person.id)
    return scan.place if scan else None


# ---- consents --------------------------------------------------------------------------------------------------


def live_consents(person: Person) -> Select[Consent]:
    return select(Consent).where(Consent.person_id == person.id, Consent.withdrawn_at.is_(None))


def live_consent(session: Session, person: Person, purpose: str) -> Consent | None:
    return LIVE.first(session, person=person.id, purpose=purpose)


LIVE = Rows(
    lambda: select(Consent).where(
        Consent.person_id == bindparam("person"),
        Consent.purpose == bindparam("purpose"),
        Consent.withdrawn_at.is_(None),
    )
)


def consents_of(person: Person) -> Select[Consent]:
    """All of them, withdrawn ones too, oldest first."""
    return select(Consent).where(Consent.person_id == person.id).order_by(Consent.given_at, Consent.id)


# ---- time passed -----------------------------------------------------------------------------------------------


def strangers_who_left() -> Select[Person]:
    """People who never joined and whose every identity stopped following at least 30 days ago."""
    mine = Identity.person_id == Person.id
    never_left = Identity.follow_changed_at.is_(None)
    lately = Identity.follow_changed_at > clock.now() - FORGET_AFTER
    still_here = exists().where(mine, or_(Identity.following.is_(True), never_left, lately))
    left = Identity.following.is_(False), Identity.follow_changed_at <= clock.now() - FORGET_AFTER
    return (
        select(Person)
        .where(Person.joined_at.is_(None), Person.erased_at.is_(None), Person.merged_into_id.is_(None))
        .where(Person.id.in_(select(Identity.person_id).where(*left)))
        .where(exists().where(mine), ~still_here)
        .order_by(Person.id)
    )


def withdrawn_long_ago() -> Select[Person]:
    """Who took their consent to `service` back 30 days ago, has not given it again and has not been forgotten since;
    also those who never joined and only told their name to a booking."""
    theirs = Consent.person_id == Person.id, Consent.purpose == "service"
    early = Consent.withdrawn_at <= clock.now() - FORGET_AFTER
    forgotten = exists().where(
        AuditLine.action == "people.forget",
        AuditLine.object_kind == "person",
        AuditLine.object_id == cast(Consent.person_id, String),
        AuditLine.at > Consent.withdrawn_at,
    )
    return (
        select(Person)
        .where(Person.erased_at.is_(None), Person.merged_into_id.is_(None))
        .where(Person.id.in_(select(Consent.person_id).where(theirs[1], early, ~forgotten)))
        .where(~exists().where(*theirs, Consent.withdrawn_at.is_(None)))
        .where(~exists().where(*theirs, ~early))
        .order_by(Person.id)
    )


LOOKS = ("people.view", "people.find", "people.open_sensitive")


# ---- who looked ------------------------------------------------------------------------------------------------


def views_of(person: Person) -> Select[AuditLine]:
    """Audit lines of staff who looked at this person (or at the record that became one with theirs), newest first."""
    same = or_(Person.id == person.id, Person.merged_into_id == person.id)
    records = select(cast(Person.id, String)).where(same)
    about = AuditLine.object_kind == "person", AuditLine.object_id.in_(records)
    by_staff = AuditLine.actor.like("staff:%"), AuditLine.action.in_(LOOKS)
    return select(AuditLine).where(*about, *by_staff).order_by(AuditLine.id.desc())


def has_left_before(session: Session, identity: Identity) -> bool:
    """Whether this identity has stopped following once."""
    line = exists().where(
        AuditLine.object_kind == "identity",
        AuditLine.object_id == str(identity.id),
        AuditLine.action == "people.unfollow",
    )
    return bool(session.scalar(select(line)))


# ---- what must hold --------------------------------------------------------------------------------------------


def kept_without_consent(session: Session) -> list[str]:
    """Trust L01: a name or a phone stands on a consent to `service`, or on one taken back so lately that the nightly
    job has not come to it. A record that was joined to another stands on the other's."""
    lately = clock.now() - FORGET_AFTER - timedelta(days=1)
    agreed = exists().where(
        Consent.person_id == Person.id,
        Consent.purpose == "service",
        or_(Consent.withdrawn_at.is_(None), Consent.withdrawn_at > lately),
    )
    known = or_(Person.name.is_not(None), Person.phone.is_not(None))
    found = select(Person.id).where(known, Person.merged_into_id.is_(None), ~agreed).order_by(Person.id)
    return [
        f"person {number} is known by name or phone without a consent" for number in session.scalars(found)
    ]

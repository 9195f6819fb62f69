"""Proofs of volunteer service 志愿服务记录证明: applied for, checked, posted for seven days, numbered, sealed.

What a proof says is frozen with a hash when it is checked. Its number is drawn when the paper for the seal is made,
from a series without gaps, and is never used again: a proof that is void keeps it, with the reason. What the law says
in numbers (seven days, five working days) is data in CertificateTerms; the database holds the least of it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from models.base import Base, Instant, Sealed, SealedJSON
from models.hours import ServiceHours
from models.identity import Person
from models.staff import StaffMember
from models.stored_file import StoredFile

SHORTEST_POSTING = 7
STATES = ("applied", "checked", "posting", "ready", "printed", "issued", "refused", "withdrawn", "void")
UNDER_WAY = ("applied", "checked", "posting", "ready", "printed")
NUMBERED = ("printed", "issued", "void")
TRANSITIONS: dict[str, frozenset[str]] = {
    "applied": frozenset({"checked", "posting", "refused", "withdrawn"}),
    "checked": frozenset({"posting", "refused", "withdrawn"}),
    "posting": frozenset({"posting", "ready", "refused", "withdrawn"}),
    "ready": frozenset({"printed", "refused", "withdrawn"}),
    "printed": frozenset({"issued", "void"}),
    "issued": frozenset({"void"}),
    "refused": frozenset(),
    "withdrawn": frozenset({"applied"}),
    "void": frozenset(),
}
HALF_HOUR, TENTH = 30, 6
TERMS_AT_FIRST: dict[str, Any] = {
    "issuer": "",
    "head": "",
    "phone": "",
    "prefix": "HZZL",
    "unit": HALF_HOUR,
    "posting_days": SHORTEST_POSTING,
    "answer_days": 5,
    "most_lines": 16,
}


class CertificateTerms(Base):
    """The terms of this community, one row: who issues, who stands for it, how hours are rounded, how long a proof is
    posted. `unit` are the minutes of the smallest step (30: half an hour, 6: a tenth)."""

    __tablename__ = "certificate_terms"
    __table_args__ = (
        CheckConstraint(f"posting_days >= {SHORTEST_POSTING}", name="posting_days"),
        CheckConstraint(f"unit IN ({TENTH}, {HALF_HOUR})", name="unit"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(60))
    head: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(30))
    prefix: Mapped[str] = mapped_column(String(8))
    unit: Mapped[int]
    posting_days: Mapped[int]
    answer_days: Mapped[int]
    most_lines: Mapped[int]


class Certificate(Base):
    """One proof, from the wish for it to the sealed paper. `since` and `until` are the days asked for (`since` None:
    from the beginning). `content` is what was frozen, `digest` its hash. `ordinal` is its place in the register of
    `year`. `posted_on` says where it hangs. `corrected_at`: an hour in it was changed after it was printed."""

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        CheckConstraint("(ordinal IS NULL) = (number IS NULL)", name="numbered"),
        CheckConstraint(
            f"(number IS NOT NULL) = (state IN ({', '.join(repr(state) for state in NUMBERED)}))",
            name="number",
        ),
        CheckConstraint(
            "state NOT IN ('ready', 'printed', 'issued') OR posting_until IS NOT NULL", name="posted"
        ),
        UniqueConstraint("number"),
        UniqueConstraint("year", "ordinal"),
        Index("ix_certificate_state_posting_until", "state", "posting_until"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="applied")
    since: Mapped[date | None] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    purpose: Mapped[str | None] = mapped_column(Sealed("certificate.purpose"))
    channel: Mapped[str] = mapped_column(String(10))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    checked_at: Mapped[datetime | None] = mapped_column(Instant)
    content: Mapped[dict[str, Any] | None] = mapped_column(SealedJSON("certificate.content"))
    digest: Mapped[str | None] = mapped_column(String(64))
    minutes: Mapped[int | None]
    posted_on: Mapped[str | None] = mapped_column(String(6))
    posting_since: Mapped[datetime | None] = mapped_column(Instant)
    posting_until: Mapped[datetime | None] = mapped_column(Instant)
    year: Mapped[int | None]
    ordinal: Mapped[int | None]
    number: Mapped[str | None] = mapped_column(String(24))
    printed_at: Mapped[datetime | None] = mapped_column(Instant)
    printed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    issued_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(Sealed("certificate.reason"))
    void_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    corrected_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    person: Mapped[Person | None] = relationship()
    asked_by: Mapped[StaffMember | None] = relationship(foreign_keys=[asked_by_id])
    checked_by: Mapped[StaffMember | None] = relationship(foreign_keys=[checked_by_id])
    void_asked_by: Mapped[StaffMember | None] = relationship(foreign_keys=[void_asked_by_id])
    scan: Mapped[StoredFile | None] = relationship()
    lines: Mapped[list[CertificateLine]] = relationship(
        back_populates="certificate", order_by="CertificateLine.hours_id"
    )
    objections: Mapped[list[CertificateObjection]] = relationship(
        back_populates="certificate", order_by="CertificateObjection.id"
    )

    @property
    def called(self) -> str:
        """How staff and the applicant name it before and after it has a number."""
        return self.number or f"第{self.id}号申请"

    @property
    def days_left(self) -> int:
        """Whole or begun days that it still hangs."""
        if self.posting_until is None:
            return 0
        return max(0, -((clock.now() - self.posting_until) // timedelta(days=1)))

    @property
    def is_true(self) -> bool:
        """Whether what is kept is what was frozen."""
        return self.content is None or digest_of(self.content) == self.digest


class CertificateLine(Base):
    """One record of hours that a proof counts, with the minutes that it had then."""

    __tablename__ = "certificate_line"

    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("certificate.id", ondelete="CASCADE"), primary_key=True
    )
    hours_id: Mapped[int] = mapped_column(ForeignKey("service_hours.id"), primary_key=True, index=True)
    minutes: Mapped[int]

    certificate: Mapped[Certificate] = relationship(back_populates="lines")
    hours: Mapped[ServiceHours] = relationship()


class CertificateObjection(Base):
    """Somebody says that it is not right: the volunteer (`own`) at any time, anybody while it hangs. Answered until
    `due`. `person_id` is who said it, when that is known; `contact` how they want to be reached."""

    __tablename__ = "certificate_objection"

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    own: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str | None] = mapped_column(Sealed("certificate_objection.words"))
    contact: Mapped[str | None] = mapped_column(Sealed("certificate_objection.contact"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    due: Mapped[date] = mapped_column(Date)
    answer: Mapped[str | None] = mapped_column(Sealed("certificate_objection.answer"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)

    certificate: Mapped[Certificate] = relationship(back_populates="objections")
    person: Mapped[Person | None] = relationship()


# ---- hours and days --------------------------------------------------------------------------------------------------


def hours_text(minutes: int, unit: int) -> str:
    """ "12.5": whole steps only, never more than was given."""
    steps = minutes // unit
    return f"{steps * unit / 60:.1f}".removesuffix(".0")


# ---- what was frozen -------------------------------------------------------------------------------------------------


def digest_of(content: dict[str, Any]) -> str:
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(plain.encode()).hexdigest()


def proof_of(number: str) -> str:
    """What stands behind the number in the address of a QR code: nobody can make it up."""
    return privacy.keyring().blind("certificate.proof", number)[:32]


def is_proof(number: str, proof: str) -> bool:
    return hmac.compare_digest(proof_of(number).encode(), proof.encode())


def differs_now(certificate: Certificate) -> bool:
    """Whether an hour in it has been changed or taken back since it was frozen."""
    return any(
        line.hours.state != "posted" or line.hours.minutes != line.minutes for line in certificate.lines
    )


def terms(session: Session) -> CertificateTerms:
    """The community's terms. Nobody is named as who issues until staff have written it down."""
    known = session.get(CertificateTerms, 1)
    return known if known is not None else CertificateTerms(id=1, **TERMS_AT_FIRST)


def hold(session: Session, certificate: Certificate) -> Certificate:
    """As it is now, kept still until the unit ends."""
    same = select(Certificate).where(Certificate.id == certificate.id).with_for_update(key_share=True)
    return session.scalars(same.execution_options(populate_existing=True)).one()


# ---- what must always hold -------------------------------------------------------------------------------------------


def gaps_in_register(session: Session) -> Sequence[str]:
    """Each year's ordinals are 1, 2, 3, …"""
    found: dict[int, list[int]] = {}
    numbered = select(Certificate.year, Certificate.ordinal).where(Certificate.ordinal.is_not(None))
    for year, ordinal in session.execute(numbered.order_by(Certificate.year, Certificate.ordinal)):
        found.setdefault(year or 0, []).append(ordinal or 0)
    return [
        f"the register of certificates of {year} has a gap or a double"
        for year, ordinals in found.items()
        if ordinals != list(range(1, len(ordinals) + 1))
    ]


def changed_content(session: Session) -> Sequence[str]:
    rows = session.scalars(
        select(Certificate).where(Certificate.content.is_not(None)).order_by(Certificate.id)
    )
    return [f"certificate {row.id} does not say what was frozen" for row in rows if not row.is_true]


def posted_too_short(session: Session) -> Sequence[str]:
    """No proof is ready before it has hung for seven days."""
    hung = Certificate.state.in_(("ready", "printed", "issued"))
    rows = session.scalars(select(Certificate).where(hung).order_by(Certificate.id))
    return [
        f"certificate {row.id} was not posted for seven days" for row in rows if not _hung_long_enough(row)
    ]


def _hung_long_enough(row: Certificate) -> bool:
    if row.posting_since is None or row.posting_until is None:
        return False
    ended = row.printed_at or clock.now()
    long_enough = row.posting_until - row.posting_since >= timedelta(days=SHORTEST_POSTING)
    return long_enough and row.posting_until <= ended

"""What is reported without a name and for few eyes (C4): the words in the confidential database, under a receipt and a
code that only who reported it knows. Nothing here or in the common database says who that was.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock, privacy
from models.base import Sealed
from models.confidential import ConfidentialBase


class GuardedReport(ConfidentialBase):
    """`key` is a keyed hash of the form: sent twice it is one. `named` are the staff who are named in it, and do not
    get to read it. `entered`: the common database knows its receipt."""

    __tablename__ = "guarded_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    receipt: Mapped[str] = mapped_column(String(7), unique=True)
    code_index: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(20))
    named: Mapped[str] = mapped_column(Sealed("guarded_report.named", "confidential"))
    text: Mapped[str] = mapped_column(Sealed("guarded_report.text", "confidential"))
    received_on: Mapped[date] = mapped_column(default=clock.today)
    entered: Mapped[bool] = mapped_column(default=False)
    ended_on: Mapped[date | None]

    said: Mapped[list[GuardedWord]] = relationship(
        back_populates="report", order_by="GuardedWord.id", cascade="all, delete-orphan"
    )

    @property
    def named_ids(self) -> set[int]:
        return {int(one) for one in self.named.split(",") if one}


class GuardedWord(ConfidentialBase):
    """What was added by who reported it (no `staff_id`), or answered by who may read it."""

    __tablename__ = "guarded_word"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("guarded_report.id", ondelete="CASCADE"), index=True)
    on: Mapped[date] = mapped_column(default=clock.today)
    staff_id: Mapped[int | None]
    words: Mapped[str] = mapped_column(Sealed("guarded_word.words", "confidential"))

    report: Mapped[GuardedReport] = relationship(back_populates="said")


def code_index(receipt: str, code: str) -> str:
    return privacy.keyring("confidential").blind("guarded_report.code", f"{receipt}:{code}")


def with_code(session: Session, receipt: str, code: str) -> GuardedReport | None:
    """The one that this receipt and this code belong to."""
    mine = GuardedReport.receipt == receipt, GuardedReport.code_index == code_index(receipt, code)
    return session.scalar(select(GuardedReport).where(*mine))


def with_receipt(session: Session, receipt: str) -> GuardedReport | None:
    return session.scalar(select(GuardedReport).where(GuardedReport.receipt == receipt))


def not_entered() -> Select[GuardedReport]:
    return select(GuardedReport).where(~GuardedReport.entered).order_by(GuardedReport.id)


def ended_before(day: date) -> Select[GuardedReport]:
    return select(GuardedReport).where(GuardedReport.ended_on < day).order_by(GuardedReport.id)

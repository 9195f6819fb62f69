"""Petitions received by video: who comes, what for, how far it is, and who has looked (trust 1.3, C4). All of it lies
in the confidential lane under its own key; the main database knows that a room and a leader are taken, and no more.

A petition is written first as a draft, so that no word of it waits anywhere else while the rest is being asked.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from models.base import Instant, Sealed
from models.confidential import ConfidentialBase
from models.petitions_clock import WARN_DAYS, Spans
from models.receipts import spoken
from models.refusal import Refusal

MOST_OPEN, MOST_PAPERS, MOST_PROMISES = 3, 6, 10
DRAFT_LIVES = timedelta(days=2)
LINK_BEFORE, LINK_AFTER = timedelta(minutes=30), timedelta(hours=2)
LANGUAGES = ("藏语", "蒙古语", "撒拉语", "土族语", "手语", "别的语言")

# Where a case may go from each state. "draft" is no case yet.
STEPS = {
    "draft": ("received",),
    "received": ("registered", "withdrawn"),
    "registered": ("accepted", "refused", "transferred", "withdrawn"),
    "transferred": ("accepted", "answered", "withdrawn"),
    "accepted": ("handled", "withdrawn"),
    "handled": ("answered", "withdrawn"),
    "refused": ("review", "closed"),
    "answered": ("review", "closed"),
    "review": ("answered", "closed"),
    "closed": (),
    "withdrawn": (),
}
# Which clock of the law runs in each state, and since when.
CLOCKS = {
    "received": ("notice", "received_at"),
    "registered": ("notice", "received_at"),
    "accepted": ("finish", "decided_at"),
    "handled": ("finish", "decided_at"),
    "transferred": ("finish", "decided_at"),
    "review": ("review", "review_at"),
    "refused": ("review_ask", "decided_at"),
    "answered": ("review_ask", "answered_at"),
}
OFFICE = ("received", "registered", "accepted", "handled", "transferred", "review")
THEIRS = ("refused", "answered")
OPEN = OFFICE + THEIRS
ENDED = ("closed", "withdrawn")
RECEPTION = "reception"  # so is called what takes a time of a leader who receives people


def sealed(column: str) -> Sealed:
    return Sealed(column, "confidential")


class Petition(ConfidentialBase):
    """`who` is a keyed hash of the WeChat identity that asked, `tail` one of the number with the last four digits of
    the phone or with the code of who gave no name. `place` counts how often a time was given or lost: with `token` it
    makes the source of the occupation. `excluded` are ids of staff who must never see it. `rules` is the version of the
    law that was in force when it was registered; `due` the last day of the clock that runs now."""

    __tablename__ = "petition"
    __table_args__ = (
        CheckConstraint(
            "state = 'draft' OR (receipt IS NOT NULL AND received_at IS NOT NULL)", name="number"
        ),
        CheckConstraint("state IN ('draft', 'closed', 'withdrawn') OR due IS NOT NULL", name="due"),
        Index("ix_petition_state_due", "state", "due"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(22), unique=True)
    state: Mapped[str] = mapped_column(String(12), default="draft")
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, index=True)
    receipt: Mapped[str | None] = mapped_column(String(7), unique=True)
    who: Mapped[str | None] = mapped_column(String(64), index=True)
    tail: Mapped[str | None] = mapped_column(String(64), index=True)
    channel: Mapped[str] = mapped_column(String(8), default="chat")
    app: Mapped[str | None] = mapped_column(String(40))
    openid: Mapped[str | None] = mapped_column(sealed("petition.openid"))

    text: Mapped[str] = mapped_column(sealed("petition.text"))
    name: Mapped[str | None] = mapped_column(sealed("petition.name"))
    phone: Mapped[str | None] = mapped_column(sealed("petition.phone"))
    language: Mapped[str | None] = mapped_column(sealed("petition.language"))
    companion: Mapped[bool] = mapped_column(default=False)
    about_staff: Mapped[bool] = mapped_column(default=False)
    accused: Mapped[str | None] = mapped_column(sealed("petition.accused"))
    excluded_ids: Mapped[str | None] = mapped_column("excluded", sealed("petition.excluded"))

    time_id: Mapped[int | None]
    starts: Mapped[datetime | None] = mapped_column(Instant)
    ends: Mapped[datetime | None] = mapped_column(Instant)
    leader: Mapped[str | None] = mapped_column(sealed("petition.leader"))
    place: Mapped[int] = mapped_column(default=0)
    placed_at: Mapped[datetime | None] = mapped_column(Instant)
    first_until: Mapped[datetime | None] = mapped_column(Instant)

    received_at: Mapped[datetime | None] = mapped_column(Instant)
    registered_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    review_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    rules: Mapped[int | None]
    extended: Mapped[bool] = mapped_column(default=False)
    due: Mapped[date | None] = mapped_column(Date)
    warned_for: Mapped[date | None] = mapped_column(Date)
    alarmed_for: Mapped[date | None] = mapped_column(Date)

    link: Mapped[str | None] = mapped_column(sealed("petition.link"))
    papers_seen_at: Mapped[datetime | None] = mapped_column(Instant)
    link_tested_at: Mapped[datetime | None] = mapped_column(Instant)
    interpreter_at: Mapped[datetime | None] = mapped_column(Instant)
    called_at: Mapped[datetime | None] = mapped_column(Instant)
    met_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(sealed("petition.outcome"))
    minutes: Mapped[str | None] = mapped_column(sealed("petition.minutes"))
    satisfied: Mapped[str | None] = mapped_column(sealed("petition.satisfied"))
    forgotten_at: Mapped[datetime | None] = mapped_column(Instant)

    steps: Mapped[list[PetitionStep]] = relationship(
        back_populates="petition", order_by="PetitionStep.id", cascade="all, delete-orphan"
    )
    papers: Mapped[list[PetitionPaper]] = relationship(
        back_populates="petition", order_by="PetitionPaper.id", cascade="all, delete-orphan"
    )
    promises: Mapped[list[PetitionPromise]] = relationship(
        back_populates="petition", order_by="PetitionPromise.due", cascade="all, delete-orphan"
    )
    views: Mapped[list[PetitionView]] = relationship(
        back_populates="petition", order_by="PetitionView.id", cascade="all, delete-orphan"
    )

    @property
    def number(self) -> str:
        return spoken(self.receipt or "")

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def source(self) -> str:
        """Whose the occupation is; nobody can read more from it."""
        return f"{RECEPTION}:{self.token}:{self.place}"

    @property
    def has_place(self) -> bool:
        return self.time_id is not None and self.is_open

    @property
    def meets_later(self) -> bool:
        return self.has_place and self.met_at is None and self.ends is not None and self.ends > clock.now()

    @property
    def excluded(self) -> frozenset[int]:
        return frozenset(int(one) for one in (self.excluded_ids or "").split(",") if one)

    @excluded.setter
    def excluded(self, ids: frozenset[int]) -> None:
        self.excluded_ids = ",".join(str(one) for one in sorted(ids)) or None

    @property
    def link_is_near(self) -> bool:
        """The link is shown around the time of the meeting and at no other."""
        if not self.link or self.starts is None or self.ends is None or not self.is_open:
            return False
        return self.starts - LINK_BEFORE <= clock.now() <= self.ends + LINK_AFTER

    @property
    def light(self) -> str:
        """ "red" past the last day, "amber" in the last days before it; only while it is the office that must act."""
        if self.state not in OFFICE or self.due is None:
            return ""
        left = (self.due - clock.today()).days
        return "red" if left < 0 else "amber" if left <= WARN_DAYS else ""


class PetitionStep(ConfidentialBase):
    """One step. `words` are for who asked, `note` for those who handle it. `tells`: a neutral message that there is
    something new still has to be put into the outbox of the main database."""

    __tablename__ = "petition_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    what: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[int | None]
    tells: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str | None] = mapped_column(sealed("petition_step.words"))
    note: Mapped[str | None] = mapped_column(sealed("petition_step.note"))

    petition: Mapped[Petition] = relationship(back_populates="steps")


class PetitionPaper(ConfidentialBase):
    """A picture of a paper, as base64 under the confidential key: it is in no common store of files."""

    __tablename__ = "petition_paper"

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    media_type: Mapped[str] = mapped_column(String(20))
    content: Mapped[str] = mapped_column(sealed("petition_paper.content"))

    petition: Mapped[Petition] = relationship(back_populates="papers")


class PetitionPromise(ConfidentialBase):
    """What the leader has promised: somebody keeps it, by a day."""

    __tablename__ = "petition_promise"

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(sealed("petition_promise.words"))
    owner: Mapped[str] = mapped_column(sealed("petition_promise.owner"))
    due: Mapped[date] = mapped_column(Date)
    done_at: Mapped[datetime | None] = mapped_column(Instant)

    petition: Mapped[Petition] = relationship(back_populates="promises")


class PetitionView(ConfidentialBase):
    """Somebody of the staff opened it: role and day are told to who asked."""

    __tablename__ = "petition_view"

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    staff_id: Mapped[int]
    role: Mapped[str] = mapped_column(String(20))

    petition: Mapped[Petition] = relationship(back_populates="views")


class PetitionPermit(ConfidentialBase):
    """Somebody without the role may read one case until `until`: one asks with a reason, another agrees."""

    __tablename__ = "petition_permit"
    __table_args__ = (
        UniqueConstraint("petition_id", "staff_id", "asked_at"),
        CheckConstraint("agreed_by IS NULL OR agreed_by <> staff_id", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    petition_id: Mapped[int] = mapped_column(ForeignKey("petition.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int]
    reason: Mapped[str] = mapped_column(sealed("petition_permit.reason"))
    asked_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    agreed_by: Mapped[int | None]
    refused_by: Mapped[int | None]
    until: Mapped[datetime | None] = mapped_column(Instant)

    petition: Mapped[Petition] = relationship()


class PetitionLook(ConfidentialBase):
    """Somebody asked for a number in vain: numbers are not to be tried out."""

    __tablename__ = "petition_look"

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


# ---- moving on -------------------------------------------------------------------------------------------------------


def go_to(petition: Petition, state: str) -> None:
    if state not in STEPS[petition.state]:
        raise Refusal("petitions.not_now")
    petition.state = state


def set_due(petition: Petition, spans: Spans) -> None:
    """The last day of the clock that runs in this state; a finished case has none."""
    clock_of = CLOCKS.get(petition.state)
    if clock_of is None:
        petition.due = None
        return
    kind, since = clock_of
    began: datetime | None = getattr(petition, since)
    if began is None:
        raise RuntimeError(f"a petition that is {petition.state} has no {since}")
    last = spans[kind].after(clock.local(began).date())
    if kind == "finish" and petition.extended:
        last = last + timedelta(days=spans["extension"].days)
    petition.due = last


def objection_until(petition: Petition, spans: Spans) -> date | None:
    """Until when the office that it went to may say that it is not theirs."""
    if petition.state != "transferred" or petition.decided_at is None:
        return None
    return spans["objection"].after(clock.local(petition.decided_at).date())

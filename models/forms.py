"""Forms of offices that are filled in together (engine M8): one question at a time, over days, finished at the desk.

A form is data with versions. What somebody fills in stays with the version with which it was begun; a draft that is
taken up again under a newer one keeps the answers of the fields that still mean the same (models/form_fields.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    String,
    UniqueConstraint,
    and_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.audit import AuditLine
from models.base import Base, Instant, RowKey, RowSealed
from models.form_fields import Field, asked, fields_of, in_use, missing
from models.identity import Person
from models.receipts import spoken
from models.staff import StaffMember

UNTOUCHED = timedelta(days=30)
TOLD_BEFORE = timedelta(days=3)
MOST_OPEN = 10  # drafts of one person
FORM_STATES = ("sample", "confirmed", "off")
TRANSITIONS: dict[str, frozenset[str]] = {
    "open": frozenset({"handed_in", "dropped"}),
    "handed_in": frozenset({"open", "ready", "dropped"}),
    "ready": frozenset({"handed_in", "done", "dropped"}),
    "done": frozenset(),
    "dropped": frozenset(),
}
AT_THE_OFFICE = ("handed_in", "ready")
OVER = ("done", "dropped")


class Form(Base):
    """`version` is the number of the version in force. `wanted` is the state that `wanted_by` would give it, until
    somebody else has looked too; a form that is `off` is begun by nobody."""

    __tablename__ = "form"
    __table_args__ = (
        CheckConstraint("state IN ('sample', 'confirmed', 'off')", name="state"),
        CheckConstraint("(wanted IS NULL) = (wanted_by_id IS NULL)", name="wanted"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default="sample")
    version: Mapped[int] = mapped_column(default=1)
    wanted: Mapped[str | None] = mapped_column(String(10))
    wanted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)

    wanted_by: Mapped[StaffMember | None] = relationship(foreign_keys=[wanted_by_id])
    confirmed_by: Mapped[StaffMember | None] = relationship(foreign_keys=[confirmed_by_id])
    versions: Mapped[list[FormVersion]] = relationship(back_populates="form", order_by="FormVersion.number")

    @property
    def answers(self) -> bool:
        """Whether it may be begun."""
        return self.state != "off"

    @property
    def current(self) -> FormVersion:
        return self.numbered(self.version)

    @property
    def waiting(self) -> FormVersion | None:
        """The newest version, when nobody but its author has looked at it yet."""
        return self.versions[-1] if self.versions[-1].number > self.version else None

    def numbered(self, number: int) -> FormVersion:
        return next(one for one in self.versions if one.number == number)


class FormVersion(Base):
    """What the form says and asks. `content`: purpose, office, source, kept_days (how long a finished one is kept),
    names (how people call it), guides (keys of the cards that lead to it), fields."""

    __tablename__ = "form_version"
    __table_args__ = (UniqueConstraint("form_id", "number"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    form: Mapped[Form] = relationship(back_populates="versions")
    author: Mapped[StaffMember | None] = relationship(foreign_keys=[author_id])
    seen_by: Mapped[StaffMember | None] = relationship(foreign_keys=[seen_by_id])

    @property
    def fields(self) -> tuple[Field, ...]:
        return fields_of(self.content["fields"])

    @property
    def digest(self) -> str:
        said = json.dumps(self.content, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


class FormDraft(RowKey, Base):
    """One form that somebody fills in. `person_id` is who types, or empty for who came to the desk without WeChat;
    `helped` that it is for somebody else, whose name is among the answers. `staff_id` is who took it up at the desk.

    `revision` counts changes from anywhere but the chat: a talk that was begun before one ends instead of writing over
    it. `receipt` is read out once it is handed in. `kept_until` is the last day of the answers when it is over.
    """

    __tablename__ = "form_draft"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'handed_in', 'ready', 'done', 'dropped')", name="state"),
        CheckConstraint("state NOT IN ('handed_in', 'ready', 'done') OR receipt IS NOT NULL", name="receipt"),
        Index("ix_form_draft_state_touched_at", "state", "touched_at"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("form.id"), index=True)
    version: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    helped: Mapped[bool] = mapped_column(default=False)
    _answers: Mapped[bytes | None] = mapped_column("answers", LargeBinary)
    _words: Mapped[bytes | None] = mapped_column("words", LargeBinary)
    state: Mapped[str] = mapped_column(String(10), default="open")
    revision: Mapped[int] = mapped_column(default=0)
    receipt: Mapped[str | None] = mapped_column(String(7), unique=True)
    channel: Mapped[str] = mapped_column(String(10))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"), index=True)
    window: Mapped[str | None] = mapped_column(String(20))
    begun_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    touched_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    handed_in_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    kept_until: Mapped[date | None] = mapped_column(index=True)

    sealed_answers = RowSealed[str | None]("form_draft.answers")
    words = RowSealed[str | None]("form_draft.words")
    form: Mapped[Form] = relationship()
    person: Mapped[Person | None] = relationship()
    staff: Mapped[StaffMember | None] = relationship()

    @property
    def answers(self) -> dict[str, str]:
        sealed = self.sealed_answers
        return json.loads(sealed) if sealed else {}

    @answers.setter
    def answers(self, answers: Mapping[str, str]) -> None:
        self.sealed_answers = json.dumps(dict(answers), ensure_ascii=False) if answers else None

    @property
    def made_from(self) -> FormVersion:
        return self.form.numbered(self.version)

    @property
    def fields(self) -> tuple[Field, ...]:
        return self.made_from.fields

    @property
    def answered(self) -> dict[str, str]:
        """What belongs to the form, without what was said on a way that was left."""
        return in_use(self.fields, self.answers)

    @property
    def asked(self) -> list[Field]:
        return asked(self.fields, self.answered)

    @property
    def missing(self) -> list[Field]:
        return missing(self.fields, self.answered)

    @property
    def number(self) -> str:
        """To be read out."""
        return spoken(self.receipt) if self.receipt else ""

    @property
    def shown_to_staff(self) -> bool:
        """What a resident has not handed in yet is theirs alone."""
        return self.state != "open" or self.channel == "console"

    @property
    def ends_on(self) -> date:
        """The day on which an open one is given up when nobody touches it."""
        return clock.local(self.touched_at + UNTOUCHED).date()

    @property
    def seen(self) -> str:
        """A sign of what stands in it now: whoever hands it in has looked at this."""
        return hashlib.sha256((self.sealed_answers or "").encode()).hexdigest()[:16]


# ---- what there is ---------------------------------------------------------------------------------------------------


def all_forms() -> Select[Form]:
    return select(Form).order_by(Form.id)


def offered_forms() -> Select[Form]:
    return all_forms().where(Form.state != "off")


def form_with_key(session: Session, key: str) -> Form | None:
    return session.scalar(select(Form).where(Form.key == key))


def form_named(session: Session, *names: str) -> Form | None:
    """The form that people call exactly so; the first of several ways of saying it counts most."""
    forms = _with_content(session)
    return next(
        (form for name in names for form, content in forms if name in (form.title, *content["names"])), None
    )


def form_of_guide(session: Session, card_key: str | None) -> Form | None:
    """The form to which a card of the guide leads."""
    if card_key is None:
        return None
    return next(
        (form for form, content in _with_content(session) if card_key in content.get("guides", ())), None
    )


def _with_content(session: Session) -> list[tuple[Form, dict[str, Any]]]:
    """Every form that is offered and what it says now, in one look: many messages come by here."""
    now = FormVersion.form_id == Form.id, FormVersion.number == Form.version
    found = offered_forms().join(FormVersion, and_(*now)).add_columns(FormVersion.content)
    return [(form, content) for form, content in session.execute(found)]


def drafts_of(person: Person) -> Select[FormDraft]:
    return select(FormDraft).where(FormDraft.person_id == person.id).order_by(FormDraft.id.desc())


def open_drafts_of(person: Person) -> Select[FormDraft]:
    return drafts_of(person).where(FormDraft.state == "open")


def at_the_office() -> Select[FormDraft]:
    """Handed in, and not signed for yet; the oldest first."""
    states = FormDraft.state.in_(AT_THE_OFFICE)
    return select(FormDraft).where(states).order_by(FormDraft.handed_in_at, FormDraft.id)


def handed_in() -> Select[FormDraft]:
    return at_the_office().where(FormDraft.state == "handed_in")


def untouched(before: datetime) -> Select[FormDraft]:
    old = FormDraft.touched_at < before
    return select(FormDraft).where(FormDraft.state == "open", old).order_by(FormDraft.id)


def to_be_emptied(today: date) -> Select[FormDraft]:
    over = FormDraft.kept_until < today
    return select(FormDraft).where(over, FormDraft.sealed_answers.is_not(None)).order_by(FormDraft.id)


def looks_at(draft: FormDraft) -> Select[AuditLine]:
    """That somebody of the staff opened it, the newest first."""
    about = AuditLine.object_kind == "form_draft", AuditLine.object_id == str(draft.id)
    opened = AuditLine.action.in_(("forms.read", "forms.print"))
    return select(AuditLine).where(*about, opened).order_by(AuditLine.id.desc())


def hold(session: Session, draft: FormDraft) -> FormDraft:
    """The draft, locked until the end of the unit, as it stands now."""
    same = select(FormDraft).where(FormDraft.id == draft.id).with_for_update()
    return session.scalars(same.execution_options(populate_existing=True)).one()


def hold_form(session: Session, form: Form) -> Form:
    same = select(Form).where(Form.id == form.id).with_for_update()
    return session.scalars(same.execution_options(populate_existing=True)).one()


# ---- invariants ------------------------------------------------------------------------------------------------------


def every_draft_has_its_version(session: Session) -> list[str]:
    known = FormVersion.form_id == FormDraft.form_id, FormVersion.number == FormDraft.version
    lost = select(FormDraft.id).where(~select(FormVersion.id).where(*known).exists())
    return [
        f"form draft {number} was made from a version that is not there" for number in session.scalars(lost)
    ]


def nothing_is_kept_too_long(session: Session) -> list[str]:
    """A day more than promised is a fault, whatever became of the nightly job."""
    day = timedelta(days=1)
    late = [*session.scalars(untouched(clock.now() - UNTOUCHED - 5 * day))]
    late += session.scalars(to_be_emptied(clock.today() - day))
    return [f"form draft {one.id} is kept too long" for one in late]

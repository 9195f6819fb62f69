"""Policy notices: what is announced, by whom, valid from when until when. An expired one stops answering by itself.

Every change is a version of its own. The notice's row holds the version that answers; while a newer one waits for
those who publish, the old one goes on answering.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    JSON,
    Date,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant, said
from models.rows import Listed, Shelf
from models.staff import StaffMember

CATEGORIES = ("政策", "办事", "活动", "停水停电", "安全", "健康", "招聘", "其他")
PARTS = (
    "title",
    "category",
    "source",
    "source_number",
    "summary",
    "body",
    "bring",
    "valid_from",
    "valid_until",
)
# Parts that a notice may have besides; a content without them has no such key, so that its digest stays what it was.
OPTIONAL = ("article_title", "second")
LANGUAGES = ("藏文", "蒙古文", "维吾尔文", "撒拉语(汉字记音)", "其他")
CHECKS = ("dates", "names", "slips", "links", "second")
STAGES = ("first_review", "second_review")
PROOFS = ("typos", "facts", "basis")
TWO_PEOPLE = "two_people"

Content: TypeAlias = dict[str, Any]


class Notice(Base):
    """`summary` is the plain-language text that residents read, `body` the official words, unchanged. `bring` lists
    what to take along. `valid_until` is the last day on which it still answers (None: until withdrawn). `version` is
    the number of the version that these columns hold: the published one, or of a draft the newest."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_state_published", "state", "published_at"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(60))
    category: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(60))
    source_number: Mapped[str | None] = mapped_column(String(60))
    summary: Mapped[str] = mapped_column(Text)
    second: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    body: Mapped[str] = mapped_column(Text, default="")
    bring: Mapped[list[str]] = mapped_column(JSON, default=list)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10), default="draft")
    version: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, onupdate=clock.now)

    @property
    def is_current(self) -> bool:
        """Whether it may be told today."""
        day = clock.today()
        return (
            self.state == "published"
            and self.valid_from <= day
            and (self.valid_until is None or self.valid_until >= day)
        )

    @property
    def second_is_old(self) -> bool:
        """Whether the block in another language was written for words that have changed since."""
        told = {"title": self.title, "summary": self.summary, "bring": self.bring, "second": self.second}
        return second_is_old(told)

    def take(self, version: NoticeVersion) -> None:
        """Hold what this version says."""
        for name in (*PARTS, "second"):
            setattr(self, name, version.parts[name])
        self.version = version.number


class NoticeVersion(Base):
    """What a notice said, says or will say. `as_written`: its author stands by hard words. `ticked`: kinds of doubts
    (CHECKS) that its author has looked at and lets stand. `allowed_*`: who took it upon themselves that personal data
    stand in it, and why. `from_number`: it brings back that earlier version."""

    __tablename__ = "notice_version"
    __table_args__ = (UniqueConstraint("notice_id", "number"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    number: Mapped[int]
    content: Mapped[Content] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    as_written: Mapped[bool] = mapped_column(default=False)
    ticked: Mapped[list[str]] = mapped_column(JSON, default=list)
    allowed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    allowed_reason: Mapped[str | None] = mapped_column(String(200))
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    from_number: Mapped[int | None]

    author: Mapped[StaffMember | None] = relationship(foreign_keys=author_id)
    allowed_by: Mapped[StaffMember | None] = relationship(foreign_keys=allowed_by_id)
    published_by: Mapped[StaffMember | None] = relationship(foreign_keys=published_by_id)

    @property
    def parts(self) -> Content:
        """The content with days as days."""
        days = {name: _day(self.content[name]) for name in ("valid_from", "valid_until")}
        optional = {name: self.content.get(name) for name in OPTIONAL}
        return {name: self.content[name] for name in PARTS} | optional | days

    @property
    def second_is_old(self) -> bool:
        return second_is_old(self.content)

    @property
    def told(self) -> str:
        """Everything that residents may read of it, for checks."""
        parts = self.content
        second = parts["second"]["text"] if parts.get("second") else ""
        lines = (parts["title"], parts["summary"], *parts["bring"], parts["source"], parts["body"], second)
        return "\n".join(lines)


class NoticeReview(Base):
    """One reviewer's verdict on one version. It is bound to the words by their digest: any edit voids it."""

    __tablename__ = "notice_review"
    __table_args__ = (UniqueConstraint("version_id", "stage"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("notice_version.id"), index=True)
    stage: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    digest: Mapped[str] = mapped_column(String(64))
    passed: Mapped[bool]
    proofs: Mapped[list[str]] = mapped_column(JSON, default=list)
    comment: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    staff: Mapped[StaffMember] = relationship()


class NoticeKept(Base):
    """What somebody is writing and has not saved: kept every few seconds, gone when it is saved or thrown away.
    `about` is the notice's id, 0 for a new one."""

    __tablename__ = "notice_kept"
    __table_args__ = (UniqueConstraint("staff_id", "about"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_member.id"))
    about: Mapped[int]
    fields: Mapped[dict[str, str]] = mapped_column(JSON)
    kept_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


class NoticeRule(Base):
    """A rule of the office that those who publish switch: "two_people" lets a second person publish without the two
    reviews before, for offices that are too small for them."""

    __tablename__ = "notice_rule"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    on: Mapped[bool] = mapped_column(default=False)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, onupdate=clock.now)


# ---- versions --------------------------------------------------------------------------------------------------------


def digest_of(content: Mapping[str, Any]) -> str:
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def content_of(parts: Mapping[str, Any]) -> Content:
    """Parts as they are kept: days as text."""
    days = {name: parts[name].isoformat() if parts[name] else None for name in ("valid_from", "valid_until")}
    optional = {name: parts[name] for name in OPTIONAL if parts.get(name)}
    return {name: parts[name] for name in PARTS} | optional | days


def source_of(content: Mapping[str, Any]) -> str:
    """Stands for the words that somebody put into another language: other words, another sign."""
    told = "\n".join((content["title"], content["summary"], *content["bring"]))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def second_is_old(content: Mapping[str, Any]) -> bool:
    return bool(content.get("second")) and content["second"].get("source") != source_of(content)


def versions_of(notice: Notice) -> Select[NoticeVersion]:
    """The newest first."""
    return (
        select(NoticeVersion)
        .where(NoticeVersion.notice_id == notice.id)
        .order_by(NoticeVersion.number.desc())
    )


def newest(session: Session, notice: Notice) -> NoticeVersion:
    return session.scalars(versions_of(notice).limit(1)).one()


def version_with_number(session: Session, notice: Notice, number: int) -> NoticeVersion | None:
    return session.scalar(versions_of(notice).where(NoticeVersion.number == number))


def standing_reviews(session: Session, version: NoticeVersion) -> dict[str, NoticeReview]:
    """stage → the verdict on exactly these words."""
    rows = session.scalars(select(NoticeReview).where(NoticeReview.version_id == version.id))
    words = digest_of(version.content)
    return {row.stage: row for row in rows if row.digest == version.digest == words}


def rule_is_on(session: Session, name: str) -> bool:
    row = session.get(NoticeRule, name)
    return row is not None and row.on


def kept_by(session: Session, staff_id: int, about: int) -> NoticeKept | None:
    mine = NoticeKept.staff_id == staff_id, NoticeKept.about == about
    return session.scalar(select(NoticeKept).where(*mine))


def _day(kept: str | None) -> date | None:
    return date.fromisoformat(kept) if kept else None


# ---- lists -----------------------------------------------------------------------------------------------------------


def current_notices(category: str | None = None) -> Select[Notice]:
    """What may be told today, the newest first."""
    told = _current({"day": clock.today()})
    return told if category is None else told.where(Notice.category == category)


def current_list(category: str = "") -> Listed[Notice]:
    """The same for who reads it page by page."""
    day = clock.today()
    return OF_CATEGORY.of(day=day, category=category) if category else CURRENT.of(day=day)


def _current(facts: Mapping[str, Any] | None) -> Select[Notice]:
    """On a day, which a prepared statement (None) is told when it is asked."""
    day = said(facts, "day", Date())
    holds = Notice.valid_from <= day, or_(Notice.valid_until.is_(None), Notice.valid_until >= day)
    told = select(Notice).where(Notice.state == "published", *holds)
    return told.order_by(Notice.published_at.desc(), Notice.id.desc())


CURRENT = Shelf(lambda: _current(None))
OF_CATEGORY = Shelf(lambda: _current(None).where(Notice.category == bindparam("category")))


def all_notices() -> Select[Notice]:
    """For the staff: drafts and withdrawn ones too."""
    return select(Notice).order_by(Notice.id.desc())


def waiting_notices() -> Select[Notice]:
    """What waits to be reviewed and published: drafts, and newer versions of what is published."""
    newer = exists().where(NoticeVersion.notice_id == Notice.id, NoticeVersion.number > Notice.version)
    return all_notices().where(or_(Notice.state == "draft", newer))


def unreviewed(session: Session, stage: str, except_by: Collection[int] = ()) -> list[Notice]:
    """What this stage has not looked at yet; nobody reviews what they have written."""
    return [
        notice
        for notice in session.scalars(waiting_notices())
        if (version := newest(session, notice)).author_id not in except_by
        and stage not in standing_reviews(session, version)
    ]

"""Service guides: what somebody has to know before they walk there, and the words in which they ask for it.

A card answers with the version that somebody has confirmed. A sample answers too, and says that it is one. After its
review day a card tells nothing any more but whom to call: rules change, and an old list of papers costs a walk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeAlias, get_args

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant, connection_of
from models.plans import Service, open_services
from models.prepared import Prepared
from models.staff import StaffMember

Topic = Literal[
    "民政救助",
    "老人",
    "医保看病",
    "社保养老",
    "户口证件",
    "外来人员",
    "婚育孩子",
    "上学",
    "工作创业",
    "住房物业",
    "开证明",
    "法律调解",
    "残疾人",
    "退役军人",
    "水电气暖",
    "日常生活",
    "社区活动",
]
TOPICS: tuple[str, ...] = get_args(Topic)
PARTS = (
    "title",
    "topic",
    "terms",
    "who",
    "bring",
    "hours",
    "place",
    "takes",
    "phone",
    "service",
    "source",
    "owner",
)
ANSWERING = ("sample", "confirmed")
LONGEST_REVIEW = timedelta(days=183)
FEWEST_PHRASINGS = 8
WARNING = timedelta(days=14)

Content: TypeAlias = dict[str, Any]


class GuideCard(Base):
    """`key` names a card that came with the software (None: written here). `who` says who may have it, `terms` what a
    word of offices means, `service` the name of what can be booked for it. `version` is the number of the version that
    these columns hold: the one that answers, or of a draft the newest."""

    __tablename__ = "guide_card"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'sample', 'confirmed', 'retired')", name="state"),
        CheckConstraint("state <> 'confirmed' OR confirmed_at IS NOT NULL", name="confirmed"),
        Index("ix_guide_card_state_review_by", "state", "review_by"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str] = mapped_column(String(10), index=True)
    terms: Mapped[str] = mapped_column(String(80), default="")
    who: Mapped[str] = mapped_column(Text)
    bring: Mapped[list[str]] = mapped_column(JSON, default=list)
    hours: Mapped[str] = mapped_column(String(80), default="")
    place: Mapped[str] = mapped_column(String(80), default="")
    takes: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    service: Mapped[str | None] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(80))
    owner: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    version: Mapped[int] = mapped_column(default=1)
    review_by: Mapped[date]
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now, onupdate=clock.now)

    confirmed_by: Mapped[StaffMember | None] = relationship()
    phrasings: Mapped[list[GuidePhrasing]] = relationship(order_by="GuidePhrasing.id", back_populates="card")

    @property
    def answers(self) -> bool:
        return self.state in ANSWERING

    @property
    def is_overdue(self) -> bool:
        """Past its review day: it claims nothing any more."""
        return self.answers and self.review_by < clock.today()

    @property
    def parts(self) -> Content:
        return {name: getattr(self, name) for name in PARTS}

    def take(self, version: GuideVersion) -> None:
        """Hold what this version says."""
        for name in PARTS:
            setattr(self, name, version.content[name])
        self.version = version.number


class GuideVersion(Base):
    """What a card said, says or will say, and who wrote it (None: it came with the software)."""

    __tablename__ = "guide_version"
    __table_args__ = (UniqueConstraint("card_id", "number"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("guide_card.id"), index=True)
    number: Mapped[int]
    content: Mapped[Content] = mapped_column(JSON)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)

    author: Mapped[StaffMember | None] = relationship(foreign_keys=author_id)
    confirmed_by: Mapped[StaffMember | None] = relationship(foreign_keys=confirmed_by_id)


class GuidePhrasing(Base):
    """One way of asking for a card. The same words ask for one card only."""

    __tablename__ = "guide_phrasing"

    id: Mapped[int] = mapped_column(primary_key=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("guide_card.id"), index=True)
    words: Mapped[str] = mapped_column(String(40), unique=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    card: Mapped[GuideCard] = relationship(back_populates="phrasings")
    staff: Mapped[StaffMember | None] = relationship()


class GuideSynonym(Base):
    """A word of the street and ours for it: 尕娃 is 孩子."""

    __tablename__ = "guide_synonym"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(20), unique=True)
    meant: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


class GuideEdition(Base):
    """One row: a digest of all words by which cards are found. A process that has read another digest reads anew."""

    __tablename__ = "guide_edition"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))


# ---- by what cards are found -----------------------------------------------------------------------------------------


def ways_of_asking(session: Session) -> tuple[dict[str, list[str]], dict[str, str]]:
    """({card id: its title and ways of asking} of every card that answers, {street word: ours})."""
    asked: dict[str, list[str]] = {}
    titles = select(GuideCard.id, GuideCard.title).where(GuideCard.state.in_(ANSWERING))
    for number, title in session.execute(titles.order_by(GuideCard.id)):
        asked[str(number)] = [title]
    rows = select(GuidePhrasing.card_id, GuidePhrasing.words).order_by(GuidePhrasing.id)
    for number, words in session.execute(rows):
        if str(number) in asked and words not in asked[str(number)]:
            asked[str(number)].append(words)
    synonyms = select(GuideSynonym.word, GuideSynonym.meant).order_by(GuideSynonym.id)
    return asked, {row.word: row.meant for row in session.execute(synonyms)}


def digest_now(session: Session) -> str:
    told = json.dumps(ways_of_asking(session), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def edition(session: Session) -> str:
    """Which words hold now; "" where there is no card yet."""
    found = EDITION.first(connection_of(session), {})
    return found[0] if found else ""


EDITION = Prepared(select(GuideEdition.digest).where(GuideEdition.id == 1))


# ---- lists -----------------------------------------------------------------------------------------------------------


def answering_cards(topic: str | None = None) -> Select[GuideCard]:
    """What residents may find, in the order of the topics' names."""
    found = select(GuideCard).where(GuideCard.state.in_(ANSWERING))
    if topic is not None:
        found = found.where(GuideCard.topic == topic)
    return found.order_by(GuideCard.topic, GuideCard.id)


def topics_in_use(session: Session) -> list[str]:
    used = set(session.scalars(select(GuideCard.topic).where(GuideCard.state.in_(ANSWERING)).distinct()))
    return [topic for topic in TOPICS if topic in used]


def amber_cards() -> Select[GuideCard]:
    """What somebody has to look at: overdue ones first, then those that soon will be, then samples."""
    today = clock.today()
    urgent = case((GuideCard.review_by < today, 0), (GuideCard.review_by <= today + WARNING, 1), else_=2)
    soon = GuideCard.review_by <= today + WARNING
    found = select(GuideCard).where(GuideCard.state.in_(ANSWERING), or_(GuideCard.state == "sample", soon))
    return found.order_by(urgent, GuideCard.review_by, GuideCard.id)


def overdue_cards() -> Select[GuideCard]:
    late = GuideCard.state.in_(ANSWERING), GuideCard.review_by < clock.today()
    return select(GuideCard).where(*late).order_by(GuideCard.review_by, GuideCard.id)


def changed_cards() -> Select[GuideCard]:
    """Drafts, and newer versions that wait for somebody else's eyes."""
    newer = (
        select(GuideVersion.id)
        .where(GuideVersion.card_id == GuideCard.id, GuideVersion.number > GuideCard.version)
        .exists()
    )
    return (
        select(GuideCard)
        .where(GuideCard.state != "retired", or_(GuideCard.state == "draft", newer))
        .order_by(GuideCard.changed_at.desc())
    )


def versions_of(card: GuideCard) -> Select[GuideVersion]:
    """The newest first."""
    return select(GuideVersion).where(GuideVersion.card_id == card.id).order_by(GuideVersion.number.desc())


def newest(session: Session, card: GuideCard) -> GuideVersion:
    return session.scalars(versions_of(card).limit(1)).one()


def phrasing_of(session: Session, words: str) -> GuidePhrasing | None:
    return session.scalar(select(GuidePhrasing).where(GuidePhrasing.words == words))


def service_of(session: Session, card: GuideCard) -> Service | None:
    """What can be booked for it today."""
    if card.service is None:
        return None
    return session.scalar(open_services().where(Service.name == card.service))


def content_of(parts: Mapping[str, Any]) -> Content:
    told = {name: parts.get(name) or "" for name in PARTS}
    return told | {"bring": list(parts.get("bring") or ()), "service": parts.get("service") or None}


# ---- what must hold --------------------------------------------------------------------------------------------------


def confirmed_cards_say_by_whom_and_until_when(session: Session) -> Sequence[str]:
    """Half a year at most, counted from the day on which somebody looked at it."""
    rows = session.scalars(select(GuideCard).where(GuideCard.state == "confirmed"))
    return [
        f"guide {card.id} is confirmed by nobody, or for too long"
        for card in rows
        if card.confirmed_at is None
        or card.review_by - clock.local(card.confirmed_at).date() > LONGEST_REVIEW
    ]


def the_edition_is_of_these_words(session: Session) -> Sequence[str]:
    if session.scalar(select(func.count()).select_from(GuideCard)) and edition(session) != digest_now(
        session
    ):
        return ["the guides are found by words that are not theirs any more"]
    return []

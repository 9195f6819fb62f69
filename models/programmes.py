"""What the community runs: fourteen flowers and six works of governance, each a row of configuration."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant
from models.rows import Rows
from models.staff import StaffMember

LONGEST_QUESTION = 20
SHORTEST_PART = 3

# Engine → what the staff call it, and the chat words that it answers. A programme whose engine is off offers none of
# them; elsewhere (the menu, other programmes) they go on.
ENGINES: dict[str, tuple[str, frozenset[str]]] = {
    "M1": ("通知", frozenset({"最新通知", "通知", "查通知", "通知分类"})),
    "M2": ("预约", frozenset({"预约服务", "预约", "我的预约", "要带什么", "身边服务"})),
    "M3": ("活动", frozenset({"活动报名", "活动", "我的活动"})),
    "M4": ("志愿时长", frozenset({"志愿服务", "志愿时长", "签到", "换服务", "我的时间"})),
    "M5": ("心愿", frozenset({"心愿站", "我的心愿", "认领"})),
    "M6": ("说事和走访", frozenset({"说事反映", "说事", "网格员"})),
    "M7": ("投票和评价", frozenset()),
    "M8": ("填表", frozenset()),
    "M9": ("借书", frozenset()),
    "M10": ("抽签", frozenset()),
    "X1": ("找工作人员", frozenset({"找人帮忙", "人工"})),
}
# What one version of a programme holds.
TOLD = (
    "name",
    "aliases",
    "sentence",
    "hours",
    "contact",
    "menu_place",
    "words",
    "later",
    "position",
    "engines_off",
)


class Programme(Base):
    """One programme. `words` are the chat words that do something for it today, `later` says what does not work yet.

    Of its `engines` those in `engines_off` are switched off: then it offers none of their words. `version` counts the
    changes of the staff.

    `listed` is off where even the name would label who reads it (trust 1.3): it stands in no list and no menu, and
    asking for it gets neutral words.
    """

    __tablename__ = "programme"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    flower: Mapped[int | None]
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(20))
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)
    sentence: Mapped[str] = mapped_column(String(120))
    menu_place: Mapped[str | None] = mapped_column(String(20))
    engines: Mapped[list[str]] = mapped_column(JSON, default=list)
    words: Mapped[list[str]] = mapped_column(JSON, default=list)
    later: Mapped[str | None] = mapped_column(String(80))
    contact: Mapped[str | None] = mapped_column(String(60))
    listed: Mapped[bool] = mapped_column(default=True)
    hours: Mapped[str | None] = mapped_column(String(60))
    engines_off: Mapped[list[str]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column(default=0)

    @property
    def names(self) -> list[str]:
        return [self.name, *self.aliases]

    @property
    def engines_on(self) -> list[str]:
        return [engine for engine in self.engines if engine not in self.engines_off]

    @property
    def offered(self) -> list[str]:
        """The chat words that it offers: without those of engines that are switched off."""
        silent = set().union(*(ENGINES[engine][1] for engine in self.engines_off if engine in ENGINES))
        return [word for word in self.words if word not in silent]

    def told(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in TOLD}


class ProgrammeVersion(Base):
    """What a programme said before and after each change; number 0 is how it was installed."""

    __tablename__ = "programme_version"
    __table_args__ = (UniqueConstraint("programme_id", "number"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    staff: Mapped[StaffMember | None] = relationship()


def versions_of(programme: Programme) -> Select[ProgrammeVersion]:
    """The newest first."""
    mine = ProgrammeVersion.programme_id == programme.id
    return select(ProgrammeVersion).where(mine).order_by(ProgrammeVersion.number.desc())


def programmes() -> Select[Programme]:
    """Those that may stand in a list, in their order."""
    return select(Programme).where(Programme.listed.is_(True)).order_by(Programme.position)


def all_programmes() -> Select[Programme]:
    return select(Programme).order_by(Programme.position)


ALL = Rows(all_programmes)  # asked in chat for what no word begins


def programme_with_code(session: Session, code: str) -> Programme | None:
    return session.scalar(select(Programme).where(Programme.code == code))


def programme_in_words(session: Session, text: str) -> Programme | None:
    """The programme that was named exactly, or whose longest name is part of a short question.

    Names that are not listed are also found by two characters: those who ask for them must not get a guess.
    """
    every = ALL.all(session)
    found = [(len(name), one) for one in every for name in one.names if name == text]
    if not found and len(text) <= LONGEST_QUESTION:
        found = [
            (len(name), one)
            for one in every
            for name in one.names
            if name in text and (len(name) >= SHORTEST_PART or not one.listed)
        ]
    return max(found, key=_longest)[1] if found else None


def _longest(found: tuple[int, Programme]) -> Any:
    return found[0], -found[1].position

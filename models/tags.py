"""Tags that staff put on residents: each says what it is for, who made it, and until when; the resident sees them.

A tag is never about ethnicity or religion, nor about what belongs to the sensitive facts or the confidential lane: such
words are refused, because a tag may be an audience later and everybody at the desk reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Date, ForeignKey, Select, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from app import clock
from models.base import Base, Instant
from models.counting import count_some
from models.identity import Person
from models.staff import StaffMember

LONGEST_LIFE = timedelta(days=366)
# Peoples as they are written in China; 维护 is not 维族, so every name needs its 族.
PEOPLES = (
    "汉 回 藏 蒙古 维吾尔 维 哈萨克 土 撒拉 满 东乡 保安 苗 彝 壮 布依 朝鲜 侗 瑶 白 土家 哈尼 傣 黎 傈僳 佤 畲 高山"
    " 拉祜 水 纳西 景颇 柯尔克孜 达斡尔 仫佬 羌 布朗 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂"
    " 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺 少数民 民"
).split()
ABOUT_PEOPLES = (*(f"{name}族" for name in PEOPLES), "族别", "族裔", "穆民")
CREEDS = tuple(
    "宗教 信教 信仰 教徒 教派 穆斯林 伊斯兰 清真寺 佛教 信佛 喇嘛 活佛 道教 基督 天主教 阿訇 做礼拜 寺院 教堂".split()
)
SENSITIVE = tuple(
    "低保 特困 困难户 贫困 残疾 残障 失独 失能 患病 疾病 病人 精神病 精神障碍 抑郁 癌 肿瘤 艾滋 乙肝 传染 孕 流产"
    " 体检 慢病 身份证 未成年 孤儿 留守儿童".split()
)
CONFIDENTIAL = tuple(
    "吸毒 戒毒 毒品 涉毒 复吸 康复人员 信访 上访 访民 缠访 闹访 举报 家暴 受害 性侵 矫正 刑满 刑释 前科 犯罪 重点人"
    " 稳控 维稳 风险人员 黑名单".split()
)


class Tag(Base):
    """`until` is the day on which somebody must say again that it is needed; after it nobody has it any more."""

    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    purpose: Mapped[str] = mapped_column(String(80))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)
    until: Mapped[date] = mapped_column(Date)

    made_by: Mapped[StaffMember | None] = relationship()

    @property
    def is_over(self) -> bool:
        return self.until < clock.today()


class Tagging(Base):
    __tablename__ = "tagging"
    __table_args__ = (UniqueConstraint("tag_id", "person_id"), Base.__table_args__)

    id: Mapped[int] = mapped_column(primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    tag: Mapped[Tag] = relationship()
    person: Mapped[Person] = relationship()


def why_not(words: str) -> str | None:
    """The code of the refusal of such a tag; None for a decent one."""
    bare = "".join(words.split()).replace("民族团结", "")
    if any(one in bare for one in ABOUT_PEOPLES + CREEDS):
        return "people.tag_about_peoples"
    if any(one in bare for one in CONFIDENTIAL):
        return "people.tag_confidential"
    return "people.tag_sensitive" if any(one in bare for one in SENSITIVE) else None


def live_tags() -> Select[Tag]:
    return select(Tag).where(Tag.until >= clock.today()).order_by(Tag.name)


def all_tags() -> Select[Tag]:
    return select(Tag).order_by(Tag.until < clock.today(), Tag.name)


def counted_by_tag(session: Session, tags: Iterable[Tag]) -> dict[int, int]:
    """How many carry each of these, as far as lists are counted."""
    return {tag.id: count_some(session, select(Tagging.id).where(Tagging.tag_id == tag.id)) for tag in tags}


def taggings_of(person: Person) -> Select[Tagging]:
    """What this person is tagged with today."""
    theirs = Tagging.person_id == person.id, Tag.until >= clock.today()
    return select(Tagging).join(Tagging.tag).where(*theirs).order_by(Tag.name)


def tagged_with(tag: Tag) -> Select[int]:
    """The ids of whoever has this tag, for searches and audiences; nobody once it is over."""
    mine = Tagging.tag_id == tag.id, Tag.until >= clock.today()
    return select(Tagging.person_id).join(Tagging.tag).where(*mine)


def tags_long_over() -> Select[Tag]:
    """Those that nobody has renewed for 30 days."""
    return select(Tag).where(Tag.until < clock.today() - timedelta(days=30)).order_by(Tag.id)

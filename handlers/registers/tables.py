"""Tables that can be taken out: for each kind who may, whether it is about people, and its rows between two days.

Names and numbers are covered unless somebody said why they need them whole.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, joinedload

from app import clock
from app.sheets.writing import Cell, Column
from app.understanding.phone import mask_name, mask_phone
from app.words import TEMPLATES
from models.appointments import Appointment
from models.audit import AuditLine
from models.identity import Person
from models.notices import Notice
from models.people import residents
from models.slots import Slot
from models.volunteers import Attendance
from models.wishes import Wish

APPOINTMENT_STATES = {"confirmed": "约好", "done": "到了", "no_show": "没来", "cancelled": "取消"}
WISH_STATES = {
    "said": "等审核",
    "public": "等认领",
    "claimed": "认领了",
    "done": "办好了",
    "confirmed": "确认了",
    "thanked": "有感谢",
    "refused": "没有收",
    "withdrawn": "收回了",
}
NOTICE_STATES = {"draft": "草稿", "published": "发布", "withdrawn": "撤回"}
CHANNELS = {
    "chat": "微信",
    "api": "小程序",
    "page": "网页",
    "console": "窗口",
    "paper": "纸质",
    "job": "自动",
}
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked for: from the first to the last day, with whole names and numbers or without."""

    first: date
    last: date
    whole: bool = False

    def covers(self, column: Any) -> ColumnElement[bool]:
        """On or after the first day, and before the end of the last (for instants)."""
        start, end = clock.at(self.first, time()), clock.at(self.last + timedelta(days=1), time())
        return and_(column >= start, column < end)

    def name(self, name: str | None) -> str:
        return (name or "") if self.whole else mask_name(name or "")

    def phone(self, phone: str | None) -> str:
        return (phone or "") if self.whole else mask_phone(phone or "")


@dataclass(frozen=True, slots=True)
class Kind:
    """`personal` tables of more than 500 rows need a second person; `can_be_whole` ones can be asked for uncovered;
    those without a period are as of today."""

    title: str
    roles: tuple[str, ...]
    columns: tuple[Column, ...]
    query: Callable[[Wanted], Select[Any]]
    row: Callable[[Wanted, Any], list[Cell]]
    personal: bool = True
    can_be_whole: bool = False
    has_period: bool = True

    def count(self, session: Session, wanted: Wanted) -> int:
        return (
            session.scalar(select(func.count()).select_from(self.query(wanted).order_by(None).subquery()))
            or 0
        )

    def rows(self, session: Session, wanted: Wanted) -> Iterator[list[Cell]]:
        found = session.execute(self.query(wanted).execution_options(yield_per=AT_ONCE))
        for one in found:
            yield self.row(wanted, one[0] if len(one) == 1 else one)


def _day(instant: datetime | None) -> str:
    return "" if instant is None else f"{clock.local(instant):%Y-%m-%d}"


def _minute(instant: datetime | None) -> str:
    return "" if instant is None else f"{clock.local(instant):%Y-%m-%d %H:%M}"


# ---- appointments ----------------------------------------------------------------------------------------------------


def _appointments(wanted: Wanted) -> Select[Any]:
    found = select(Appointment).join(Appointment.slot).where(wanted.covers(Slot.starts))
    return found.options(joinedload(Appointment.person)).order_by(Slot.starts, Appointment.id)


def _appointment(wanted: Wanted, one: Appointment) -> list[Cell]:
    starts, ends = clock.local(one.slot.starts), clock.local(one.slot.ends)
    phone = one.phone or one.helped_phone or (None if one.helped_name else one.person.phone)
    return [
        f"{starts:%Y-%m-%d}",
        f"{starts:%H:%M}–{ends:%H:%M}",
        one.service.name,
        one.number,
        wanted.name(one.visitor_name),
        wanted.phone(phone),
        APPOINTMENT_STATES.get(one.state, one.state),
        CHANNELS.get(one.channel, one.channel),
    ]


# ---- residents -------------------------------------------------------------------------------------------------------


def _residents(wanted: Wanted) -> Select[Any]:
    return residents().options(joinedload(Person.place)).order_by(Person.place_id, Person.id)


def _resident(wanted: Wanted, one: Person) -> list[Cell]:
    home = one.place.full_name if one.place else ""
    return [one.id, wanted.name(one.name), wanted.phone(one.phone), home, _day(one.joined_at)]


# ---- hours -----------------------------------------------------------------------------------------------------------


def _hours(wanted: Wanted) -> Select[Any]:
    times, minutes = func.count(Attendance.id), func.coalesce(func.sum(Attendance.minutes), 0)
    each = (
        select(Attendance.person_id, times.label("times"), minutes.label("minutes"))
        .where(wanted.covers(Attendance.came_at), Attendance.person_id.is_not(None))
        .group_by(Attendance.person_id)
        .subquery()
    )
    found = select(Person, each.c.times, each.c.minutes).join(each, each.c.person_id == Person.id)
    return found.order_by(each.c.minutes.desc(), Person.id)


def _hour(wanted: Wanted, one: Any) -> list[Cell]:
    person, times, minutes = one
    return [person.id, wanted.name(person.name), int(times), int(minutes), round(int(minutes) / 60, 1)]


# ---- wishes and notices ----------------------------------------------------------------------------------------------


def _wishes(wanted: Wanted) -> Select[Any]:
    return select(Wish).where(wanted.covers(Wish.said_at)).order_by(Wish.id)


def _wish(wanted: Wanted, one: Wish) -> list[Cell]:
    """Only the words that a person of the staff made fit to be shown; who wishes is never told."""
    days = (_day(one.said_at), _day(one.published_at), _day(one.done_at), _day(one.confirmed_at))
    return [
        one.number,
        one.category,
        one.public_text or "(没有公开)",
        WISH_STATES.get(one.state, one.state),
        *days,
    ]


def _notices(wanted: Wanted) -> Select[Any]:
    until = wanted.last + timedelta(days=1)
    return (
        select(Notice).where(Notice.valid_from >= wanted.first, Notice.valid_from < until).order_by(Notice.id)
    )


def _notice(wanted: Wanted, one: Notice) -> list[Cell]:
    until = f"{one.valid_until:%Y-%m-%d}" if one.valid_until else "一直"
    return [
        one.title,
        one.category,
        one.source,
        one.source_number or "",
        f"{one.valid_from:%Y-%m-%d}",
        until,
        NOTICE_STATES.get(one.state, one.state),
        _day(one.published_at),
    ]


# ---- the trail -------------------------------------------------------------------------------------------------------


@cache
def _trail_words() -> dict[str, dict[str, str]]:
    return tomllib.loads((TEMPLATES / "staff" / "trail.toml").read_text(encoding="utf-8"))


def _trail(wanted: Wanted) -> Select[Any]:
    return select(AuditLine).where(wanted.covers(AuditLine.at)).order_by(AuditLine.id)


def _line(wanted: Wanted, one: AuditLine) -> list[Cell]:
    words = _trail_words()
    kind = one.object_kind or ""
    return [
        one.id,
        _minute(one.at),
        one.actor,
        CHANNELS.get(one.channel, one.channel),
        words["actions"].get(one.action, one.action),
        words["objects"].get(kind, kind),
        one.object_id or "",
        json.dumps(one.facts, ensure_ascii=False) if one.facts else "",
        one.chain or "",
    ]


KINDS: dict[str, Kind] = {
    "appointments": Kind(
        "预约",
        ("desk",),
        (
            Column("日期", 12),
            Column("时间", 14),
            Column("服务", 16),
            Column("编号", 8),
            Column("姓名", 12),
            Column("手机", 15),
            Column("情况", 8),
            Column("来处", 8),
        ),
        _appointments,
        _appointment,
        can_be_whole=True,
    ),
    "residents": Kind(
        "居民",
        ("desk",),
        (
            Column("编号", 8, is_number=True),
            Column("姓名", 14),
            Column("手机", 15),
            Column("住处", 28),
            Column("登记日期", 12),
        ),
        _residents,
        _resident,
        can_be_whole=True,
        has_period=False,
    ),
    "hours": Kind(
        "志愿时长",
        ("desk", "leader"),
        (
            Column("编号", 8, is_number=True),
            Column("姓名", 14),
            Column("次数", 8, is_number=True),
            Column("分钟", 10, is_number=True),
            Column("小时", 10, is_number=True),
        ),
        _hours,
        _hour,
        can_be_whole=True,
    ),
    "wishes": Kind(
        "心愿(不含姓名)",
        ("desk",),
        (
            Column("编号", 8),
            Column("类别", 12),
            Column("公开的话", 48),
            Column("情况", 10),
            Column("提出", 12),
            Column("公开", 12),
            Column("办好", 12),
            Column("确认", 12),
        ),
        _wishes,
        _wish,
        personal=False,
    ),
    "notices": Kind(
        "通知目录",
        ("desk", "approver"),
        (
            Column("标题", 40),
            Column("类别", 10),
            Column("来源", 20),
            Column("文号", 20),
            Column("开始", 12),
            Column("结束", 12),
            Column("情况", 8),
            Column("发布", 12),
        ),
        _notices,
        _notice,
        personal=False,
    ),
    "trail": Kind(
        "留痕",
        ("auditor",),
        (
            Column("序号", 8, is_number=True),
            Column("时间", 17),
            Column("谁", 12),
            Column("途径", 8),
            Column("做了什么", 20),
            Column("对象", 12),
            Column("对象编号", 10),
            Column("事实", 44),
            Column("链", 20),
        ),
        _trail,
        _line,
        personal=False,
    ),
}

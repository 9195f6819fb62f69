"""Rows of tables that can be taken out, between two days, as they stand on a sheet (kinds.py says who may have which).

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
from models.base import count_rows
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
        return count_rows(session, self.query(wanted))

    def rows(self, session: Session, wanted: Wanted) -> Iterator[list[Cell]]:
        found = session.execute(self.query(wanted).execution_options(yield_per=AT_ONCE))
        for one in found:
            yield self.row(wanted, one[0] if len(one) == 1 else one)


def _day(instant: datetime | None) -> str:
    return "" if instant is None else f"{clock.local(instant):%Y-%m-%d}"


def _minute(instant: datetime | None) -> str:
    return "" if instant is None else f"{clock.local(instant):%Y-%m-%d %H:%M}"


# ---- appointments ----------------------------------------------------------------------------------------------------


def appointments(wanted: Wanted) -> Select[Any]:
    found = select(Appointment).join(Appointment.slot).where(wanted.covers(Slot.starts))
    return found.options(joinedload(Appointment.person)).order_by(Slot.starts, Appointment.id)


def appointment_row(wanted: Wanted, one: Appointment) -> list[Cell]:
    starts, ends = clock.local(one.slot.starts), clock.local(one.slot.ends)
    phone = one.phone or one.helped_phone or (None if one.helped_name else one.person.phone)
    return [
        f"{starts:%Y-%m-%d}",
        f"{starts:%H:%M}–{ends:%H:%M}",
        one.service.public_name,  # what a discreet service is for stands in no table
        one.number,
        wanted.name(one.visitor_name),
        wanted.phone(phone),
        APPOINTMENT_STATES.get(one.state, one.state),
        CHANNELS.get(one.channel, one.channel),
    ]


# ---- residents -------------------------------------------------------------------------------------------------------


def all_residents(wanted: Wanted) -> Select[Any]:
    return residents().options(joinedload(Person.place)).order_by(Person.place_id, Person.id)


def resident_row(wanted: Wanted, one: Person) -> list[Cell]:
    home = one.place.full_name if one.place else ""
    return [one.id, wanted.name(one.name), wanted.phone(one.phone), home, _day(one.joined_at)]


# ---- hours -----------------------------------------------------------------------------------------------------------


def hours(wanted: Wanted) -> Select[Any]:
    times, minutes = func.count(Attendance.id), func.coalesce(func.sum(Attendance.minutes), 0)
    each = (
        select(Attendance.person_id, times.label("times"), minutes.label("minutes"))
        .where(wanted.covers(Attendance.came_at), Attendance.person_id.is_not(None))
        .group_by(Attendance.person_id)
        .subquery()
    )
    found = select(Person, each.c.times, each.c.minutes).join(each, each.c.person_id == Person.id)
    return found.order_by(each.c.minutes.desc(), Person.id)


def hours_row(wanted: Wanted, one: Any) -> list[Cell]:
    person, times, minutes = one
    return [person.id, wanted.name(person.name), int(times), int(minutes), round(int(minutes) / 60, 1)]


# ---- wishes and notices ----------------------------------------------------------------------------------------------


def wishes(wanted: Wanted) -> Select[Any]:
    return select(Wish).where(wanted.covers(Wish.said_at)).order_by(Wish.id)


def wish_row(wanted: Wanted, one: Wish) -> list[Cell]:
    """Only the words that a person of the staff made fit to be shown; who wishes is never told."""
    days = (_day(one.said_at), _day(one.published_at), _day(one.done_at), _day(one.confirmed_at))
    return [
        one.number,
        one.category,
        one.public_text or "(没有公开)",
        WISH_STATES.get(one.state, one.state),
        *days,
    ]


def notices(wanted: Wanted) -> Select[Any]:
    until = wanted.last + timedelta(days=1)
    return (
        select(Notice).where(Notice.valid_from >= wanted.first, Notice.valid_from < until).order_by(Notice.id)
    )


def notice_row(wanted: Wanted, one: Notice) -> list[Cell]:
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


def trail(wanted: Wanted) -> Select[Any]:
    return select(AuditLine).where(wanted.covers(AuditLine.at)).order_by(AuditLine.id)


def trail_row(wanted: Wanted, one: AuditLine) -> list[Cell]:
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

"""What is kept of one person beside their appointments: what they wait for, what was noted when nobody came, and what
they said to it. Carried home, forgotten, joined with those of a second record."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.words import day_words, moment_words
from handlers.appointments import mine, waiting
from models.identity import Actor, Person
from models.strikes import Strike, StrikeAppeal, appeals_of, strikes_of
from models.waiting import SlotWait, all_waits_of

STATES = {
    "waiting": "排着",
    "offered": "有位子,等您回话",
    "taken": "约上了",
    "left": "不排了",
    "over": "过期了",
    "removed": "工作人员撤了",
}
HALVES = {"am": "上午", "pm": "下午"}
ENDS = {"time": "时间久了,不算了", "kept": "后来按时来了,不算了", "appeal": "说明以后撤了"}
DECIDED = {"open": "还在看", "granted": "撤了", "refused": "没有撤"}


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    """{"预约": …, "排队等位": […], "没来的记录": […]}; a heading without rows is left out, but the first."""
    waits = [_told(row) for row in session.scalars(all_waits_of(person))]
    appeals = {row.strike_id: row for row in session.scalars(appeals_of(person))}
    strikes = [_noted(row, appeals.get(row.id)) for row in session.scalars(strikes_of(person))]
    more = {"排队等位": waits, "没来的记录": strikes}
    return mine.kept_of(session, person) | {heading: rows for heading, rows in more.items() if rows}


def _told(row: SlotWait) -> dict[str, str]:
    told = {
        "服务": row.service.name,
        "等的时间": wished_words(row),
        "情况": STATES[row.state],
        "替谁等": row.helped_name,
        "他的手机": row.helped_phone,
        "手机": row.phone,
        "门牌": row.address,
    }
    return {heading: value for heading, value in told.items() if value}


def wished_words(row: SlotWait) -> str:
    """ "11月24日(周二)上午9点", "11月24日(周二)上午", "12月7日(周一)以前都行"."""
    if row.slot is not None:
        return moment_words(row.slot.starts)
    if row.first == row.last:
        return f"{day_words(row.first)}{HALVES.get(row.half, '')}"
    return f"{day_words(row.last)}以前{HALVES.get(row.half, '')}都行"


def _noted(row: Strike, said: StrikeAppeal | None) -> dict[str, str]:
    told = {
        "哪一次": f"{moment_words(row.appointment.slot.starts)} {row.appointment.service.name}",
        "情况": ENDS.get(row.why_ended or "", "算着"),
        "您说的": said.words if said else None,
        "怎么定的": DECIDED[said.state] if said else None,
        "说明": said.answer if said else None,
    }
    return {heading: value for heading, value in told.items() if value}


def forget(by: Actor, person: Person) -> None:
    """Who leaves waits for nothing, and nothing is held against them."""
    waiting.forget(by, person)
    mine.forget(by, person)
    for row in by.session.scalars(all_waits_of(person)).all():
        row.helped_name = row.helped_phone = row.helped_tie = row.phone = row.address = None
    for said in by.session.scalars(appeals_of(person)).all():
        by.session.delete(said)
    by.session.flush()
    for strike in by.session.scalars(strikes_of(person)).all():
        by.session.delete(strike)
    by.session.flush()


def merge(by: Actor, kept: Person, gone: Person) -> list[list[Any]]:
    """Two records of one person: one place in each line, and all that was noted."""
    doubled = mine.merge(by, kept, gone)
    waiting.hand_over(by, kept, gone)
    for rows in (all_waits_of(gone), strikes_of(gone), appeals_of(gone)):
        for row in by.session.scalars(rows).all():
            row.person = kept
        by.session.flush()
    return doubled

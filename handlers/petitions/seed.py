"""Invented petitions, one in each state, and two leaders who receive in turn; the matter in the confidential lane."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.petitions import actions, lane
from models.identity import Actor
from models.petitions import Petition, go_to, set_due
from models.petitions_clock import FIRST_VERSION, spans_of
from models.petitions_plan import ReceptionPlan, free_times
from models.staff import StaffMember


class Came(NamedTuple):
    """`days` ago; `way` is the states that it went through, `meets` whether it has a time."""

    days: int
    text: str
    way: tuple[str, ...] = ()
    meets: bool = True
    language: str | None = None
    phone: str | None = None


CAME = (
    Came(0, "老楼加装电梯的补贴申请交了一年,没有人答复。", phone="13900000011"),
    Came(2, "小区门口的路挖开三个月没有填,下雨进不了门。", language="藏语"),
    Came(12, "下岗时的工龄少算了两年,档案里找不到那一页。", ("registered",), phone="13900000012"),
    Came(30, "邻居违建挡了采光,城管来过两次没有下文。", ("registered", "accepted"), meets=False),
    Came(70, "退休金从去年起少发了,社保说要等。", ("registered", "accepted", "handled"), meets=False),
    Came(20, "物业费涨了一倍没有开会。", ("registered", "transferred"), meets=False),
    Came(25, "想要回三十年前单位收走的住房押金。", ("registered", "refused"), meets=False),
    Came(50, "公租房排了四年没有轮到。", ("registered", "accepted", "handled", "answered"), meets=False),
)
MOMENTS = {
    "registered": "registered_at",
    "accepted": "decided_at",
    "refused": "decided_at",
    "transferred": "decided_at",
    "answered": "answered_at",
}
TOLD = {
    "refused": "超过了受理的期限,可以到区法律援助中心问。",
    "transferred": "转给区住建局物业科。",
    "answered": "已核对排队顺序,您排第12位,预计明年春天选房。",
}


def seed(session: Session) -> None:
    """A room, two leaders on alternate weeks, and what people have come with."""
    by = Actor(session, channel="job")
    if session.scalar(select(ReceptionPlan.id).limit(1)) is not None:
        return
    _plan(by)
    for one in CAME:
        _come(by, one)
    actions.sound_alarms(by)


def _plan(by: Actor) -> None:
    room = actions.add_resource(by, "room", "视频接访室", 15)
    first = clock.today() + timedelta(days=1)
    for week, name in enumerate(("李副区长", "赵书记")):
        leader = actions.add_resource(by, "person", name)
        rota = actions.Rota(_working(first + timedelta(days=7 * week)), time(9), 30, 4, every=2)
        actions.add_plan(by, room, leader, rota)


def _working(day: date) -> date:
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def _come(by: Actor, came: Came) -> None:
    time_ = by.session.scalar(free_times().limit(1)) if came.meets else None
    token = actions.keep_draft(by, came.text)
    made = actions.receive(
        by, token, time_, actions.Asked("来访人" if came.phone else None, came.phone, came.language)
    )
    spans = spans_of(by.session, FIRST_VERSION)
    staff = by.session.scalar(select(StaffMember.id).where(StaffMember.login == "sun"))

    def age(row: Petition, _session: Session) -> None:
        since = clock.now() - timedelta(days=came.days)
        row.received_at = row.steps[0].at = since
        for number, state in enumerate(came.way, 1):
            go_to(row, state)
            at = since + (clock.now() - since) * number / (len(came.way) + 1)
            if state in MOMENTS:
                setattr(row, MOMENTS[state], at if state == "answered" else _early(at, since))
            row.rules = FIRST_VERSION
            lane.step(row, state, words=TOLD.get(state))
            row.steps[-1].at, row.steps[-1].staff_id = at, staff
        set_due(row, spans)

    lane.changing(by, made.number, age)


def _early(at: datetime, since: datetime) -> datetime:
    """What is decided is decided in the first days: so that one of them is late today."""
    return min(at, since + timedelta(days=3))

"""Invented volunteers of many months and a proof at each stage: one to check, one for the board, one that hangs and is
objected to, one to print, one to seal, one issued, one refused, one void."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from app import clock
from handlers.certificates import actions, files, issuing
from handlers.certificates.standing import step
from handlers.hours import actions as hours
from models.certificates import Certificate
from models.hours import ServiceHours
from models.identity import Actor, Person
from models.people import residents

TERMS = {"issuer": "西宁市城东区互助中路社区居民委员会", "head": "张主任", "phone": "0971-8170000"}
# what, where, months ago, minutes: invented, as everybody here
SERVICES = (
    ("阿娘巡逻队", "互助中路社区门口", 11, 120),
    ("河道清洁", "湟水河步道东口", 9, 150),
    ("暖心送餐", "社区食堂", 6, 90),
    ("四点半课堂辅导", "社区二楼四点半课堂", 4, 100),
    ("社区义剪", "东府佳苑院内", 2, 180),
)
PEOPLE, A_MONTH = 8, timedelta(days=30)
OBJECTION, REFUSED, VOID = "那天下午没有看见他", "这段时间的记录还在核对,下周再来开", "姓名里有一个字写错了"


def seed(session: Session) -> None:
    """Nothing without eight residents."""
    by = Actor(session, channel="job")
    people = list(session.scalars(residents().order_by(Person.id).limit(PEOPLE)))
    if len(people) < PEOPLE:
        return
    actions.change_terms(by, **TERMS)
    for place, person in enumerate(people):
        _served(by, person, place)
    _file(by, people[0])
    for person, go_on in zip(people, STAGES, strict=True):
        go_on(by, _applied(by, person, page=go_on is not _for_the_board))


def _served(by: Actor, person: Person, place: int) -> None:
    """Hours that everybody agreed to long ago; each on days of their own."""
    for number, (what, where, months, minutes) in enumerate(SERVICES[place % 2 :]):
        day = clock.today() - A_MONTH * months - timedelta(days=place)
        begins = clock.at(day, time(9))
        row = ServiceHours(
            person_id=person.id,
            source=f"earlier:{number}",
            what=what,
            place=where,
            started_at=begins,
            ended_at=begins + timedelta(minutes=minutes),
            counted=minutes,
            minutes=minutes,
            flags=[],
        )
        by.session.add(row)
        by.session.flush()
        hours.confirm(by, row)
        row.dispute_until = clock.now()
        hours.post(by, row)


def _file(by: Actor, person: Person) -> None:
    files.complete(by, person, skills="理发、会藏语", service_types=["为老服务", "便民服务"], area="东府佳苑")
    day = date(clock.today().year, 5, 12) if clock.today().month > 5 else clock.today()
    files.add_entry(by, person, "training", "急救培训", day=day, given_by="城东区红十字会", minutes=240)
    files.add_entry(by, person, "award", "社区优秀志愿者", day=day, given_by="互助中路社区")


def _applied(by: Actor, person: Person, *, page: bool) -> Certificate:
    own = Actor(by.session, person, channel="job")
    row = actions.apply(own, purpose="自己留着", posting=page)
    by.session.flush()
    return row


def _as_it_is(by: Actor, row: Certificate) -> None:
    """It waits to be checked."""


def _for_the_board(by: Actor, row: Certificate) -> None:
    actions.check(by, row)


def _hangs(by: Actor, row: Certificate) -> None:
    actions.check(by, row)
    row.posting_since, row.posting_until = _days_ago(3), _days_ago(3) + timedelta(days=7)
    actions.object_to(Actor(by.session, channel="job"), row, OBJECTION)


def _ready(by: Actor, row: Certificate) -> None:
    actions.check(by, row)
    row.posting_since, row.posting_until = _days_ago(9), _days_ago(2)
    actions.end_posting(by)


def _printed(by: Actor, row: Certificate) -> None:
    _ready(by, row)
    issuing.draw_number(by, row)


def _issued(by: Actor, row: Certificate) -> None:
    _printed(by, row)
    step(by, row, "issued").issued_at = clock.now()


def _refused(by: Actor, row: Certificate) -> None:
    actions.refuse(by, row, REFUSED)


def _void(by: Actor, row: Certificate) -> None:
    _issued(by, row)
    step(by, row, "void").reason = VOID


def _days_ago(days: int) -> datetime:
    return clock.now() - timedelta(days=days)


STAGES: tuple[Callable[[Actor, Certificate], None], ...] = (
    _as_it_is,
    _for_the_board,
    _hangs,
    _ready,
    _printed,
    _issued,
    _refused,
    _void,
)

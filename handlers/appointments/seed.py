"""Invented services of an invented neighbourhood: windows of the hall, and what is a short walk away."""

from __future__ import annotations

import contextlib
from datetime import time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import actions, series
from handlers.appointments.actions import NOTHING_NEW
from handlers.appointments.planning import open_service
from handlers.appointments.seed_waiting import seed_waits
from handlers.people import actions as people
from models.appointments import Contact
from models.identity import Actor, Helped, Person
from models.people import residents
from models.plans import Hours, Service
from models.refusal import Refusal
from models.resources import Resource, ServiceResource
from models.slots import Slot, free_slots

MORNING: Hours = (time(9), time(12))
AFTERNOON: Hours = (time(14, 30), time(17, 30))
HALL = "社区办事大厅"
HALL_PHONE = "0971-8170001"
HALL_PLACE = {"lat": 36.6180, "lng": 101.7936}
OFFICE_WEEK = {weekday: [MORNING, AFTERNOON] for weekday in range(5)}
EVENINGS = {weekday: [(time(19), time(21))] for weekday in range(7)}
EVERY_DAY = {weekday: [(time(9), time(12)), (time(14), time(18))] for weekday in range(7)}

# Places are GCJ-02. Phones, people and shops are invented.
SERVICES: tuple[tuple[dict[int, list[Hours]], dict[str, Any]], ...] = (
    (
        OFFICE_WEEK,
        {
            "name": "高龄补贴",
            "also_called": ["高龄津贴", "老年补贴", "八十岁补贴"],
            "summary": "满80岁的老人每月能领补贴。",
            "bring": ["身份证", "户口本", "银行卡"],
            "window": "2号窗口",
            "minutes": 20,
        },
    ),
    (
        OFFICE_WEEK,
        {
            "name": "居住证",
            "also_called": ["暂住证"],
            "summary": "在这里住满半年,可以办居住证或者续签。",
            "bring": ["身份证", "租房合同", "一寸照片"],
            "window": "1号窗口",
            "minutes": 20,
            "capacity": 2,
        },
    ),
    (
        OFFICE_WEEK,
        {
            "name": "医保咨询",
            "also_called": ["医保", "医疗保险", "新农合"],
            "summary": "问医保怎么交、怎么报销,帮您查交了没有。",
            "bring": ["身份证", "医保卡"],
            "window": "3号窗口",
            "minutes": 20,
        },
    ),
    (
        OFFICE_WEEK,
        {
            "name": "老年证",
            "also_called": ["老年优待证", "敬老卡", "老年卡", "老人证"],
            "summary": "满60岁可以办,坐公交、进公园有优待。",
            "bring": ["身份证", "两张一寸照片"],
            "window": "2号窗口",
            "minutes": 15,
        },
    ),
    (
        EVERY_DAY,
        {
            "kind": "circle",
            "name": "理发",
            "also_called": ["剪头发", "剪头", "推头"],
            "summary": "老人理发5元,走不动的可以说一声,师傅想办法。",
            "place": "东府佳苑便民理发店",
            "provider": "王师傅",
            "phone": "0971-8170011",
            "lat": 36.6189,
            "lng": 101.7921,
            "keeps_office_days": False,
        },
    ),
    (
        EVERY_DAY,
        {
            "kind": "circle",
            "name": "水电维修",
            "also_called": [
                "修水管",
                "修电",
                "水电工",
                "水管",
                "水龙头",
                "下水道",
                "马桶",
                "跳闸",
                "修灯",
                "灯泡",
            ],
            "summary": "师傅上门修水管、水龙头、灯和插座,先看再说价。",
            "place": "互助中路便民维修点",
            "provider": "李师傅",
            "phone": "0971-8170012",
            "lat": 36.6172,
            "lng": 101.7950,
            "minutes": 60,
            "gap_minutes": 30,
            "lead_minutes": 120,
            "cancel_minutes": 120,
            "asks_phone": True,
            "home_visit": True,
            "keeps_office_days": False,
        },
    ),
    (
        {2: [AFTERNOON]},
        {
            "name": "法律咨询",
            "also_called": ["找律师", "律师", "法律援助", "打官司"],
            "summary": "律师每周三下午来,问合同、工资、邻里的事,不收钱。",
            "bring": ["身份证", "有关的合同或材料"],
            "place": "社区二楼调解室",
            "provider": "公益律师",
        },
    ),
    (
        {1: [AFTERNOON], 4: [MORNING]},
        {
            "kind": "circle",
            "name": "心理咨询",
            "also_called": ["心理疏导", "心理医生", "聊聊心里话", "心情不好"],
            "summary": "一对一慢慢聊,谁也不告诉。",
            "place": "社区二楼3号室",
            "provider": "心理老师",
            "phone": "0971-8170013",
            "minutes": 50,
            "gap_minutes": 10,
            "per_person": 1,
            "series_most": 4,
            "discreet_name": "社区预约",
        },
    ),
    (
        EVENINGS,
        {
            "name": "排练厅",
            "also_called": ["排练室", "舞蹈室"],
            "summary": "歌舞队、合唱队晚上来排练,不收钱。",
            "place": "社区二楼排练厅",
            "provider": "幸福文化站",
            "minutes": 60,
            "series_most": 8,
            "keeps_office_days": False,
        },
    ),
)
# What 法律咨询 needs each time: the room, and one of the two lawyers.
LAW = "法律咨询"
RESOURCES = (("room", "调解室", 10), ("person", "马律师", 0), ("person", "李律师", 0))
TEAM = "东府佳苑广场舞队"


# Invented neighbours who have booked. Some come for a mother or a neighbour; some have something to be said beforehand.
VISITORS = (
    "马桂英",
    "王建国",
    "才仁多杰",
    "韩素梅",
    "李存福",
    "祁玉兰",
    "马有才",
    "赵桂芳",
    "冶木兰",
    "张秀英",
    "尕藏吉",
    "杨春梅",
    "刘德全",
    "马占魁",
    "卓玛措",
    "白玉珍",
)
HELPED = {3: Helped("韩福寿", None, "女儿"), 7: Helped("赵大娘", None, "邻居")}
NOTES = {1: "走路不方便,请安排坐的地方", 5: "耳朵背,说话大声一点", 11: "第一次来,不知道带什么"}
DAYS, TIMES_LOOKED_AT = 4, 60


def seed(session: Session) -> None:
    """Open them all, in this order, with their times up to the horizon; where neighbours live, some have booked."""
    by = Actor(session, channel="job")
    usual = {"kind": "hall", "place": HALL, "provider": "社区工作人员", "phone": HALL_PHONE, **HALL_PLACE}
    services = [
        open_service(by, week, **usual | facts, position=position)
        for position, (week, facts) in enumerate(SERVICES)
    ]
    _furnish(session, next(one for one in services if one.name == LAW))
    if session.scalar(residents().limit(1)) is not None:
        _book(session, services)


def _furnish(session: Session, service: Service) -> None:
    rows = [Resource(kind=kind, name=name, buffer_minutes=buffer) for kind, name, buffer in RESOURCES]
    session.add_all(rows)
    session.flush()
    session.add_all(ServiceResource(service_id=service.id, resource_id=one.id) for one in rows)
    session.flush()


def _dance(session: Session, service: Service, person: Person) -> None:
    """A team that has the hall once a week; some of the evenings are somebody else's already."""
    first = clock.today() + timedelta(days=1)
    wish = series.Wish(service, first, time(19), 8, team=TEAM)
    series.book(Actor(session, person, channel="job"), wish, person, NOTHING_NEW)


def _book(session: Session, services: list[Service]) -> None:
    """About every third time of the coming days, by turns; whoever is elsewhere at that time does not come."""
    neighbours = [Person() for _ in VISITORS]
    session.add_all(neighbours)
    session.flush()
    for number, (person, name) in enumerate(zip(neighbours, VISITORS, strict=True)):
        by = Actor(session, person, channel="job")
        people.join(by, name=name, phone=f"139000011{number:02d}", purposes=("service",))
    turn = 0
    for place, service in enumerate(services):
        for slot in _some_times(session, service, place):
            turn += 1
            _fill(session, neighbours, turn, slot)
    seed_waits(session, neighbours, services[:-1])
    _dance(session, services[-1], neighbours[-1])


def _some_times(session: Session, service: Service, place: int) -> list[Slot]:
    free = session.scalars(free_slots(service).limit(TIMES_LOOKED_AT)).all()
    last = max(DAYS, free[0].days_ahead) if free else 0  # all of the coming days may be holidays
    near = [slot for slot in free if slot.days_ahead <= last]
    return [slot for number, slot in enumerate(near, place) if number % (3 + slot.days_ahead) == 0]


def _fill(session: Session, neighbours: list[Person], turn: int, slot: Slot) -> None:
    """Every seat of it: a time that is half taken would be the first that somebody new is offered."""
    for step in range(len(neighbours)):
        if slot.free:
            _visit(session, neighbours, (turn * 5 + step) % len(neighbours), slot)


def _visit(session: Session, neighbours: list[Person], number: int, slot: Slot) -> None:
    by = Actor(session, neighbours[number], channel="job", helped=HELPED.get(number))
    contact = Contact(
        phone=f"139000011{number:02d}", address=f"东府佳苑{number % 6 + 1}号楼{number % 4 + 1}单元"
    )
    with contextlib.suppress(Refusal):
        actions.book(by, slot, contact=contact, note=NOTES.get(number))

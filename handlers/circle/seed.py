"""Invented providers of an invented neighbourhood: papers in order, one that ends soon, one that has lapsed."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.circle import actions, asking, providing, visiting
from handlers.circle.providing import Works
from models.appointments import Contact
from models.circle import Provider
from models.circle_fit import HalfDay, free_halves
from models.circle_jobs import HomeJob
from models.circle_places import Landmark
from models.identity import Actor, Person
from models.people import residents
from models.places import Place
from models.plans import Service
from models.refusal import Refusal

# Places are GCJ-02 and invented like the rest.
LANDMARKS: tuple[tuple[str, list[str], float, float], ...] = (
    ("东府佳苑", [], 36.6186, 101.7925),
    ("互助中路社区", ["社区大厅", "办事大厅"], 36.6180, 101.7936),
    ("湟水河边", ["河边"], 36.6215, 101.7960),
    ("火车站", ["西宁站"], 36.6205, 101.8120),
)
# name, phone, kind, area, what, at home, papers: (name, number, days left)
PROVIDERS = (
    ("李师傅", "13900002001", "person", "互助中路一带", ("水电维修",), True, (("电工证", "DG-2001", 400),)),
    (
        "陈师傅",
        "13900002002",
        "person",
        "东府佳苑、湟水河边",
        ("水电维修",),
        True,
        (("电工证", "DG-2002", 20),),
    ),
    ("王师傅", "13900002003", "person", "东府佳苑", ("理发",), True, ()),
    ("赵师傅", "13900002005", "person", "火车站一带", ("水电维修",), True, (("电工证", "DG-2005", -10),)),
    ("心理老师", "13900002004", "person", "", ("心理咨询",), False, (("心理咨询师证", "XL-2004", 300),)),
)
DAY = [(time(9), time(12)), (time(14), time(18))]


# whose (by turns), what, on which of the coming mornings or afternoons that somebody has, how far it has come
JOBS = (
    ("水电维修", 1, "am", "accepted", "厨房水龙头一直滴水"),
    ("水电维修", 1, "pm", "offered", "客厅的灯不亮"),
    ("理发", 2, "am", "offered", "老人走不动"),
    ("水电维修", 2, "pm", "done", "马桶一直流水"),
    ("水电维修", 4, "pm", "desk", "插座没电"),
)
DOORS = ("东府佳苑3号楼2单元301", "东府佳苑5号楼1单元102", "湟水河边家属院2号楼401")


def seed(session: Session) -> None:
    by = Actor(session, channel="job")
    _places(session)
    services = {one.name: one.id for one in session.scalars(select(Service).where(Service.kind == "circle"))}
    for name, phone, kind, area, works, at_home, papers in PROVIDERS:
        if not set(works) <= services.keys():
            continue
        row = providing.take_in(by, name=name, phone=phone, kind=kind, area=area)
        providing.set_hours(by, row, dict.fromkeys(range(6), DAY))
        for paper, number, days in papers:
            until: date = clock.today() + timedelta(days=days)
            providing.add_licence(by, row, name=paper, number=number, valid_until=until)
        mine = [services[one] for one in works]
        providing.set_works(by, row, Works(mine, mine if at_home else ()))
    session.flush()
    neighbours = session.scalars(residents().limit(len(JOBS) + 1)).all()
    if len(neighbours) > len(JOBS) and services:
        _jobs(session, neighbours)


def _jobs(session: Session, neighbours: Sequence[Person]) -> None:
    """Some wait for a yes, one was done, one is the desk's; and water runs at somebody's."""
    house = Actor(session, channel="job")
    plumber = session.scalars(select(Provider).where(Provider.name == PROVIDERS[0][0])).one()
    providing.link(Actor(session, neighbours[-1], channel="chat"), providing.issue_link(house, plumber))
    for turn, (name, ahead, part, state, words) in enumerate(JOBS):
        whose = Actor(session, neighbours[turn], channel="page")
        service = session.scalars(select(Service).where(Service.name == name)).one_or_none()
        contact = Contact(None, f"139000022{turn:02d}", DOORS[turn % len(DOORS)])
        half = _half(session, service, ahead, part) if service is not None else None
        with contextlib.suppress(Refusal):
            if service is not None and half is not None:
                _bring_to(house, actions.order(whose, service, half, contact, words=words), state)
    actions.raise_alarm(Actor(session, neighbours[-2], channel="chat"), "burst", "厨房水管爆了,水往外喷")


def _half(session: Session, service: Service, ahead: int, part: str) -> HalfDay | None:
    """From tomorrow on; on a Saturday and before holidays nobody comes on the next day."""
    later = [one for one in free_halves(session, service) if one.part == part and one.day > clock.today()]
    return later[min(ahead, len(later)) - 1] if later else None


def _bring_to(by: Actor, job: HomeJob, state: str) -> None:
    if state == "desk":
        asking.to_desk(by, job)
    if state in ("accepted", "done"):
        actions.accept(by, job)
    if state == "done":
        visiting.finish(by, job, "换了水箱里的阀", minutes=40, yuan=25)


def _places(session: Session) -> None:
    for name, also, lat, lng in LANDMARKS:
        place = session.scalar(select(Place).where(Place.kind == "estate", Place.name == name))
        session.add(Landmark(name=name, also_called=also, lat=lat, lng=lng, place=place))

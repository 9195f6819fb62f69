"""Invented providers of an invented neighbourhood: papers in order, one that ends soon, one that has lapsed."""

from __future__ import annotations

from datetime import date, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.circle import providing
from handlers.circle.providing import Works
from models.circle_places import Landmark
from models.identity import Actor
from models.people import Place
from models.plans import Service

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


def _places(session: Session) -> None:
    for name, also, lat, lng in LANDMARKS:
        place = session.scalar(select(Place).where(Place.kind == "estate", Place.name == name))
        session.add(Landmark(name=name, also_called=also, lat=lat, lng=lng, place=place))

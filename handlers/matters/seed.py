"""Invented matters of invented neighbours, one in each state and more where a clerk would look first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.matters import actions
from handlers.matters.twins import may_be_followed
from models.identity import Actor, Person
from models.matter_rules import MatterPlace
from models.matters import Matter
from models.people import residents
from models.places import Grid, estates
from models.staff import StaffMember, member_by_login


class Said(NamedTuple):
    """`days` ago; `way` is how far it went: said, given, begun, done, again, over, back."""

    days: int
    kind: str
    text: str
    where: str
    way: str
    contact: str = "confidential"


MATTERS = (
    Said(0, "报修", "二单元楼道灯不亮,晚上老人下楼看不见台阶。", "东府佳苑3号楼", "said"),
    Said(1, "报修", "三号楼二单元的灯又坏了,按了没反应。", "东府佳苑3号楼", "said", "named"),
    Said(0, "建议", "小区门口能不能放一条长凳,买菜回来歇一歇。", "东府佳苑", "said", "anonymous"),
    Said(2, "求助", "老伴出院了,想借一个轮椅用半个月。", "湖滨小区2号楼", "given", "named"),
    Said(9, "投诉", "楼下烧烤店半夜还在放音响,睡不着。", "纺织家属院2号楼", "begun"),
    Said(12, "报修", "单元门的闭门器坏了,一刮风就响。", "东府佳苑1号楼", "given"),
    Said(6, "报修", "五号楼后面的井盖翘起来了,怕孩子绊倒。", "东府佳苑5号楼", "done", "named"),
    Said(8, "求助", "冬天腿疼下不了楼,想请人帮忙取药。", "乌兰干休所1号楼", "again", "named"),
    Said(40, "建议", "广场舞的音响能不能九点以后关小一点。", "湖滨小区", "over"),
    Said(5, "报修", "垃圾桶满了两天没人收。", "东府佳苑", "back"),
)
DONE = "已经修好了,请您看一看。有问题再说。"


def seed(session: Session) -> None:
    """Who says it are the first residents in turn; without residents there is nobody to say anything."""
    people = list(session.scalars(residents().order_by(Person.id).limit(6)))
    if not people:
        return
    house = Actor(session, channel="job")
    actions.install_rules(house)
    desk, worker = _colleagues(session)
    _mark_places(Actor(session, staff=desk, channel="console"))
    for position, said in enumerate(MATTERS):
        by = Actor(session, people[position % len(people)], channel="job")
        report = actions.Report(said.text, said.kind, said.contact, said.where)
        if said.kind == "报修":
            report = replace(report, photo=_drawn("dimgray"))
        matter = actions.report(by, report).matter
        session.flush()
        _others_too(session, matter, people, position)
        _move(Actor(session, staff=desk, channel="console"), by, matter, said.way, worker)
        _put_back(matter, said.days)


def _move(desk: Actor, by: Actor, matter: Matter, way: str, worker: StaffMember) -> None:
    if (
        way in ("given", "begun", "done", "again", "over")
        and desk.staff is not None
        and matter.state == "received"
    ):
        mine = matter.grid is None or matter.grid_id != worker.grid_id
        actions.assign(desk, matter, desk.staff if mine else worker)
    if way in ("begun", "done", "again", "over"):
        actions.begin(desk, matter)
    if way in ("done", "again", "over"):
        actions.finish(desk, matter, DONE, after=_drawn("seagreen"))
    if way == "again":
        actions.reopen(by, matter, "药只取了一半,还差一样")
    if way == "over":
        actions.confirm(by, matter)
    if way == "back":
        actions.withdraw(by, matter)


def _drawn(colour: str) -> actions.Photo:
    """A picture of nothing, so that pages are not empty."""
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (480, 360), colour).save(out, "JPEG")
    return actions.clean_photo(out.getvalue())


def _others_too(session: Session, matter: Matter, people: list[Person], position: int) -> None:
    """Some neighbours say "me too" to what everybody stumbles over."""
    if may_be_followed(matter) and matter.is_open:
        for person in people[position % 3 :: 2]:
            if person.id != matter.person_id:
                actions.follow(Actor(session, person, channel="job"), matter)


def _mark_places(desk: Actor) -> None:
    """Where the estates and two stretches of the river lie, about."""
    for number, estate in enumerate(desk.session.scalars(estates())):
        facts = {"lat": 36.6201 + number * 0.004, "lng": 101.8003 + number * 0.003, "metres": 200}
        if not desk.session.scalar(select(MatterPlace).where(MatterPlace.name == estate.name)):
            actions.keep_place(desk, None, name=estate.name, place=estate, **facts)
    for name, lng in (("湟水河互助桥段", 101.8062), ("湟水河建国桥段", 101.7931)):
        if not desk.session.scalar(select(MatterPlace).where(MatterPlace.name == name)):
            actions.keep_place(desk, None, name=name, lat=36.6264, lng=lng, metres=300)


def _put_back(matter: Matter, days: int) -> None:
    """As if it had been said that many days ago."""
    passed = timedelta(days=days)
    matter.said_at -= passed
    if matter.opened_again:
        return
    matter.counted_from -= passed
    if matter.due is not None and days > 1:
        matter.due -= passed
    for step in matter.steps:
        step.at -= passed if step.what == "said" else passed / 2
    if matter.done_at is not None:
        matter.done_at -= passed / 2


def _colleagues(session: Session) -> tuple[StaffMember, StaffMember]:
    """Somebody at the desk and a grid worker; accounts without a password (handlers/staff/seed.py knows them too)."""
    grid = session.scalar(select(Grid).order_by(Grid.id).limit(1))
    return _colleague(session, "wang", "王干事", "desk"), _colleague(
        session, "liguihua", grid.worker if grid else "李桂花", "grid", grid.id if grid else None
    )


def _colleague(session: Session, login: str, name: str, role: str, grid_id: int | None = None) -> StaffMember:
    known = member_by_login(session, login)
    if known is None:
        known = StaffMember(login=login, name=name, roles=[role], grid_id=grid_id, created_at=clock.now())
        session.add(known)
        session.flush()
    return known

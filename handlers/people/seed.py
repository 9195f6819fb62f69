"""An invented neighbourhood in the real shape: committees, estates, buildings, units, grids, and a few residents.

No name, number or worker here belongs to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from app import clock
from handlers.people import actions
from handlers.people.proxies import tie_at_desk
from handlers.people.tags import make_tag, tag_person
from models.identity import Actor, Person
from models.people import Purpose
from models.places import Grid, Place


class Estate(NamedTuple):
    committee: str
    name: str
    buildings: int
    units: int
    grid: str


GRIDS = (
    ("纺织第一网格", "李桂花", "0971-8170011"),
    ("纺织第二网格", "马占海", "0971-8170012"),
    ("幸福第一网格", "才让措", "0971-8170013"),
    ("幸福第二网格", "王生莲", "0971-8170014"),
)
ESTATES = (
    Estate("纺织居委会", "东府佳苑", 6, 4, "纺织第一网格"),
    Estate("纺织居委会", "纺织家属院", 3, 3, "纺织第二网格"),
    Estate("幸福居委会", "湖滨小区", 4, 3, "幸福第一网格"),
    Estate("幸福居委会", "乌兰干休所", 2, 2, "幸福第二网格"),
)
RESIDENTS: tuple[tuple[str, str, tuple[str, int, int], tuple[Purpose, ...]], ...] = (
    ("马秀兰", "13900000001", ("东府佳苑", 3, 2), ("service", "notices")),
    ("王德福", "13900000002", ("东府佳苑", 1, 1), ("service",)),
    ("才让卓玛", "13900000003", ("湖滨小区", 2, 1), ("service", "notices", "volunteer")),
    ("韩世杰", "13900000004", ("纺织家属院", 2, 3), ("service", "notices", "volunteer")),
    ("李玉珍", "13900000005", ("乌兰干休所", 1, 2), ("service", "notices")),
    ("祁生华", "13900000006", ("湖滨小区", 4, 3), ("service", "volunteer")),
    ("马文明", "13900000007", ("东府佳苑", 5, 4), ("service", "notices", "volunteer")),
    ("赵淑芬", "13900000008", ("纺织家属院", 1, 1), ("service", "notices")),
    ("马建国", "13900000010", ("东府佳苑", 3, 2), ("service",)),
    ("马小娟", "13900000011", ("东府佳苑", 3, 2), ("service",)),
    ("王秀英", "13900000020", ("东府佳苑", 1, 1), ("service", "notices")),
    ("王磊", "13900000012", ("东府佳苑", 1, 1), ("service", "notices")),
    ("扎西东周", "13900000013", ("湖滨小区", 2, 1), ("service",)),
    ("买买提·艾力", "13900000014", ("湖滨小区", 3, 1), ("service", "notices")),
    ("古丽·艾力", "13900000015", ("湖滨小区", 3, 1), ("service",)),
    ("韩玉梅", "13900000016", ("纺织家属院", 2, 3), ("service", "notices")),
    ("陈志强", "13900000017", ("东府佳苑", 2, 3), ("service",)),
    ("孙丽华", "13900000018", ("纺织家属院", 3, 2), ("service", "notices")),
    ("周建军", "13900000019", ("湖滨小区", 1, 2), ("service",)),
    ("李福生", "13900000025", ("乌兰干休所", 1, 2), ("service",)),
    ("吴桂兰", "13900000021", ("东府佳苑", 6, 1), ("service", "notices")),
    ("多杰才让", "13900000022", ("湖滨小区", 4, 1), ("service", "volunteer")),
    ("马兰花", "13900000023", ("东府佳苑", 4, 2), ("service",)),
    ("张海燕", "13900000024", ("纺织家属院", 2, 1), ("service", "notices")),
)
# Door and people with their ties, the head first; who is only staying has a number of days.
HOUSEHOLDS: tuple[tuple[str, tuple[tuple[str, str, int], ...]], ...] = (
    ("301", (("马建国", "head", 0), ("马秀兰", "spouse", 0), ("马小娟", "child", 0))),
    ("102", (("王德福", "head", 0), ("王秀英", "spouse", 0), ("王磊", "child", 0))),
    ("201", (("扎西东周", "head", 0), ("才让卓玛", "spouse", 0))),
    ("401", (("买买提·艾力", "head", 0), ("古丽·艾力", "child", 0))),
    ("502", (("韩世杰", "head", 0), ("韩玉梅", "parent", 0))),
    ("101", (("李福生", "head", 0), ("李玉珍", "spouse", 0))),
    ("602", (("祁生华", "head", 0),)),
    ("202", (("马文明", "head", 0), ("马兰花", "lodger", 60))),
    ("103", (("赵淑芬", "head", 0),)),
    ("303", (("陈志强", "head", 0),)),
    ("402", (("孙丽华", "head", 0),)),
)
TAGS = (
    ("巡逻队", "晚上巡逻前通知集合", ("韩世杰", "祁生华", "多杰才让")),
    ("课堂家长", "四点半课堂有变动时通知", ("马秀兰", "王秀英")),
    ("民族团结宣传员", "活动前商量节目", ("才让卓玛", "马文明")),
)


def seed(session: Session) -> None:
    """Places and grids first, then the residents who live there, each with their own consents; then who lives with
    whom, who is tagged, and who may act for whom."""
    grids = {name: Grid(name=name, worker=worker, worker_phone=phone) for name, worker, phone in GRIDS}
    session.add_all(grids.values())
    homes = dict(_build(session, grids))
    session.flush()
    known: dict[str, Person] = {}
    for name, phone, home, purposes in RESIDENTS:
        person = Person()
        session.add(person)
        session.flush()
        by = Actor(session, person, channel="job")
        actions.join(by, name=name, phone=phone, place=homes[home], purposes=purposes)
        known[name] = person
    house = Actor(session, channel="job")
    _settle_in(house, known)
    for tag_name, purpose, wearers in TAGS:
        tag = make_tag(house, tag_name, purpose, clock.today() + timedelta(days=180))
        for name in wearers:
            tag_person(house, known[name], tag)
    tie_at_desk(house, "proxy", holder=known["王磊"], ward=known["王德福"], paper="窗口当面签,演练卷宗1号")
    tie_at_desk(house, "guardian", holder=known["买买提·艾力"], ward=known["古丽·艾力"], paper="演练卷宗2号")


def _settle_in(house: Actor, known: dict[str, Person]) -> None:
    for door, people in HOUSEHOLDS:
        head = known[people[0][0]]
        if head.place is None:
            raise RuntimeError("an invented head of a household lives nowhere")
        home = actions.make_household(house, head.place, door, head)
        for name, tie, days in people[1:]:
            until = clock.today() + timedelta(days=days) if days else None
            actions.add_member(house, home, known[name], tie, temporary_until=until)


def _build(session: Session, grids: dict[str, Grid]) -> Iterator[tuple[tuple[str, int, int], Place]]:
    """Every unit by (estate, building, unit), made with all that it stands in."""
    committees: dict[str, Place] = {}
    for position, estate in enumerate(ESTATES, 1):
        committee = committees.setdefault(
            estate.committee, Place(kind="committee", name=estate.committee, position=len(committees) + 1)
        )
        place = Place(kind="estate", name=estate.name, position=position, parent=committee)
        session.add(place)
        yield from _buildings(place, estate, grids[estate.grid], session)


def _buildings(
    place: Place, estate: Estate, grid: Grid, session: Session
) -> Iterator[tuple[tuple[str, int, int], Place]]:
    for number in range(1, estate.buildings + 1):
        building = Place(kind="building", name=f"{number}号楼", position=number, parent=place, own_grid=grid)
        for unit in range(1, estate.units + 1):
            made = Place(kind="unit", name=f"{unit}单元", position=unit, parent=building)
            session.add(made)
            yield (estate.name, number, unit), made

"""An invented neighbourhood in the real shape: committees, estates, buildings, units, grids, and a few residents.

No name, number or worker here belongs to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy.orm import Session

from handlers.people import actions
from models.identity import Actor, Person
from models.people import Grid, Place, Purpose


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
)


def seed(session: Session) -> None:
    """Places and grids first, then the residents who live there, each with their own consents."""
    grids = {name: Grid(name=name, worker=worker, worker_phone=phone) for name, worker, phone in GRIDS}
    session.add_all(grids.values())
    homes = dict(_build(session, grids))
    session.flush()
    for name, phone, home, purposes in RESIDENTS:
        person = Person()
        session.add(person)
        session.flush()
        by = Actor(session, person, channel="job")
        actions.join(by, name=name, phone=phone, place=homes[home], purposes=purposes)


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

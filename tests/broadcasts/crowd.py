"""A whole town at once: so many residents with a home, an account and a consent, written in bulk."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app import clock
from models.households import Household, HouseholdMember
from models.identity import Identity, Person
from models.people import Consent
from models.places import Grid, Place

BUILDINGS = 100


def settle(session: Session, residents: int) -> None:
    """Every second lives in a household; one in ten has spoken today, one in five does not follow, one in twenty-five
    wants no notices."""
    homes = _homes(session)
    now = clock.now()
    numbers = range(1, residents + 1)
    people = [
        {
            "id": n,
            "row_key": f"k{n:021d}",
            "joined_at": now,
            "created_at": now,
            "place_id": homes[n % len(homes)],
        }
        for n in numbers
    ]
    session.execute(insert(Person), people)
    households = [
        {
            "id": n,
            "row_key": f"h{n:021d}",
            "place_id": homes[n % len(homes)],
            "_door": b"x",
            "door_index": f"d{n}",
        }
        for n in numbers
        if n % 2
    ]
    session.execute(insert(Household), households)
    stays = [{"household_id": n, "person_id": n, "tie": "head", "since": now} for n in numbers if n % 2]
    session.execute(insert(HouseholdMember), stays)
    accounts = [
        {
            "person_id": n,
            "kind": "oa",
            "app": "oa:main",
            "openid": f"o{n:027d}",
            "following": True,
            "spoke_at": now - timedelta(hours=1) if n % 10 == 0 else None,
        }
        for n in numbers
        if n % 5
    ]
    session.execute(insert(Identity), accounts)
    agreed = {"purpose": "notices", "version": 1, "text_hash": "0" * 64, "channel": "chat"}
    session.execute(insert(Consent), [agreed | {"person_id": n} for n in numbers if n % 25])


def _homes(session: Session) -> list[int]:
    grid = Grid(name="第一网格", worker="马网格")
    committee = Place(kind="committee", name="互助中路")
    estate = Place(kind="estate", name="东府佳苑", parent=committee)
    session.add_all([grid, estate])
    session.flush()
    buildings = [
        Place(kind="building", name=f"{n}号楼", parent=estate, grid_id=grid.id) for n in range(BUILDINGS)
    ]
    session.add_all(buildings)
    session.flush()
    return [one.id for one in buildings]

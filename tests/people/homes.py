"""Places of the seeded neighbourhood, by the names that residents use."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.people import Place, inside


def place_named(session: Session, *names: str) -> Place:
    """("东府佳苑", "3号楼", "2单元") as far down as is named."""
    place = session.scalars(select(Place).where(Place.name == names[0], Place.kind == "estate")).one()
    for name in names[1:]:
        place = session.scalars(inside(place).where(Place.name == name)).one()
    return place

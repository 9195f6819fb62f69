"""The seeded neighbourhood by the names that residents use, and the two who act in most tests here."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.people import actions
from models.identity import Actor
from models.places import Place, inside
from models.staff import StaffMember
from tests.neighbours import Phone


def place_named(session: Session, *names: str) -> Place:
    """("东府佳苑", "3号楼", "2单元") as far down as is named."""
    place = session.scalars(select(Place).where(Place.name == names[0], Place.kind == "estate")).one()
    for name in names[1:]:
        place = session.scalars(inside(place).where(Place.name == name)).one()
    return place


NAME, NUMBER = "陈玉兰", "13900000099"


def join(session: Session, phone: Phone, name: str = NAME, number: str = NUMBER) -> Actor:
    """Whoever holds this phone joins, with a home, and agrees to service and notices."""
    by = phone.actor(session)
    place = place_named(session, "东府佳苑", "3号楼", "2单元")
    actions.join(by, name=name, phone=number, place=place, purposes=("service", "notices"))
    return by


def staff(session: Session) -> Actor:
    return Actor(session, staff=StaffMember(id=1, roles=["desk"]), channel="console")

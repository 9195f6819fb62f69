"""Records from before names and last four digits could be searched get their blind indexes; the second time there is
nothing left to do."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.identity import Person


def index_names(session: Session) -> None:
    no_name = Person.name.is_not(None) & Person.name_index.is_(None)
    no_tail = Person.phone.is_not(None) & Person.phone_tail_index.is_(None)
    for person in session.scalars(select(Person).where(or_(no_name, no_tail))):
        person.name, person.phone = person.name, person.phone

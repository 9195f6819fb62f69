"""What a partner gives, for tests of the mini-program."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app import clock
from handlers.ledger import actions
from models.identity import Actor
from tests.neighbours import Town


def a_gift(town: Town) -> int:
    """One piece, for nothing."""

    def unit(session: Session) -> int:
        house = Actor(session, channel="job")
        partner = actions.open_named(house, "organisation", "光明影院")
        row = actions.make_offer(house, partner, actions.Gift("电影票1张", 1, 0, clock.today()))
        session.flush()
        return row.id

    return town.writing(unit)

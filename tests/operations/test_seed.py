"""The invented neighbourhood moves in whole, once, and leaves nothing to be sent."""

from sqlalchemy import func, select

from app.cli import check_invariants, seed
from models.identity import Person
from models.outbox import OutboxRow
from tests.neighbours import Town


def test_the_whole_neighbourhood_moves_in_once_and_waits_to_tell_nobody(town: Town) -> None:
    seed(town.site)
    with town.reading() as session:
        people = session.scalar(select(func.count()).select_from(Person))
        assert people
        waits = OutboxRow.state.in_(("waiting", "sending", "held"))
        assert session.scalars(select(OutboxRow).where(waits)).all() == []
    seed(town.site)
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == people
    assert check_invariants(town.site) == []

"""The walks through every feature, over a whole invented neighbourhood: a copy, joining and parting, being forgotten."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli import check_invariants, seed
from handlers.people import actions
from models.identity import Actor, Person
from models.linking import Merging, rows_of
from models.people import residents
from models.staff import StaffMember
from tests.neighbours import Town


@pytest.fixture
def village(town: Town) -> Town:
    """On both databases, since every feature moves its rows in its own way."""
    seed(town.site)
    return town


def clerk(session: Session) -> Actor:
    return Actor(session, staff=StaffMember(id=1), channel="console")


def pairs(session: Session) -> list[tuple[Person, Person]]:
    everybody = list(session.scalars(residents().order_by(Person.id)))
    return list(zip(everybody[::2], everybody[1::2], strict=False))


def test_everybody_gets_a_copy_that_is_json(village: Town) -> None:
    def unit(session: Session) -> None:
        for person in session.scalars(residents()).all():
            copy = actions.export(clerk(session), person)
            assert copy["登记信息"]["姓名"] == person.name
            json.dumps(copy)

    village.writing(unit)


TOLD_OF_IT, COUNTED_AGAIN = "outbox.person_id", "attendance.person_id"  # stays follow from the scans


def test_joined_and_parted_again_everybody_has_the_very_rows_that_they_had(village: Town) -> None:
    def unit(session: Session) -> None:
        by = clerk(session)
        for pair in pairs(session):
            before = [rows_of(session, person) for person in pair]
            actions.part(by, actions.link_at_desk(by, *pair, reason="本人到窗口"))
            after = [rows_of(session, person) for person in pair]
            for rows in (*before, *after):
                rows.pop(TOLD_OF_IT)
                rows[COUNTED_AGAIN] = [[] for _ in rows[COUNTED_AGAIN]]
            assert after == before

    village.writing(unit)
    assert check_invariants(village.site) == []


def test_joining_everybody_two_by_two_breaks_nothing(village: Town) -> None:
    def unit(session: Session) -> int:
        by = clerk(session)
        return len([actions.link_at_desk(by, *pair, reason="本人到窗口") for pair in pairs(session)])

    assert village.writing(unit) >= 4
    assert check_invariants(village.site) == []
    with village.reading() as session:
        assert all(
            merging.gone.merged_into_id == merging.kept_id for merging in session.scalars(select(Merging))
        )


def test_forgetting_everybody_breaks_nothing_and_leaves_no_resident(village: Town) -> None:
    def unit(session: Session) -> None:
        for person in session.scalars(residents()).all():
            actions.erase(clerk(session), person)

    village.writing(unit)
    assert check_invariants(village.site) == []
    with village.reading() as session:
        assert session.scalars(residents()).all() == []
        assert all(person.name is None and person.phone is None for person in session.scalars(select(Person)))

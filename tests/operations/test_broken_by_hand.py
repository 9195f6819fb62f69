"""What a careless hand does to a row is named, by every invariant and on both databases (trust §1.6): a check that cannot
fail would be no check."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from app import clock
from app.feature import Invariant
from app.invariants import OF_THE_HOUSE
from app.settings import load_settings
from models.audit_chain import broken_chain
from models.petitions import Petition
from tests.neighbours import Town
from tests.operations.careless_hands import BROKEN, Hand, loosen
from tests.servers import PostgresServer
from tests.towns import living

# Broken by hand elsewhere, for they lie in another place than these tables or have to be built up first.
ELSEWHERE = {
    "broken_ties": "test_invariants.py: a database that lets a row name nothing is SQLite without its foreign keys",
    "clocks_hold": "below, in the confidential lane",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lawless(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    empty_sqlite: Path,
    valkey_server: str,
) -> Iterator[Town]:
    """Neighbours live there, and no rule of the database stands in the way of a hand."""
    data = tmp_path_factory.mktemp("lawless")
    url = f"sqlite:///{data}/town.db"
    if request.param == "sqlite":
        for made in empty_sqlite.glob("town.db*"):
            shutil.copy(made, data / made.name)
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.create_database("lawless", template=request.getfixturevalue("empty_postgres"))
    told = {"XINGFU_DATA": str(data), "XINGFU_DATABASE__URL": url, "XINGFU_REDIS__URL": valkey_server}
    with living(load_settings(told)) as town:
        town.seed(*(feature.name for feature in town.site.house.features))
        for lane in (town.site.database, town.site.database.confidential):
            assert lane
            with lane.engine.begin() as connection:
                loosen(connection)
        yield town


def invariants(town: Town) -> dict[str, Invariant]:
    """By their names, which nobody else may have."""
    all_of_them = [
        broken_chain,
        *OF_THE_HOUSE,
        *(one for feature in town.site.house.features for one in feature.invariants),
    ]
    named = {one.__name__: one for one in all_of_them}
    assert len(named) == len(all_of_them)
    return named


@pytest.mark.parametrize(
    ("name", "hand", "told"), BROKEN, ids=[f"{name}: {told}" for name, _, told in BROKEN]
)
def test_each_broken_row_is_named_by_its_own_invariant(
    lawless: Town, name: str, hand: Hand, told: str
) -> None:
    asks = invariants(lawless)[name]
    with lawless.reading() as session:
        assert [line for line in asks(session) if told in line] == []
        let_everything_pass(session)
        hand(session)
        found = list(asks(session))
    assert any(told in line for line in found), found


def let_everything_pass(session: Session) -> None:
    """Also rows that name nothing; until this look ends."""
    if session.get_bind().dialect.name == "sqlite":
        for said in (
            "ROLLBACK",
            "PRAGMA foreign_keys = OFF",
            "BEGIN",
            "PRAGMA ignore_check_constraints = ON",
        ):
            session.connection().exec_driver_sql(said)
    else:
        session.execute(text("SET LOCAL session_replication_role = replica"))


def test_every_invariant_is_broken_by_some_hand(lawless: Town) -> None:
    assert {name for name, _, _ in BROKEN} | set(ELSEWHERE) == set(invariants(lawless))


TODAY, DAY = clock.today(), timedelta(days=1)
LATE: dict[str, Any] = {
    "id": 9001,
    "token": "toy",
    "state": "registered",
    "receipt": "1234567",
    "text": "…",
    "received_at": clock.now() - 9 * DAY,
    "due": TODAY - 5 * DAY,
}
PETITIONS: list[tuple[dict[str, Any], str]] = [
    ({"rules": 1}, "petition 9001 is past its last day and nobody was told"),
    ({"rules": 1, "due": None}, "petition 9001 lacks number, time or last day"),
    ({"rules": 1, "receipt": None}, "petition 9001 lacks number, time or last day"),
    ({"registered_at": clock.now(), "alarmed_for": TODAY - 5 * DAY}, "petition 9001 was registered without"),
]


@pytest.mark.parametrize(("changed", "told"), PETITIONS, ids=range(len(PETITIONS)))
def test_i15_a_broken_petition_is_named(lawless: Town, changed: dict[str, Any], told: str) -> None:
    """They lie in a lane of their own, where whoever asks must look."""
    asks, lane = invariants(lawless)["clocks_hold"], lawless.site.database.confidential
    assert lane
    with lawless.reading() as session:
        assert asks(session) == []

    def hand(there: Session) -> None:
        if lane.is_sqlite:
            there.execute(text("PRAGMA ignore_check_constraints = ON"))
        there.add(Petition(**LATE | changed))

    lane.writing(hand)
    with lawless.reading() as session:
        found = list(asks(session))
    lane.writing(lambda there: there.execute(delete(Petition).where(Petition.id == 9001)) and None)
    assert [line for line in found if told in line], found

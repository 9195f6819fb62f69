"""What is true of places, consents and policies, whoever asks."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app import clock
from handlers.people.policies import policies
from handlers.people.seed import RESIDENTS
from models.identity import Person
from models.linking import moved_between
from models.people import PURPOSES, SEPARATE, Consent, kept_without_consent, residents, residents_with_phone
from models.places import Place, broken_places, committees, inside
from tests.neighbours import Town, frozen
from tests.people.homes import place_named

# A changed text needs a new version here and in policies.toml: then everybody is asked again.
TEXTS = {
    ("service", 1): "f25d4810678e",
    ("notices", 1): "00c06e36bbc3",
    ("volunteer", 1): "ecfe0c69d566",
    ("id_number", 1): "8201e2782849",
    ("low_income", 1): "89c7baedcc87",
    ("disability", 1): "077b3e920264",
    ("health", 1): "f1577a631f61",
    ("birth", 1): "a09bb67b4bd3",
    ("guardian", 1): "c9af96cf13e4",
    ("proxy", 1): "28468793b4ea",
    ("posting", 1): "b3dc9dd13ec1",
}


@pytest.fixture
def town(sqlite_town: Town) -> Town:
    sqlite_town.seed("people")
    return sqlite_town


def test_every_purpose_has_a_policy_short_enough_to_be_read_in_chat() -> None:
    assert tuple(policies()) == (*PURPOSES, *SEPARATE)
    for policy in policies().values():
        assert 20 <= len(policy.text) <= 90
        assert policy.title
        assert policy.refused


def test_the_text_of_a_version_never_changes() -> None:
    now = {(policy.purpose, policy.version): policy.text_hash[:12] for policy in policies().values()}
    assert now == TEXTS


def test_the_seeded_neighbourhood_stands_as_committee_estate_building_unit(town: Town) -> None:
    with town.reading() as session:
        assert broken_places(session) == []
        first = session.scalars(committees()).first()
        assert first is not None
        line = [first]
        while below := session.scalars(inside(line[-1])).first():
            line.append(below)
        assert [place.kind for place in line] == ["committee", "estate", "building", "unit"]


def test_a_place_is_called_without_its_committee(town: Town) -> None:
    with town.reading() as session:
        unit = place_named(session, "东府佳苑", "3号楼", "2单元")
        assert unit.full_name == "东府佳苑3号楼2单元"
        assert unit.line[0].full_name == "纺织居委会"


def test_the_grid_follows_from_the_building(town: Town) -> None:
    with town.reading() as session:
        unit = place_named(session, "湖滨小区", "4号楼", "3单元")
        assert unit.grid is not None
        assert unit.grid.name == "幸福第一网格"
        assert unit.line[0].grid is None


def test_a_unit_outside_a_building_is_reported_as_broken(town: Town) -> None:
    town.writing(lambda s: s.add(Place(kind="unit", name="9单元", parent=place_named(s, "湖滨小区"))))
    with town.reading() as session:
        assert len(broken_places(session)) == 1


def test_a_phone_finds_residents_only_by_its_blind_index(town: Town) -> None:
    with town.reading() as session:
        assert [person.name for person in session.scalars(residents_with_phone("13900000001"))] == ["马秀兰"]
        assert not session.scalars(residents_with_phone("13900009999")).all()


def test_strangers_and_erased_people_are_no_residents(town: Town) -> None:
    town.writing(lambda session: session.add(Person()))
    with town.reading() as session:
        assert len(session.scalars(residents()).all()) == len(RESIDENTS)


def test_only_rows_that_changed_hands_count_as_moved() -> None:
    before = {"a.person_id": [[1], [2]], "b.person_id": [[3]]}
    after = {"a.person_id": [[0], [2]], "b.person_id": []}
    assert moved_between(before, after) == {"a.person_id": [[2]]}


def test_a_name_without_a_consent_is_reported_and_so_is_one_kept_too_long_after_a_no(town: Town) -> None:
    with frozen("2026-11-23 09:00") as wall:
        number = town.writing(_named)
        with town.reading() as session:
            assert [str(number) in line for line in kept_without_consent(session)] == [True]
        consent = {"version": 1, "text_hash": "", "channel": "chat"}
        taken_back = {"given_at": clock.now(), "withdrawn_at": clock.now()}
        town.writing(lambda s: s.add(Consent(person_id=number, purpose="service", **consent, **taken_back)))
        with town.reading() as session:
            assert kept_without_consent(session) == []
        wall.shift(timedelta(days=32))
        with town.reading() as session:
            assert len(kept_without_consent(session)) == 1


def _named(session: Session) -> int:
    person = Person(name="马福")
    session.add(person)
    session.flush()
    return person.id

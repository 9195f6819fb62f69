"""What the console offers and counts in a district, where all of it would be a book: the thresholds are moved here."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bench.city.watch import Watch
from handlers.people import console_grids, console_households
from models import counting, lately, places_offered
from models.places import Grid, Place
from tests.neighbours import Town
from tests.people.homes import place_named
from tests.staff.clerks import Clerk, clerk


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    sqlite_town.seed("people")
    return clerk(sqlite_town, "desk")


@pytest.fixture
def district(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places_offered, "MOST_ESTATES", 1)


def buildings_of(town: Town, grid: int) -> set[int]:
    with town.reading() as session:
        return set(session.scalars(select(Place.id).where(Place.grid_id == grid)))


@pytest.mark.usefixtures("district")
def test_a_grid_is_offered_its_own_buildings_and_those_of_the_estate_that_is_asked_for(wang: Clerk) -> None:
    with wang.town.reading() as session:
        grid = session.scalars(select(Grid.id).order_by(Grid.id)).first()
        estate = place_named(session, "东府佳苑").id
        buildings = select(Place.id).where(Place.kind == "building")
        inside = set(session.scalars(buildings.where(Place.parent_id == estate)))
        elsewhere = set(session.scalars(buildings.where(Place.parent_id != estate)))
    assert grid is not None
    own = buildings_of(wang.town, grid)
    wang.opens("/console/grids/new")
    assert "看哪个小区的楼" in wang.words
    assert not offered(wang)
    wang.opens(f"/console/grids/{grid}?estate={estate}")
    assert offered(wang) == inside | own
    assert offered(wang) & elsewhere == own - inside
    kept = sorted(own | inside)
    wang.sends(
        f"/console/grids/{grid}", name="第一网格", worker="马师傅", buildings=[str(one) for one in kept]
    )
    assert buildings_of(wang.town, grid) == set(kept)


def offered(who: Clerk) -> set[int]:
    return {int(one) for one in re.findall(r'name="buildings"[^>]*value="([0-9]+)"', who.page)}


@pytest.mark.usefixtures("district")
def test_door_codes_of_an_estate_are_shown_when_it_is_asked_for(wang: Clerk) -> None:
    wang.opens("/console/posters")
    assert "整个东府佳苑" not in wang.words
    with wang.town.reading() as session:
        estate = place_named(session, "东府佳苑").id
    wang.opens(f"/console/posters?estate={estate}")
    assert "整个东府佳苑" in wang.words


def test_grids_are_paged(wang: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_grids, "GRIDS_SHOWN", 1)
    with wang.town.reading() as session:
        first, second = session.scalars(select(Grid.name).order_by(Grid.id).limit(2)).all()
    wang.opens("/console/grids")
    assert (first in wang.words, second in wang.words) == (True, False)
    wang.opens("/console/grids?page=2")
    assert (first in wang.words, second in wang.words) == (False, True)


def test_a_long_list_is_counted_as_far_as_somebody_wants_to_know(
    wang: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "COUNTED", 3)
    wang.opens("/console/households")
    assert "3 多户" in wang.words


def test_in_a_district_estates_are_offered_instead_of_doors(
    wang: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang.opens("/console/households/new")
    assert 'value="东府佳苑3号楼2单元"' in wang.page
    monkeypatch.setattr(console_households, "MOST_OFFERED", 5)
    wang.opens("/console/households/new")
    assert 'value="东府佳苑3号楼2单元"' not in wang.page
    assert 'value="东府佳苑"' in wang.page


def test_grids_and_estates_are_offered_by_name_as_long_as_they_are_few(
    wang: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    chief = clerk(wang.town, "admin", login="chief")
    pages = {"/console/matters/places/new": wang, "/console/households": wang, "/console/accounts/new": chief}
    for path, who in pages.items():
        assert 'value="幸福第一网格"' in who.opens(path).text, path
    assert 'value="东府佳苑"' in wang.opens("/console/matters/places/new").text
    monkeypatch.setattr(places_offered, "MOST_NAMES", 1)
    monkeypatch.setattr(places_offered, "MOST_ESTATES", 1)
    for path, who in pages.items():
        assert 'value="幸福第一网格"' not in who.opens(path).text, path
    assert 'value="东府佳苑"' not in wang.opens("/console/matters/places/new").text


def test_a_list_of_households_asks_as_much_for_many_as_for_few(
    wang: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(wang.town.site.database.engine)

    def asked(most: int) -> int:
        monkeypatch.setattr(console_households, "PER_PAGE", most)
        with watch.path("households"):
            wang.opens("/console/households")
        return watch.count

    assert asked(10) == asked(2)


def test_what_was_counted_of_a_crowd_is_kept_for_a_while(
    sqlite_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def count(many: int, key: str = "a") -> int:
        with sqlite_town.reading() as session:
            return lately.counted_lately(session, key, lambda: asked.append(many) or many, int)

    assert (count(10), count(11)) == (10, 11)
    assert (count(lately.LEAST), count(lately.LEAST + 1)) == (lately.LEAST, lately.LEAST)
    assert count(7, "b") == 7
    monkeypatch.setattr("models.lately.time.monotonic", lambda: 1e12)
    assert count(12) == 12

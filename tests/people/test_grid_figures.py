"""How many live in a grid, as the console's list of grids says it: in the house's own few questions."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers.people import actions as people
from models.grid_figures import GridFigures, figures_of
from models.households import STALE_AFTER, Household, households_in_grid
from models.identity import Actor, Person
from models.people import residents
from models.places import Grid, Place, places_of_grid
from models.sight import lives_in
from tests.guides.test_warming import statements
from tests.neighbours import Town
from tests.people.homes import place_named
from tests.staff.clerks import clerk


def by_the_lists(session: Session, grid: Grid) -> GridFigures:
    """What the lists behind these numbers hold."""
    homes = session.scalars(households_in_grid(grid.id)).all()
    people = session.scalars(residents().where(lives_in(places_of_grid(grid.id)))).all()
    buildings = session.scalar(select(func.count()).where(Place.grid_id == grid.id)) or 0
    old = [home for home in homes if home.checked_at < home.made_at]
    return GridFigures(buildings, len(homes), len(old), len(people))


def test_the_figures_of_each_grid_are_those_of_its_lists(town: Town) -> None:
    town.seed("people")

    def unit(session: Session) -> None:
        newcomer = Actor(session, person=Person(name="陈玉兰"), channel="chat")
        session.add(newcomer.me)
        session.flush()
        people.join(
            newcomer, name="陈玉兰", phone="13900000099", place=place_named(session, "东府佳苑", "3号楼")
        )
        home = session.scalars(select(Household).order_by(Household.id).limit(1)).one()
        home.checked_at = home.made_at - 2 * STALE_AFTER

    town.writing(unit)
    with town.reading() as session:
        grids = session.scalars(select(Grid).order_by(Grid.id)).all()
        expected = {grid.id: by_the_lists(session, grid) for grid in grids}
        assert figures_of(session, grids) == expected
        assert sum(one.stale for one in expected.values()) == 1
        assert sum(one.residents for one in expected.values()) > sum(
            one.households for one in expected.values()
        )
        assert figures_of(session, []) == {}


def test_a_page_of_grids_asks_as_much_as_a_page_with_one(sqlite_town: Town) -> None:
    sqlite_town.seed("people")
    wang, asked = clerk(sqlite_town, "desk"), []
    wang.opens("/console/grids")
    for more in (0, 12):
        for number in range(more):
            sqlite_town.writing(
                lambda s, n=number: s.add(Grid(name=f"新{n}", worker="李桂花", worker_phone="0971"))
            )
        with statements(sqlite_town.site.database) as said:
            wang.opens("/console/grids")
        asked.append(len(said))
    assert "新11" in wang.page
    assert asked[0] == asked[1]

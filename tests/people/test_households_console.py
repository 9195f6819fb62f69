"""住户, 网格, 楼栋 at the console, as a clerk and a grid worker walk through them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.people import console_households
from models.households import Household, live_households
from models.places import Grid, Place
from tests.neighbours import Town
from tests.people.homes import place_named
from tests.people.test_console import grid_worker
from tests.people.test_households import home_of
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    sqlite_town.seed("people")
    return clerk(sqlite_town, "desk")


def number(who: Clerk, name: str) -> int:
    with who.town.reading() as session:
        return home_of(session, name).id


def test_the_list_covers_names_and_is_filtered_by_grid_and_place(wang: Clerk) -> None:
    wang.opens("/console/households")
    assert "共 11 户" in wang.words
    assert "马*国" in wang.words
    assert "马建国" not in wang.page
    with wang.town.reading() as session:
        assert audited(session, "people.list_households")[-1].facts == {"found": 11}
    wang.opens("/console/households?grid=幸福第一网格")
    assert "共 3 户" in wang.words
    wang.opens("/console/households?place=东府佳苑3号楼2单元")
    assert "共 1 户" in wang.words
    wang.opens("/console/households?number=2&page=0")
    assert "王*福" in wang.words


def test_a_household_is_made_and_people_come_and_leave(wang: Clerk) -> None:
    wang.sends("/console/households/new", who="没这个人", place="东府佳苑6号楼1单元", door="501")
    assert "没找到这个人" in wang.words
    wang.sends("/console/households/new", who="吴桂兰", place="东府佳苑9号楼", door="501")
    assert "没有这个地方" in wang.words
    wang.sends("/console/households/new", who="吴桂兰", place="东府佳苑6号楼1单元", door="501", follow=True)
    assert "东府佳苑6号楼1单元501" in wang.words
    made = number(wang, "吴桂兰")
    wang.sends(f"/console/households/{made}/add", who="李", tie="child")
    assert "没找到这个人" in wang.words
    wang.sends(f"/console/households/{made}/add", who="0019", tie="lodger", until="2030-01-01", follow=True)
    assert "暂住到2030年1月1日" in wang.words
    with wang.town.reading() as session:
        stay = audited(session, "people.household_add")[-1]
        assert stay.object_id == str(made)


def test_a_move_says_what_will_happen_before_it_happens_and_is_undone(wang: Clerk) -> None:
    old, other = number(wang, "马秀兰"), number(wang, "王德福")
    path = f"/console/households/{old}/move"
    wang.opens(path)
    stays = [part.partition('"')[0] for part in wang.page.split('name="stay" value="')[1:]]
    fields = {"stay": stays, "place": "东府佳苑1号楼1单元", "door": "102"}
    wang.sends(path, **fields)
    assert f"3 人搬到东府佳苑1号楼1单元102,和第{other}户的 3 人并成一户" in wang.words
    assert number(wang, "马秀兰") == old
    wang.sends(path, follow=True, sure="yes", **fields)
    assert "现在住着 6 人" in wang.words
    change = wang.page.partition('name="change" value="')[2].partition('"')[0]
    wang.sends(f"/console/households/{other}/undo", follow=True, change=change)
    assert "撤销了" in wang.words
    assert number(wang, "马秀兰") == old


def test_a_merge_names_who_comes_and_asks_once_more(wang: Clerk) -> None:
    kept, gone = number(wang, "王德福"), number(wang, "赵淑芬")
    wang.sends(f"/console/households/{kept}/merge", other=f"{gone}户")
    assert "赵淑芬" in wang.words
    assert "并好一共 4 人" in wang.words
    wang.sends(f"/console/households/{kept}/merge", other=str(gone), sure="yes", follow=True)
    assert number(wang, "赵淑芬") == kept
    wang.opens(f"/console/households/{gone}")
    assert f"第{kept}户" in wang.words


def test_dissolving_needs_the_desk_and_can_be_undone(wang: Clerk) -> None:
    home = number(wang, "祁生华")
    worker = grid_worker(wang.town, "幸福第一网格")
    assert worker.sends(f"/console/households/{home}/dissolve").status_code == 403
    wang.sends(f"/console/households/{home}/dissolve", reason="整栋拆了", follow=True)
    assert "起没有人了" in wang.words


def test_b14_a_grid_worker_sees_households_of_their_grid_and_404_for_others(wang: Clerk) -> None:
    worker = grid_worker(wang.town, "幸福第一网格")
    worker.opens("/console/households?grid=幸福第二网格")
    assert "共 3 户" in worker.words
    foreign, own = number(wang, "马秀兰"), number(wang, "才让卓玛")
    assert worker.opens(f"/console/households/{own}").status_code == 200
    for path in ("", "/move", "/merge"):
        assert worker.opens(f"/console/households/{foreign}{path}").status_code == 404
    for path in ("/add", "/tie", "/remove", "/check", "/undo", "/move", "/merge"):
        answer = worker.sends(f"/console/households/{foreign}{path}", who="才让卓玛", stay="1", tie="child")
        assert answer.status_code in (302, 404), path
        assert "马建国" not in worker.page
    worker.sends(f"/console/households/{own}/merge", other=str(foreign), sure="yes")
    worker.opens("/console/grids")
    assert "纺织第一网格" not in worker.page
    with wang.town.reading() as session:
        assert len(session.scalars(live_households()).all()) == 11


def test_a_building_with_households_never_falls_out_of_every_grid(wang: Clerk) -> None:
    with wang.town.reading() as session:
        grid = session.scalars(select(Grid.id).where(Grid.name == "幸福第一网格")).one()
        free, lived = (
            place_named(session, "湖滨小区", "1号楼").id,
            place_named(session, "湖滨小区", "2号楼").id,
        )
        all_of_them = list(session.scalars(select(Place.id).where(Place.grid_id == grid)))
    fields = {"name": "幸福第一网格", "worker": "才让措", "worker_phone": "0971-8170013"}
    path = f"/console/grids/{grid}"
    wang.sends(path, buildings=[one for one in all_of_them if one != lived], **fields)
    assert "楼不能没有网格" in wang.words
    wang.sends(path, buildings=[one for one in all_of_them if one != free], follow=True, **fields)
    assert "还没有网格的楼" in wang.words
    wang.sends("/console/grids/new", name="幸福第三网格", worker="李桂花", buildings=[free], follow=True)
    assert "幸福第三网格" in wang.words
    assert "还没有网格的楼" not in wang.words


def test_places_are_added_renamed_and_put_in_order(wang: Clerk) -> None:
    with wang.town.reading() as session:
        estate, first = place_named(session, "湖滨小区").id, place_named(session, "湖滨小区", "1号楼").id
    wang.sends(f"/console/places/{estate}/add", name="5号楼", follow=True)
    assert "5号楼" in wang.words
    wang.sends(f"/console/places/{estate}/add", name="5号楼", follow=True)
    assert "已经有了" in wang.words
    wang.sends(f"/console/places/{first}/rename", name="甲1号楼", follow=True)
    wang.sends(f"/console/places/{first}/order", to="down", follow=True)
    assert wang.words.index("2号楼") < wang.words.index("甲1号楼")
    assert wang.sends(f"/console/places/{first}/order", to="sideways").status_code == 404


def test_a_household_shows_who_says_that_they_moved(wang: Clerk) -> None:
    from handlers.people import actions
    from models.identity import Actor
    from tests.people.test_households import called

    def moved(session) -> None:  # type: ignore[no-untyped-def]
        actions.correct_place(
            Actor(session, called(session, "马小娟")), place_named(session, "湖滨小区", "1号楼")
        )

    wang.town.writing(moved)
    wang.opens(f"/console/households/{number(wang, '马秀兰')}")
    assert "本人说搬了" in wang.words
    with wang.town.reading() as session:
        assert session.get_one(Household, 1).ended_at is None


def test_b08_no_link_of_the_list_is_made_of_what_an_address_says_to_the_router(
    wang: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_households, "PER_PAGE", 5)
    wang.opens("/console/households?page=2&_scheme=javascript&_anchor=x&x=%250aalert(1)")
    assert "上一页" in wang.words
    assert "javascript:" not in wang.page
    assert "alert" not in wang.page
    assert wang.opens("/console/households?page=2&endpoint=x&number=").status_code == 200
    assert "endpoint" not in wang.page.partition("上一页")[0].rpartition("<a")[2]


def test_b16_whoever_is_named_on_the_pages_of_moving_and_merging_was_looked_at(wang: Clerk) -> None:
    kept, gone = number(wang, "王德福"), number(wang, "赵淑芬")
    wang.opens(f"/console/households/{kept}/move")
    assert "王德福" in wang.words
    wang.sends(f"/console/households/{kept}/merge", other=str(gone))
    assert "赵淑芬" in wang.words
    with wang.town.reading() as session:
        looked = [line.object_id for line in audited(session, "people.view_household")]
    assert looked == [str(kept), str(gone)]


def test_b14_a_grid_worker_does_not_learn_how_many_live_behind_a_door_elsewhere(wang: Clerk) -> None:
    with wang.town.reading() as session:
        home = home_of(session, "马秀兰")
        assert home.place.grid is not None
        grid = home.place.grid
        other = next(one for one in session.scalars(live_households()) if one.place.grid is not grid)
        own, place, door, mine = home.id, other.place.full_name, other.door, grid.name
    worker = grid_worker(wang.town, mine)
    path = f"/console/households/{own}/move"
    worker.opens(path)
    stays = [part.partition('"')[0] for part in worker.page.split('name="stay" value="')[1:]]
    worker.sends(path, stay=stays, place=place, door=door)
    assert "没有这个楼栋单元" in worker.words
    assert "并成一户" not in worker.words
    assert "在那里立一户" not in worker.words

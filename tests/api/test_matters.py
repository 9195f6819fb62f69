"""Matters from the mini-program: said once, seen by who said it, opened again; the rules of the chat hold here too."""

from __future__ import annotations

from sqlalchemy import func, select

from handlers.matters import actions
from models.confidential import ConfidentialMatter
from models.identity import Actor
from models.matters import Matter
from tests.api.minis import Mini, problem
from tests.neighbours import Town

LAMP = "3号楼2单元的楼道灯不亮"


def finish(town: Town, number: int) -> None:
    def unit(session) -> None:  # type: ignore[no-untyped-def]
        actions.finish(Actor(session, channel="job"), session.get_one(Matter, number), "灯换好了")

    town.writing(unit)


def test_a_matter_goes_its_way(town: Town, ma: Mini) -> None:
    said = ma.post("/matters", text=LAMP, kind="报修", where="东府佳苑3号楼")
    assert said.status_code == 201
    number = said.json["id"]
    assert (said.json["state"], said.json["contact"], said.json["where"]) == (
        "received",
        "confidential",
        "东府佳苑3号楼",
    )
    problem(ma.post(f"/matters/{number}/solved"), 409, "matters.not_now")
    finish(town, number)
    done = ma.get(f"/matters/{number}").json
    assert (done["outcome"], done["can_be_reopened"]) == ("灯换好了", True)
    assert [step["what"] for step in done["steps"]] == ["said", "done"]
    assert ma.post(f"/matters/{number}/unsolved", text="还是不亮").json["state"] == "received"
    assert ma.post(f"/matters/{number}/withdraw").json["state"] == "withdrawn"
    assert [row["id"] for row in ma.get("/matters").json["items"]] == [number]


def test_a_key_makes_it_one_matter(town: Town, ma: Mini) -> None:
    first = ma.post("/matters", key="k", text=LAMP, kind="报修").json
    assert ma.post("/matters", key="k", text=LAMP, kind="报修").json == first
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Matter)) == 1


def test_what_must_not_be_kept_is_not_kept(town: Town, ma: Mini) -> None:
    problem(ma.post("/matters", text="社区书记贪污了", kind="投诉"), 409, "matters.not_here")
    problem(ma.post("/matters", text="灯坏", kind="报修"), 409, "matters.too_short")
    problem(ma.post("/matters", text=LAMP, kind="检举"), 422, "invalid")
    problem(ma.post("/matters", text=LAMP, kind="建议", contact="anonymous"), 422, "invalid")
    assert "12356" in ma.post("/matters", text="我不想活了", kind="求助").json["detail"]
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Matter)) == 0
    with town.site.confidential.reading() as session:
        assert session.scalar(select(func.count()).select_from(ConfidentialMatter)) == 1


def test_a_neighbour_finds_nothing_of_mine(town: Town, ma: Mini, mini) -> None:  # type: ignore[no-untyped-def]
    number = ma.post("/matters", text=LAMP, kind="报修").json["id"]
    stranger = mini(town, "路人")
    problem(stranger.get(f"/matters/{number}"), 404, "not_found")
    for step in ("solved", "unsolved", "withdraw"):
        body = {"text": "还是不亮"} if step == "unsolved" else {}
        problem(stranger.post(f"/matters/{number}/{step}", **body), 404, "not_found")
    assert stranger.get("/matters").json["items"] == []

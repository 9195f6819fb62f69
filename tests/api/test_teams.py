"""Teams for programs: asking to join, one's shifts, the first yes, the week by chosen names, thanks on the wall."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import NamedTuple

import pytest
from sqlalchemy.orm import Session

from handlers.teams import actions
from handlers.teams.waves import look_after_shifts
from models.activities import ActivitySession
from models.teams import Team, TeamMember
from tests.activities.plans import house
from tests.api.minis import V1, Mini, problem
from tests.neighbours import Town, frozen
from tests.sandbox.platform_process import RunningPlatform

MONDAY = "2026-11-23 08:30"
PATROL = actions.WeeklyShift(1, time(19, 30), time(21), 2, "社区门口", "夜巡")


class Made(NamedTuple):
    team: int
    shift: int


@pytest.fixture
def han(town: Town, platform: RunningPlatform) -> Mini:
    return Mini(town, platform, "韩世杰").logs_in().joins("13900000002")


@pytest.fixture
def li(town: Town, platform: RunningPlatform) -> Mini:
    return Mini(town, platform, "李桂英").logs_in().joins("13900000003")


def a_team(town: Town, *members: Mini, **facts: object) -> Made:
    """A team with these members, the first of whom leads, and two shifts."""

    def unit(session: Session) -> Made:
        by = house(session)
        told = {"name": "阿娘夜巡队", "kind": "patrol", "sentence": "晚上在院里走一圈。"} | facts
        team = actions.found_team(by, **told)  # type: ignore[arg-type]
        session.flush()
        for at, one in enumerate(members):
            row = actions.add(by, team, one.person(session))
            if at == 0:
                actions.set_role(by, row, "leader")
        plan = actions.plan_shift(by, team, replace(PATROL))
        held = session.query(ActivitySession).filter_by(activity_id=plan.activity_id).order_by("id").first()
        assert held is not None
        return Made(team.id, held.id)

    return town.writing(unit)


def test_who_asks_is_let_in_by_the_leader_and_sees_the_week(town: Town, ma: Mini, han: Mini) -> None:
    with frozen(MONDAY):
        made = a_team(town, ma)
        (shown,) = town.client.get(f"{V1}/teams").json["items"]
        assert (shown["name"], shown["entry"]) == ("阿娘夜巡队", "ask")
        asked = han.post(f"/teams/{made.team}/join", called="韩大哥", phone_shown=True)
        assert (asked.status_code, asked.json["state"], asked.json["called"]) == (201, "asked", "韩大哥")
        problem(han.get(f"/memberships/{asked.json['id']}/week"), 404, "not_found")

        def agree(session: Session) -> None:
            actions.agree(house(session), session.get_one(TeamMember, asked.json["id"]))

        town.writing(agree)
        assert next(one["id"] for one in han.get("/shifts/open").json["items"]) == made.shift
        assert han.post(f"/shifts/{made.shift}/join").json["title"] == "夜巡"
        assert [one["id"] for one in han.get("/shifts").json["items"]] == [made.shift]
        week = han.get(f"/memberships/{asked.json['id']}/week", day="2026-11-24").json
        assert (week["monday"], week["shifts"][0]["hands"]) == ("2026-11-23", ["韩大哥"])
        assert week["shifts"][0]["missing"] == 1


def test_a_team_by_invitation_takes_nobody_who_asks(town: Town, ma: Mini, han: Mini) -> None:
    with frozen(MONDAY):
        made = a_team(town, ma, entry="invited")
        problem(han.post(f"/teams/{made.team}/join"), 409, "teams.invited_only")
        row = town.writing(lambda s: actions.invite(house(s), s.get_one(Team, made.team), han.person(s)).id)
        (mine,) = han.get("/memberships").json["items"]
        assert (mine["id"], mine["state"]) == (row, "invited")
        assert han.post(f"/memberships/{row}/accept", called="韩大哥").json["state"] == "active"
        away = han.post(f"/memberships/{row}/pause", first="2026-11-24", last="2026-11-25").json
        assert away["paused_until"] == "2026-11-25"
        problem(
            han.post(f"/memberships/{row}/pause", first="2026-11-25", last="2026-11-24"),
            409,
            "teams.bad_pause",
        )
        assert han.post(f"/memberships/{row}/back").json["paused_until"] is None
        assert han.post(f"/memberships/{row}/leave").json["state"] == "left"


def test_a_shift_goes_to_the_first_who_says_yes_and_back_when_it_is_undone(
    town: Town, ma: Mini, han: Mini, li: Mini
) -> None:
    with frozen(MONDAY):
        made = a_team(town, ma, han, li)
        han.post(f"/shifts/{made.shift}/join")
        problem(li.post(f"/shifts/{made.shift}/cover"), 404, "not_found")
        asked = han.post(f"/shifts/{made.shift}/cover")
        assert (asked.status_code, asked.json["mine"], asked.json["state"]) == (201, True, "open")
        assert li.get("/covers").json["items"] == []
    with frozen("2026-11-23 09:00"):
        look_after_shifts(town.site)
        (cover,) = li.get("/covers").json["items"]
        assert (cover["called"], cover["mine"]) == ("韩*杰", False)
        assert li.post(f"/covers/{cover['id']}/take").json["state"] == "taken"
        problem(ma.post(f"/covers/{cover['id']}/take"), 409, "teams.taken")
        assert [one["id"] for one in li.get("/shifts").json["items"]] == [made.shift]
        assert han.post(f"/covers/{cover['id']}/undo").json["state"] == "undone"
        assert [one["id"] for one in han.get("/shifts").json["items"]] == [made.shift]


def test_a_swap_names_a_mate_and_their_shift(town: Town, ma: Mini, han: Mini) -> None:
    with frozen(MONDAY):
        made = a_team(town, ma, han)
        han.post(f"/shifts/{made.shift}/join")
        later = next(one["id"] for one in ma.get("/shifts/open").json["items"] if one["id"] != made.shift)
        ma.post(f"/shifts/{later}/join")
        (mate,) = han.get(f"/shifts/{made.shift}/mates").json["items"]
        assert [one["id"] for one in mate["shifts"]] == [later]
        asked = han.post(f"/shifts/{made.shift}/cover", mate=mate["id"], other=later)
        assert asked.json["other"]["id"] == later
        problem(han.post(f"/shifts/{made.shift}/cover", other=made.team), 404, "not_found")
    with frozen("2026-11-23 09:00"):
        look_after_shifts(town.site)
        assert ma.post(f"/covers/{asked.json['id']}/take").json["state"] == "taken"
        assert [one["id"] for one in ma.get("/shifts").json["items"]] == [made.shift]
        assert [one["id"] for one in han.get("/shifts").json["items"]] == [later]


def test_thanks_stand_on_the_wall_when_their_owner_wants(town: Town, ma: Mini, han: Mini) -> None:
    with frozen(MONDAY):
        a_team(town, ma, han)
        (row,) = han.get("/memberships").json["items"]

        def thank(session: Session) -> int:
            said = actions.thank_member(
                house(session), session.get_one(TeamMember, row["id"]), "下雪还来巡院"
            )
            return actions.approve(house(session), said, "下雪还来巡院").id

        number = town.writing(thank)
        assert town.client.get(f"{V1}/thanks").json["items"] == []
        assert [one["id"] for one in han.get("/thanks/mine").json["items"]] == [number]
        problem(ma.post(f"/thanks/{number}/show", shown=True), 404, "not_found")
        assert han.post(f"/thanks/{number}/show", shown=True).json["shown_as"] == "韩*杰"
        (line,) = town.client.get(f"{V1}/thanks").json["items"]
        assert line == {"text": "下雪还来巡院", "shown_as": "韩*杰", "what": "阿娘夜巡队"}

"""Teams at the console: founding, the roster, the plan, the week on paper, thanks to read, and who may what."""

from __future__ import annotations

from sqlalchemy import select

from handlers.volunteers import actions as volunteers
from models.activities import ActivitySession
from models.ledger import TimeAccount
from models.teams import Team
from models.teams_thanks import Thanks
from tests.activities.plans import house
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor
from tests.staff.clerks import audited, clerk
from tests.teams.bands import (
    HAN,
    LEADER,
    LI,
    a_team,
    known,
    on,
    planned,
    row_id,
    standing,
    told,
    who_comes,
)

NEW = {
    "name": "夏都志愿者",
    "kind": "volunteers",
    "programme": "",
    "sentence": "哪里要人手就去哪里。",
    "contact_hours": "工作日上午",
    "entry": "ask",
    "least": "2",
    "most": "30",
}
PLAN = {
    "p-weekday": "1",
    "p-opens": "19:30",
    "p-closes": "21:00",
    "p-title": "夜巡",
    "p-place": "社区门口",
    "p-hands": "2",
    "p-weeks": "2",
    "p-rota": "open",
    "p-alarm_hours": "12",
}


def test_the_desk_founds_a_team_with_members_a_leader_and_a_plan(sqlite_town: Town) -> None:
    desk = clerk(sqlite_town, "desk")
    for name in (LEADER, HAN):
        known(sqlite_town, name)
    with sqlite_town.reading() as session:
        me = desk.member(session).id
    desk.opens("/console/teams/new")
    assert desk.sends("/console/teams/new", **NEW, owner=str(me)).status_code == 302, desk.words
    with sqlite_town.reading() as session:
        team = session.scalars(select(Team.id)).one()
    desk.sends(f"/console/teams/{team}/members", who=LEADER, how="add")
    desk.sends(f"/console/teams/{team}/members", who=HAN, how="invite")
    assert (standing(sqlite_town, team, LEADER), standing(sqlite_town, team, HAN)) == ("member", "invited")
    row = row_id(sqlite_town, team, LEADER)
    assert "移出队伍" in desk.opens(f"/console/teams/members/{row}").text
    desk.sends(f"/console/teams/members/{row}/leader")
    assert standing(sqlite_town, team, LEADER) == "leader"
    assert told(sqlite_town, "leads") == [LEADER]
    assert "请您加入" in sqlite_town.phone(HAN).says("我的队伍")
    sqlite_town.phone(HAN).says("1", "1", "1")
    assert standing(sqlite_town, team, HAN) == "member"
    assert desk.sends(f"/console/teams/{team}/plan", **PLAN).status_code == 302, desk.words
    page = desk.opens(f"/console/teams/{team}/week?day=2026-11-24")
    assert "夜巡" in page.text
    assert "缺2人" in page.text
    assert "缺2人" in desk.opens("/console/teams").text
    assert "夜巡缺2人" in desk.opens("/console/").text


def test_nobody_is_added_whom_the_words_do_not_name_exactly(sqlite_town: Town) -> None:
    team = a_team(sqlite_town)
    desk = clerk(sqlite_town, "desk")
    assert desk.sends(f"/console/teams/{team}/members", who="没有这个人", how="add").status_code == 200
    assert "没有" in desk.words
    assert standing(sqlite_town, team, LEADER) == "leader"


def test_the_roster_of_a_week_on_paper_shows_only_chosen_names(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    desk = clerk(sqlite_town, "desk")
    page = desk.opens(f"/console/teams/{team}/print?day=2026-11-24").text
    assert "韩*杰" in page
    assert HAN not in page
    with sqlite_town.reading() as session:
        assert len(audited(session, "teams.print_week")) == 1


def test_the_time_account_is_opened_once_and_its_leader_sees_it(sqlite_town: Town) -> None:
    team = a_team(sqlite_town)
    desk = clerk(sqlite_town, "desk")
    for _ in range(2):
        desk.sends(f"/console/teams/{team}/account")
    with sqlite_town.reading() as session:
        account = session.scalars(select(TimeAccount).where(TimeAccount.kind == "team")).one()
        assert session.get_one(Team, team).account_id == account.id
    leader = Visitor(sqlite_town, sqlite_town.phone(LEADER)).opens(f"/h5/teams/{team}/lead")
    assert "队里的时间账户: 0分钟" in leader.words


def test_thanks_of_the_desk_are_read_by_somebody_else_and_not_with_a_name(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    desk, approver = clerk(sqlite_town, "desk"), clerk(sqlite_town, "approver")
    said = "谢谢韩世杰,电话13912345678也打得通"
    desk.sends(f"/console/teams/members/{row_id(sqlite_town, team, HAN)}/thank", words=said)
    with sqlite_town.reading() as session:
        number = session.scalars(select(Thanks.id)).one()
    assert desk.sends(f"/console/teams/thanks/{number}", answer="yes", words="谢谢您").status_code == 403
    approver.opens("/console/teams/thanks")
    assert "话里有电话" in approver.words
    approver.sends(f"/console/teams/thanks/{number}", answer="yes", words=said, follow=True)
    assert "不能让别人看到" in approver.words
    approver.sends(f"/console/teams/thanks/{number}", answer="yes", words="谢谢您,随叫随到")
    with sqlite_town.reading() as session:
        row = session.get_one(Thanks, number)
        assert (row.state, row.public_text, row.shown) == ("approved", "谢谢您,随叫随到", None)
    assert told(sqlite_town, "thanked") == [HAN]


def test_those_without_the_role_enter_no_page_of_teams(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    planned(sqlite_town, team)
    auditor, approver = clerk(sqlite_town, "auditor"), clerk(sqlite_town, "approver")
    for address in ("", f"/{team}", f"/{team}/week", f"/{team}/print", f"/{team}/attendance", "/thanks"):
        assert auditor.opens(f"/console/teams{address}").status_code == 403
    row = row_id(sqlite_town, team, HAN)
    assert approver.sends(f"/console/teams/members/{row}/remove").status_code == 403
    assert approver.sends(f"/console/teams/{team}/word", chosen="warm").status_code == 403
    assert standing(sqlite_town, team, HAN) == "member"


def test_a_resting_team_plans_and_takes_nobody(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    desk = clerk(sqlite_town, "leader")
    known(sqlite_town, LI)
    desk.sends(f"/console/teams/{team}/rest")
    assert "眼下没有能报名加入的队伍" in sqlite_town.phone(LI).says("加入队伍")
    desk.sends(f"/console/teams/{team}/plan", **PLAN)
    assert "休息" in desk.words
    desk.sends(f"/console/teams/{team}/wake")
    assert "1 阿娘夜巡队" in sqlite_town.phone(LI).says("加入队伍")


def test_attendance_of_rehearsals_shows_who_came(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI, kind="art")
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN, LI)
    with frozen("2026-11-24 19:31"):

        def came(session) -> None:  # type: ignore[no-untyped-def]
            who, held = sqlite_town.phone(HAN).person(session), session.get_one(ActivitySession, first)
            volunteers.tick(house(session), held, who, "in", nonce="n")

        sqlite_town.writing(came)
        desk = clerk(sqlite_town, "desk")
        desk.opens(f"/console/teams/{team}/attendance")
        words = desk.words
    assert "韩世杰 到 1/1" in words
    assert "李桂英 缺 0/1" in words
    assert who_comes(sqlite_town, first) == {HAN, LI}

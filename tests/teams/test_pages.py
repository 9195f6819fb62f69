"""Teams as residents' pages: joining by form and by link, shifts, the leader's page, thanks; and who sees nothing."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from app import clock
from handlers.teams import actions
from models.hours import ServiceHours
from models.outbox import OutboxRow
from models.proxies import Proxy
from models.teams import Team, TeamMember
from models.teams_covers import Cover
from models.teams_thanks import Thanks
from tests.activities.plans import house
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor
from tests.staff.clerks import audited
from tests.teams.bands import (
    HAN,
    LEADER,
    LI,
    WANG,
    a_team,
    cover_states,
    known,
    looked_after,
    on,
    planned,
    row_id,
    standing,
    told,
    who_comes,
)


def visitor(town: Town, name: str) -> Visitor:
    return Visitor(town, town.phone(name))


def a_search(town: Town, team: int) -> tuple[int, int]:
    """(shift, search): 韩 cannot come on Tuesday, and 李 and the leader were asked."""
    first, *_ = planned(town, team)
    on(town, first, HAN)
    visitor(town, HAN).opens(f"/h5/shifts/{first}").presses("问能来的队友")
    looked_after(town)
    with town.reading() as session:
        return first, session.scalars(select(Cover.id)).one()


def test_anybody_reads_about_a_team_and_nobody_about_who_is_in_it(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    page = Visitor(sqlite_town).opens("/h5/teams").taps("阿娘夜巡队")
    assert page.status == 200
    assert "晚上在院里走一圈" in page.words
    assert "韩" not in page.words
    assert "马" not in page.words.replace("比如马阿娘", "")
    assert Visitor(sqlite_town).opens("/h5/teams/999").status == 404
    assert team


def test_a_form_asks_and_the_leader_agrees_on_a_phone(sqlite_town: Town) -> None:
    team = a_team(sqlite_town)
    known(sqlite_town, HAN)
    han = visitor(sqlite_town, HAN).opens(f"/h5/teams/{team}")
    han.presses("我要加入", called="韩大哥", phone="1")
    assert "跟队长说了" in han.words
    leader = visitor(sqlite_town, LEADER).opens(f"/h5/teams/{team}/lead")
    assert "等您同意(1)" in leader.words
    assert HAN in leader.words
    leader.presses("同意")
    assert standing(sqlite_town, team, HAN) == "member"
    assert told(sqlite_town, "let_in") == [LEADER, HAN]
    assert "韩大哥" in visitor(sqlite_town, LEADER).opens(f"/h5/teams/{team}/week").words
    with sqlite_town.reading() as session:
        assert len(audited(session, "teams.view_roster")) >= 1


def test_the_leaders_link_lets_in_at_once_and_an_old_one_does_not(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, entry="invited")
    known(sqlite_town, HAN)
    known(sqlite_town, LI)
    assert not visitor(sqlite_town, HAN).opens(f"/h5/teams/{team}").offers("加入")
    leader = visitor(sqlite_town, LEADER).opens(f"/h5/teams/{team}/lead").presses("做一个邀请")
    link = re.search(rf"/h5/teams/{team}/join/[\w-]+", leader.page)
    assert link is not None
    visitor(sqlite_town, HAN).opens(link[0]).presses("加入")
    assert standing(sqlite_town, team, HAN) == "member"
    leader.presses("换一个新的")
    assert "这个邀请过期了" in visitor(sqlite_town, LI).opens(link[0]).words
    li = visitor(sqlite_town, LI).sends(f"/h5/teams/{team}/join", invite=link[0].rpartition("/")[2], once="x")
    assert li.status == 409
    assert standing(sqlite_town, team, LI) == ""


def test_a_guardian_enters_a_child_and_nobody_elses(sqlite_town: Town) -> None:
    team = a_team(sqlite_town)
    for name in (HAN, LI, WANG):
        known(sqlite_town, name)

    def tie(session) -> int:  # type: ignore[no-untyped-def]
        child, parent = (sqlite_town.phone(one).person(session) for one in (LI, HAN))
        session.add(Proxy(kind="guardian", holder=parent, ward=child, how="desk"))
        return child.id

    child = sqlite_town.writing(tie)
    assert "要家里大人来报" in visitor(sqlite_town, LI).opens(f"/h5/teams/{team}").presses("我要加入").words
    assert visitor(sqlite_town, WANG).sends(f"/h5/teams/{team}/join", who=str(child), once="y").status == 409
    visitor(sqlite_town, HAN).opens(f"/h5/teams/{team}").presses("我要加入", who=str(child))
    assert standing(sqlite_town, team, LI) == "asked"
    visitor(sqlite_town, LEADER).opens(f"/h5/teams/{team}/lead").presses("同意")
    assert HAN in told(sqlite_town, "let_in"), "the guardian is told"
    assert "孩子李桂英" in visitor(sqlite_town, HAN).opens("/h5/teams/mine").words


def test_a_shift_is_handed_on_by_buttons(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    first, _ = a_search(sqlite_town, team)
    assert "正在找人替" in visitor(sqlite_town, HAN).opens(f"/h5/shifts/{first}").words
    li = visitor(sqlite_town, LI).opens("/h5/teams/mine")
    assert "韩*杰来不了,您能去吗" in li.words
    li.presses("能去")
    assert "谢谢您,这个班您来" in li.words
    assert who_comes(sqlite_town, first) == {LI}
    li.presses("撤销换班")
    assert who_comes(sqlite_town, first) == {HAN}


def test_one_mate_alone_is_asked_and_says_no(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    first, *_ = planned(sqlite_town, team)
    on(sqlite_town, first, HAN)
    han = visitor(sqlite_town, HAN).opens(f"/h5/shifts/{first}")
    han.sends(f"/h5/shifts/{first}/cover", mate=row_id(sqlite_town, team, LI), once="one")
    looked_after(sqlite_town)
    assert told(sqlite_town, "cover_asked") == [LI]
    visitor(sqlite_town, LI).opens("/h5/teams/mine").presses("去不了")
    assert told(sqlite_town, "cover_refused") == [HAN]
    assert who_comes(sqlite_town, first) == {HAN}


def test_what_a_leader_may_see_ends_when_they_lead_no_more(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    first, *_ = planned(sqlite_town, team)
    leader = visitor(sqlite_town, LEADER)
    assert leader.opens(f"/h5/teams/{team}/lead").status == 200
    assert leader.opens(f"/h5/leading/{first}").status == 200

    def down(session) -> None:  # type: ignore[no-untyped-def]
        row = session.get_one(TeamMember, row_id(sqlite_town, team, LEADER))
        session.get_one(Team, team).staff_id = None
        actions.set_role(
            house(session), session.get_one(TeamMember, row_id(sqlite_town, team, HAN)), "leader"
        )
        actions.set_role(house(session), row, "member")

    sqlite_town.writing(down)
    for address in (f"/h5/teams/{team}/lead", f"/h5/teams/{team}/attendance", f"/h5/leading/{first}"):
        assert leader.opens(address).status == 404


def test_a_stranger_finds_nothing_of_a_team(sqlite_town: Town) -> None:
    """Not its week, not its roster, no shift, no search; and nothing that is sent changes anything."""
    team = a_team(sqlite_town, HAN, LI)
    first, cover = a_search(sqlite_town, team)
    known(sqlite_town, WANG)
    wang, row = visitor(sqlite_town, WANG), row_id(sqlite_town, team, HAN)
    mate = row_id(sqlite_town, team, LI)
    for address in (
        f"/h5/teams/{team}/week",
        f"/h5/teams/{team}/lead",
        f"/h5/teams/{team}/attendance",
        f"/h5/teams/members/{row}",
        f"/h5/shifts/{first}",
        f"/h5/shifts/{first}/swap/{mate}",
    ):
        page = wang.opens(address)
        assert page.status == 404, address
        assert HAN not in page.page
        assert "韩*杰" not in page.page
    for address, fields in (
        (f"/h5/teams/members/{row}/leave", {}),
        (f"/h5/teams/members/{row}/pause", {"first": "2026-11-24", "last": "2026-11-25"}),
        (f"/h5/shifts/{first}/cover", {}),
        (f"/h5/shifts/{first}/join", {}),
        *((f"/h5/covers/{cover}/{step}", {}) for step in ("take", "decline", "withdraw", "undo")),
        *((f"/h5/teams/{team}/lead/{step}", {"member": row}) for step in ("agree", "remove", "deputy")),
        (f"/h5/teams/{team}/lead/pause", {"member": row, "first": "2026-11-24", "last": "2026-11-25"}),
        (f"/h5/teams/{team}/lead/invite", {}),
        (f"/h5/teams/{team}/lead/cover", {"session": first, "person": 1}),
        (f"/h5/teams/{team}/lead/word", {"chosen": "warm"}),
        (f"/h5/teams/{team}/lead/thank", {"member": row, "words": "谢谢您一直帮忙"}),
    ):
        assert wang.sends(address, **fields, once=address).status == 404, address
    assert standing(sqlite_town, team, HAN) == "member"
    assert (who_comes(sqlite_town, first), cover_states(sqlite_town)) == ({HAN}, ["open"])


def test_a_member_is_no_leader_and_a_leader_removes_no_leader(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    han = visitor(sqlite_town, HAN)
    assert han.opens(f"/h5/teams/{team}/lead").status == 404
    row = row_id(sqlite_town, team, LEADER)
    assert han.sends(f"/h5/teams/{team}/lead/remove", member=row, once="a").status == 404
    leader = visitor(sqlite_town, LEADER)
    leader.sends(f"/h5/teams/{team}/lead/deputy", member=row_id(sqlite_town, team, HAN), once="b")
    assert standing(sqlite_town, team, HAN) == "deputy"
    assert han.sends(f"/h5/teams/{team}/lead/remove", member=row, once="c").status == 409
    leader.sends(f"/h5/teams/{team}/lead/remove", member=row_id(sqlite_town, team, LI), once="d")
    assert standing(sqlite_town, team, LI) == "left"
    assert told(sqlite_town, "removed") == [LI]


def test_a_word_to_the_team_is_counted_and_waits_for_the_morning(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    with frozen("2026-11-23 22:30"):
        leader = visitor(sqlite_town, LEADER)
        leader.opens(f"/h5/teams/{team}/lead").presses("说给2个人", chosen="warm")
        assert told(sqlite_town, "word") == [HAN]
        with sqlite_town.reading() as session:
            due = session.scalars(select(OutboxRow.due).where(OutboxRow.kind == "teams.word")).one()
            assert f"{clock.local(due):%d %H:%M}" == "24 08:00"
        for n in range(3):
            leader.sends(f"/h5/teams/{team}/lead/word", chosen="early", once=f"w{n}")
        assert leader.status == 409, "three in seven days"
        assert leader.sends(f"/h5/teams/{team}/lead/word", own="明天都来", once="own").status == 409


# ---- thanks --------------------------------------------------------------------------------------------------------


def a_thanks(town: Town, team: int) -> int:
    visitor(town, LEADER).opens(f"/h5/teams/{team}/lead").sends(
        f"/h5/teams/{team}/lead/thank", member=row_id(town, team, HAN), words="下雪那天还来巡院", once="t"
    )
    with town.reading() as session:
        return session.scalars(select(Thanks.id)).one()


def approved(town: Town, number: int) -> None:
    def unit(session) -> None:  # type: ignore[no-untyped-def]
        row = session.get_one(Thanks, number)
        actions.approve(house(session), row, row.text or "")

    town.writing(unit)


def test_thanks_are_read_first_then_theirs_then_on_the_wall_if_they_want(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    number = a_thanks(sqlite_town, team)
    han, wall = visitor(sqlite_town, HAN), Visitor(sqlite_town)
    assert "下雪" not in han.opens("/h5/thanks/mine").words
    approved(sqlite_town, number)
    assert told(sqlite_town, "thanked") == [HAN]
    assert "下雪那天还来巡院" in han.opens("/h5/thanks/mine").words
    assert "下雪" not in wall.opens("/h5/thanks").words, "opt in"
    stranger = known(sqlite_town, WANG)
    assert Visitor(sqlite_town, stranger).sends(f"/h5/thanks/{number}/show", once="s").status == 404
    han.presses("愿意放上感谢墙")
    assert "“下雪那天还来巡院” 说给韩*杰" in wall.opens("/h5/thanks").words
    han.presses("取下来")
    assert "下雪" not in wall.opens("/h5/thanks").words
    assert "下雪" in sqlite_town.phone(HAN).says("收到的感谢")


def test_who_was_served_thanks_once_and_nobody_else_for_them(sqlite_town: Town) -> None:
    a_team(sqlite_town, HAN)
    served, other = known(sqlite_town, LI), known(sqlite_town, WANG)

    def hours(session) -> int:  # type: ignore[no-untyped-def]
        ended = clock.now() - timedelta(days=2)
        row = ServiceHours(
            person_id=sqlite_town.phone(HAN).person(session).id,
            source="wish:1",
            what="换灯泡",
            started_at=ended - timedelta(hours=1),
            ended_at=ended,
            counted=60,
            minutes=60,
            served_id=served.person(session).id,
        )
        session.add(row)
        session.flush()
        return row.id

    number = sqlite_town.writing(hours)
    page = Visitor(sqlite_town, other).sends("/h5/thanks/say", hours=number, words="谢谢您来换灯泡", once="o")
    assert page.status == 409
    page = Visitor(sqlite_town, served).opens("/h5/thanks/mine")
    assert "换灯泡" in page.words
    page.sends("/h5/thanks/say", hours=number, words="谢谢您来换灯泡", once="k")
    assert "最近两个月没有记着谁帮过您" in Visitor(sqlite_town, served).opens("/h5/thanks/mine").words
    with sqlite_town.reading() as session:
        row = session.scalars(select(Thanks)).one()
        assert (row.source, row.state, row.what) == ("served", "said", "换灯泡")


def test_only_teams_that_one_leads_stand_on_the_leaders_list(sqlite_town: Town) -> None:
    a_team(sqlite_town, HAN)
    assert "没有带队伍" in visitor(sqlite_town, HAN).opens("/h5/teams/lead").words
    assert "阿娘夜巡队" in visitor(sqlite_town, LEADER).opens("/h5/teams/lead").words

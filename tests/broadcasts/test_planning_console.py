"""At the console: a broadcast is begun from a notice, told to whom it goes, tested, proposed and approved, by different
people, and each sees what is theirs to do."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from models.broadcasts import Broadcast, BroadcastRecipient, BroadcastTest
from models.places import Grid
from models.staff import member_by_login
from models.staff_wechat import bind
from models.tags import Tag, Tagging
from tests.broadcasts.planning import notice, place, resident
from tests.neighbours import Town, frozen
from tests.staff.clerks import Clerk, audited, clerk

PROOFS = ["words", "people", "time"]


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    """The desk, with a WeChat of their own, in a small neighbourhood with a notice that two have read."""
    desk = clerk(sqlite_town, "desk", login="wang", name="王干事")

    def unit(session: Session) -> None:
        grid = Grid(name="第一网格", worker="马网格")
        session.add(grid)
        session.flush()
        estate = place(session, "estate", "东府佳苑", place(session, "committee", "互助中路"))
        three = place(session, "building", "3号楼", estate, grid_id=grid.id)
        five = place(session, "building", "5号楼", estate)
        for name, home in (("马秀兰", three), ("才让卓玛", three), ("韩世杰", five)):
            resident(session, name, home)
        resident(session, "赵淑芬", three, follows=None)
        notice(session)

    sqlite_town.writing(unit)
    sqlite_town.phone("王").says("你好")

    def link(session: Session) -> None:
        member, identity = member_by_login(session, "wang"), sqlite_town.phone("王").identity(session)
        assert member is not None
        assert identity is not None
        bind(session, member, identity)

    sqlite_town.writing(link)
    return desk


def begun(wang: Clerk) -> str:
    """The path of a new broadcast."""
    wang.opens("/console/broadcasts/new")
    answer = wang.sends("/console/broadcasts/new", notice="1")
    assert answer.status_code == 302, wang.words
    return str(answer.headers["Location"]).removesuffix("/write")


def only(wang: Clerk) -> Broadcast:
    with wang.town.reading() as session:
        row = session.scalars(select(Broadcast)).one()
        session.expunge(row)
        return row


def revision(person: Clerk, page: str) -> str:
    person.opens(page)
    found = re.search(r'name="revision"[^>]*value="(\d+)"', person.page)
    assert found is not None, person.words
    return found[1]


def proposed_by(wang: Clerk, **chosen: object) -> str:
    path = begun(wang)
    wang.sends(f"{path}/people", revision=revision(wang, f"{path}/people"), **({"everybody": "1"} | chosen))
    wang.sends(f"{path}/test", follow=True)
    assert "试发了" in wang.words
    wang.sends(f"{path}/propose", follow=True)
    assert "送审了" in wang.words
    return path


def empty_tag(wang: Clerk) -> int:
    def unit(session: Session) -> int:
        tag = Tag(name="没有人", purpose="活动", until=clock.today() + timedelta(days=365))
        session.add(tag)
        session.flush()
        return tag.id

    return wang.town.writing(unit)


def digest_on(li: Clerk, path: str) -> str:
    li.opens(f"{path}/decide")
    found = re.search(r'name="digest" value="(\w+)"', li.page)
    assert found is not None, li.words
    return found[1]


def test_from_the_notice_to_the_last_word(wang: Clerk) -> None:
    with frozen("2026-11-23 10:00"):
        wang.signs_in()
        path = proposed_by(wang)
        li = clerk(wang.town, "approver", login="li", name="李主任")
        assert "等终审的群发" in li.opens("/console/").text
        assert "上门告知 1" in (li.opens(f"{path}/decide"), li.words)[1]
        told = {"digest": digest_on(li, path), "verdict": "pass", "proofs": PROOFS}
        li.sends(f"{path}/decide", follow=True, **told)
        assert "通过了" in li.words
        assert only(wang).state == "approved"
        with wang.town.reading() as session:
            roads = [row.road for row in session.scalars(select(BroadcastRecipient))]
            assert sorted(roads) == ["mass", "mass", "mass", "mass", "paper"]
        assert "等着发" in (wang.opens("/console/broadcasts?which=planned"), wang.words)[1]


def test_what_is_stopped_in_the_hold_sends_nobody_to_a_door(wang: Clerk) -> None:
    path = proposed_by(wang)
    li = clerk(wang.town, "approver", login="li", name="李主任")
    li.sends(f"{path}/decide", digest=digest_on(li, path), verdict="pass", proofs=PROOFS)
    li.opens(f"{path}/progress")
    assert "要上门 1" in li.words
    assert "没开始发就停,一条也不会发出去" in li.words
    li.sends(f"{path}/stop", reason="时间不对", more="", follow=True)
    assert "一条也没有发出去" in li.words
    assert "不用上门了 1" in li.words
    assert "要上门 1" not in li.words


def test_a_moment_that_is_over_is_not_taken(wang: Clerk) -> None:
    path = begun(wang)
    chosen = {"topic": "安全", "roads": ["custom"], "revision": revision(wang, f"{path}/write")}
    wang.sends(f"{path}/write", send_at="2020-01-01T10:00", **chosen)
    assert "这个时间已经过去了" in wang.page
    assert only(wang).send_at is None


def test_what_nobody_would_get_is_not_proposed(wang: Clerk) -> None:
    path = begun(wang)
    wang.sends(
        f"{path}/people", revision=revision(wang, f"{path}/people"), everybody="", tags=[empty_tag(wang)]
    )
    wang.sends(f"{path}/test")
    wang.sends(f"{path}/propose", follow=True)
    assert "一个人也找不到" in wang.words
    assert only(wang).state == "draft"


def test_a_second_window_hears_that_it_is_too_late(wang: Clerk) -> None:
    path = proposed_by(wang)
    seen = revision(wang, f"{path}/write")
    li = clerk(wang.town, "approver", login="li", name="李主任")
    li.sends(f"{path}/decide", digest=digest_on(li, path), verdict="pass", proofs=PROOFS)
    wang.sends(f"{path}/write", topic="安全", roads=["custom"], revision=seen)
    assert 'role="alert"' in wang.page
    assert "这一份试发过了" in (wang.opens(f"{path}/plan"), wang.words)[1], "approved is still tested"


def test_the_count_follows_the_ticks_and_warns_of_what_is_odd(wang: Clerk) -> None:
    path = begun(wang)
    wang.opens(f"{path}/people")
    wang.sends(f"{path}/count", everybody="1")
    assert "超过八成的关注者" in wang.page
    wang.sends(f"{path}/count", everybody="", places=["3"])
    assert '<b class="number">3</b>' in wang.page
    wang.sends(f"{path}/count", everybody="", places=["4"])
    assert "不到2人" in wang.page
    wang.sends(f"{path}/count", everybody="")
    assert "还没有选" in wang.page


def test_samples_are_covered_and_looking_at_them_is_written_down(wang: Clerk) -> None:
    path = begun(wang)
    wang.sends(f"{path}/people", revision=revision(wang, f"{path}/people"), everybody="", places=["3"])
    wang.sends(f"{path}/samples")
    assert "马*兰" in wang.words
    assert "东府佳苑3号楼" in wang.words
    assert "马秀兰" not in wang.page
    with wang.town.reading() as session:
        (line,) = audited(session, "broadcasts.look_at_samples")
        assert len(line.facts["people"]) == 3


def test_samples_are_of_who_is_ticked_and_the_ticks_stay(wang: Clerk) -> None:
    path = begun(wang)
    seen = revision(wang, f"{path}/people")
    wang.sends(f"{path}/samples", revision=seen, everybody="", places=["4"])
    assert "韩*杰" in wang.words
    assert "马*兰" not in wang.words
    assert re.search(r'value="4" id="places-4" checked', wang.page)
    assert f'action="{path}/people"' in wang.page, "what is chosen next is saved, not looked at again"
    assert only(wang).audience == {"everybody": True}
    wang.sends(f"{path}/samples", revision=seen, everybody="")
    assert "还没有选" in wang.page


def test_the_roads_are_boxes_that_a_browser_sends(wang: Clerk) -> None:
    path = begun(wang)
    wang.opens(f"{path}/write")
    for road in ("custom", "notice", "mini", "mass", "paper", "publish"):
        (box,) = re.findall(rf'<input[^>]*name="roads"[^>]*value="{road}"[^>]*>', wang.page)
        assert 'type="checkbox"' in box
        assert ("checked" in box) == (road != "publish")


def test_what_came_back_says_why_on_every_step_and_first_of_all_today(wang: Clerk) -> None:
    wang.signs_in()
    path = proposed_by(wang)
    assert "等终审 明天停水" in (wang.opens("/console/"), wang.words)[1]
    li = clerk(wang.town, "approver", login="li", name="李主任")
    li.sends(f"{path}/decide", digest=digest_on(li, path), verdict="return", comment="哪几栋楼再写清楚")
    assert "退回了 明天停水" in (wang.opens("/console/"), wang.words)[1]
    for step in ("write", "people", "test", "plan"):
        assert "李主任退回了: 哪几栋楼再写清楚" in (wang.opens(f"{path}/{step}"), wang.words)[1], step
    assert wang.sends(f"{path}/propose").status_code == 302
    assert "退回了:" not in (wang.opens(f"{path}/decide"), wang.words)[1]


def test_nobody_is_offered_a_last_word_before_the_reviews(wang: Clerk) -> None:
    def writes(session: Session) -> None:
        notice(session, reviewed=False, title="后天停水")

    wang.town.writing(writes)
    wang.opens("/console/broadcasts/new")
    path = wang.sends("/console/broadcasts/new", notice="2").headers["Location"].removesuffix("/write")
    wang.sends(f"{path}/test")
    assert "也可以先送审" in (wang.opens(f"{path}/plan"), wang.words)[1]
    wang.sends(f"{path}/propose")
    li = clerk(wang.town, "approver", login="li", name="李主任")
    li.opens(f"{path}/decide")
    assert "初审、复审还没通过,现在还不能终审" in li.words
    assert 'value="pass"' not in li.page
    assert 'value="return"' in li.page


def test_who_does_not_see_everybody_neither_chooses_nor_looks_at_samples(wang: Clerk) -> None:
    path = begun(wang)
    reader = clerk(wang.town, "first_review", login="chu3")
    reader.opens(f"{path}/people")
    assert "选人由" in reader.words
    reader.sends(f"{path}/people", revision="1", everybody="", places=["3"])
    assert only(wang).audience == {"everybody": True}
    assert reader.sends(f"{path}/samples").status_code == 403
    assert reader.sends(f"{path}/count", everybody="1").status_code == 403


def test_a_stranger_and_the_wrong_role_get_nothing(wang: Clerk) -> None:
    path = begun(wang)
    leader = clerk(wang.town, "leader", login="leader")
    for page in ("", "/write", "/people", "/test", "/plan", "/decide"):
        assert wang.town.client.get(f"{path}{page}").status_code == 302
        assert leader.opens(f"{path}{page}").status_code == 403
    assert wang.sends(f"{path}/decide", verdict="pass").status_code == 403


def test_without_a_linked_wechat_the_page_says_how_to_link_one(wang: Clerk) -> None:
    path = begun(wang)
    reader = clerk(wang.town, "second_review", login="fu3")
    assert "您还没有绑定微信" in (reader.opens(f"{path}/test"), reader.words)[1]
    reader.sends(f"{path}/test", follow=True)
    assert "没有人收得到试发" in reader.words
    assert "王干事" in reader.words


def test_a_test_goes_out_in_the_same_words_and_a_later_edit_voids_it(wang: Clerk) -> None:
    path = begun(wang)
    wang.sends(f"{path}/test", follow=True)
    assert "这一份试发过了" in wang.words
    with wang.town.reading() as session:
        assert session.scalars(select(BroadcastTest)).one().outbox_id is not None
    chosen = {"topic": "安全", "roads": ["custom", "paper"], "revision": revision(wang, f"{path}/write")}
    wang.sends(f"{path}/write", **chosen)
    assert "后来改过,不算了" in (wang.opens(f"{path}/test"), wang.words)[1]
    wang.sends(f"{path}/propose", follow=True)
    assert "还没有试发过" in wang.words


def test_who_saves_over_a_colleagues_change_is_told_who_and_what(wang: Clerk) -> None:
    path = begun(wang)
    seen = revision(wang, f"{path}/write")
    other = clerk(wang.town, "desk", login="zhang", name="张干事")
    other.sends(f"{path}/people", revision=revision(other, f"{path}/people"), everybody="", places=["3"])
    wang.sends(f"{path}/write", topic="安全", roads=["custom"], revision=seen)
    assert "张干事刚刚改了发给谁" in wang.words
    assert only(wang).topic == "停水停电"


def test_the_plan_says_who_by_which_road_what_is_left_and_whom_nobody_reaches(wang: Clerk) -> None:
    with frozen("2026-11-23 22:00"):
        wang.signs_in()
        path = begun(wang)
        wang.town.writing(lambda session: resident(session, "没地址", None, follows=None))
        wang.opens(f"{path}/plan")
        for words in (
            "公众号群发",
            "上门告知",
            "本月还可群发 4/4 次",
            "21:00以后不发,早上08:00开始",
            "第一网格 1人",
            "1人 微信到不了",
        ):
            assert words in wang.words, wang.words


def test_an_urgent_one_is_read_by_two_others_within_a_day_or_everybody_sees_red(wang: Clerk) -> None:
    with frozen("2026-11-23 10:00") as time:
        wang.signs_in()
        wang.town.writing(lambda session: notice(session, reviewed=False, title="煤气泄漏"))
        wang.opens("/console/broadcasts/new")
        path = str(wang.sends("/console/broadcasts/new", notice="2").headers["Location"]).removesuffix(
            "/write"
        )
        chosen = {"topic": "安全", "urgent": "y", "roads": ["custom", "mass", "paper"]}
        wang.sends(f"{path}/write", revision=revision(wang, f"{path}/write"), **chosen)
        wang.sends(f"{path}/test", follow=True)
        wang.sends(f"{path}/propose", follow=True)
        li = clerk(wang.town, "approver", login="li")
        li.sends(f"{path}/decide", follow=True, digest=digest_on(li, path), verdict="pass", proofs=PROOFS)
        assert only(wang).state == "approved"
        time.shift(25 * 3600)
        chu, fu = (
            clerk(wang.town, "first_review", login="chu2"),
            clerk(wang.town, "second_review", login="fu2"),
        )
        assert "过了24小时" in chu.opens("/console/").text
        chu.sends(f"{path}/read-later", follow=True, verdict="pass")
        chu.sends(f"{path}/read-later", follow=True, verdict="pass")
        assert "您已经补审过了" in chu.words
        assert only(wang).reviewed_later_at is None
        fu.sends(f"{path}/read-later", follow=True, verdict="return", comment="地址写错了")
        assert only(wang).reviewed_later_at == clock.now()
        assert "有错" in (fu.opens(f"{path}/decide"), fu.words)[1]


def test_a_tag_and_a_building_together_mean_who_has_both(wang: Clerk) -> None:
    def tag(session: Session) -> int:
        one = Tag(name="志愿者", purpose="活动", until=clock.today() + timedelta(days=365))
        session.add(one)
        session.flush()
        session.add_all([Tagging(tag_id=one.id, person_id=number) for number in (1, 3)])
        return one.id

    number = wang.town.writing(tag)
    path = begun(wang)
    wang.opens(f"{path}/people")
    wang.sends(f"{path}/count", everybody="", places=["3"], tags=[str(number)])
    assert '<b class="number">1</b>' in wang.page

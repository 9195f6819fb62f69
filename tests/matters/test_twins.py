"""The same thing said twice: found by category, place and days, offered as "me too", told of each stage, joined, parted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.matters import actions
from handlers.matters.rights import forget, kept_of, merge
from models.matter_followers import MatterFollower, count_followers
from models.matter_rules import MatterCategory, MatterPlace
from models.matters import Matter
from models.refusal import Refusal
from tests.matters.conftest import (
    build,
    count,
    desk,
    does,
    given,
    house,
    joined,
    matter,
    refused,
    said,
    sent,
    sound,
)
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.races import at_once
from tests.staff.clerks import clerk

RIVER = {"Location_X": "36.6201", "Location_Y": "101.8001", "Scale": "15", "Label": "河边"}


@pytest.fixture
def ruled(sqlite_town: Town, ma: Phone) -> Town:
    rules(sqlite_town)
    return sqlite_town


def rules(town: Town) -> None:
    town.writing(lambda session: actions.install_rules(house(session)))


def bridge(town: Town) -> None:
    def unit(session: Session) -> None:
        actions.keep_place(desk(session), None, name="湟水河互助桥", lat=36.62, lng=101.8, metres=200)

    town.writing(unit)


def test_a_lamp_that_was_said_is_offered_and_nothing_of_it_but_what_and_where(ruled: Town, ma: Phone) -> None:
    said(ruled, ma, "3号楼2单元楼道灯不亮,老马说的")
    han = joined(ruled, "韩世杰", "13900000002")
    heard = han.says("说事", "1", "楼道灯不亮好几天了", "1")
    assert "有人已经说过:路灯(东府佳苑3号楼,11月23日(星期一)),正在安排人" in heard
    assert "老马" not in heard
    assert "1 我也是这件事" in heard
    assert "都告诉您" in han.says("1")
    assert count(ruled) == count(ruled, MatterFollower) == 1
    assert "路灯(东府佳苑3号楼)" in han.says("我说的事")
    assert "老马" not in han.says("我说的事")


def test_another_thing_is_another_matter_and_a_flat_is_nobodys_business(ruled: Town, ma: Phone) -> None:
    said(ruled, ma)
    said(ruled, ma, "厨房水管漏水了")
    han = joined(ruled, "韩世杰", "13900000002")
    assert "收到了" in han.says("说事", "1", "楼道灯不亮好几天了", "1", "2", "1", "1")
    assert "名字和电话怎么用" in han.says("说事", "1", "家里水管漏水了", "1"), (
        "a leak in a flat is told to nobody"
    )
    assert "名字和电话怎么用" in ma.says("说事", "1", "楼道灯不亮好几天了", "东府佳苑1号楼")


def test_what_lies_days_back_or_elsewhere_is_another(
    ruled: Town, ma: Phone, monday: time_machine.Coordinates
) -> None:
    said(ruled, ma, "楼下垃圾没人收")
    monday.shift(timedelta(days=8))
    han = joined(ruled, "韩世杰", "13900000002")
    assert "名字和电话怎么用" in han.says("说事", "1", "楼下垃圾没人收", "1")


def test_a_place_that_is_sent_answers_where_it_is(ruled: Town, ma: Phone) -> None:
    bridge(ruled)
    ma.says("说事", "1", "河边有人倒垃圾")
    assert "名字和电话怎么用" in ma.sends("location", **RIVER)
    assert "湟水河互助桥附近,约10米" in ma.says("1")
    ma.says("取消", "1")
    ma.says("说事", "1", "河边有人倒垃圾")
    ma.sends("location", **RIVER)
    ma.says("1", "1")
    one = matter(ruled)
    assert (one.place_words, one.spot) == ("湟水河互助桥", "36.620100,101.800100")
    assert str(one.due) == "2026-11-23", "the river is cleaned the same day"
    han = joined(ruled, "韩世杰", "13900000002")
    han.says("说事", "1", "河里都是垃圾")
    assert "河道(湟水河互助桥" in han.sends("location", **RIVER | {"Location_X": "36.6202"})
    far = joined(ruled, "卓玛", "13900000003")
    far.says("说事", "1", "河里都是垃圾")
    assert "有人已经说过" not in far.sends("location", **RIVER | {"Location_X": "36.6206"}), "67 metres away"


def test_a_voice_is_what_is_the_matter_and_is_kept_for_ears(ruled: Town, ma: Phone) -> None:
    ma.says("说事", "2")
    assert "什么地方" in ma.sends("voice", MediaId="voice-1", Format="amr")
    assert "请听" in ma.says("跳过", "1")
    ma.says("1")
    one = matter(ruled)
    assert [(photo.what, photo.media_id) for photo in one.photos] == [("voice", "voice-1")]


def test_who_says_so_too_is_told_of_each_stage_and_may_stop(ruled: Town, ma: Phone) -> None:
    number = said(ruled, ma)
    han = joined(ruled, "韩世杰", "13900000002")
    does(ruled, actions.follow, number, by=han)
    does(ruled, actions.follow, number, by=han)
    given(ruled, number)
    assert sent(ruled) == ["matters.assigned"] * 2
    does(ruled, actions.answer, number, "老马家,师傅明天来")
    assert sent(ruled)[2:] == ["matters.answered"], "an answer is for who said it"
    does(ruled, actions.unfollow, number, by=han)
    does(ruled, actions.begin, number)
    assert sent(ruled)[3:] == ["matters.working"]
    with refused("your_own"):
        does(ruled, actions.follow, number, by=ma)


def test_it_goes_on_for_the_others_when_who_said_it_takes_it_back(ruled: Town, ma: Phone) -> None:
    number = said(ruled, ma)
    does(ruled, actions.follow, number, by=joined(ruled, "韩世杰", "13900000002"))
    does(ruled, actions.withdraw, number, by=ma)
    left = matter(ruled)
    assert (left.state, left.person_id, left.text) == ("received", None, None)
    assert sound(ruled)


def pair(town: Town, ma: Phone) -> tuple[int, int, Phone]:
    han = joined(town, "韩世杰", "13900000002")
    return said(town, ma), said(town, han, "3号楼楼道黑漆漆的,灯坏了"), han


def test_the_desk_joins_two_and_both_are_told(ruled: Town, ma: Phone) -> None:
    first, second, han = pair(ruled, ma)
    does(ruled, lambda by, one: actions.join(by, one, by.session.get_one(Matter, first)), second)
    assert sent(ruled) == ["matters.joined", "matters.more_said"]
    assert (matter(ruled, second).state, matter(ruled, second).joined_to_id) == ("closed", first)
    assert "是同一件事,一起办" in han.says("我说的事")
    given(ruled, first)
    assert sent(ruled)[2:] == ["matters.assigned"] * 2
    does(ruled, actions.part, second)
    assert (matter(ruled, second).state, matter(ruled, second).joined_to_id) == ("received", None)
    assert count(ruled, MatterFollower) == 0
    assert sound(ruled)
    with refused("not_now"):
        does(ruled, actions.part, second)


def test_nobody_but_the_desk_joins_and_nothing_ended_is_joined(ruled: Town, ma: Phone) -> None:
    first, second, han = pair(ruled, ma)

    def join(by: Any, one: Matter) -> Matter:
        return actions.join(by, one, by.session.get_one(Matter, first))

    with refused("not_yours"):
        does(ruled, join, second, by=han)
    with refused("cannot_join"):
        does(ruled, join, first)
    does(ruled, actions.finish, first, "换好了", why_none="天黑了,拍不清")
    with refused("cannot_join"):
        does(ruled, join, second)


def test_joined_twice_at_once_in_both_directions_leaves_one_open(town: Town) -> None:
    build(town)
    rules(town)
    ma = joined(town, "马秀兰", "13900000001")
    first, second, _ = pair(town, ma)
    town.writing(desk)

    def join(one: int, other: int) -> Callable[[], object]:
        def unit(session: Session) -> None:
            actions.join(desk(session), session.get_one(Matter, one), session.get_one(Matter, other))

        def insists() -> None:
            with suppress(Refusal):
                town.writing(unit)

        return insists

    at_once([join(first, second), join(second, first)])
    states = [matter(town, one).state for one in (first, second)]
    assert sorted(states) == ["closed", "received"]
    assert sound(town)


def test_me_too_twice_at_once_counts_once(town: Town) -> None:
    build(town)
    rules(town)
    number = said(town, joined(town, "马秀兰", "13900000001"))
    han = joined(town, "韩世杰", "13900000002")
    at_once([lambda: does(town, actions.follow, number, by=han)] * 4)
    with town.reading() as session:
        assert count_followers(session, session.get_one(Matter, number)) == 1


# ---- the rules -----------------------------------------------------------------------------------------------------


def test_a_category_is_found_by_its_longest_word_and_kept_by_the_desk(ruled: Town, ma: Phone) -> None:
    number = said(ruled, ma, "河边有垃圾没人收", where="")
    assert matter(ruled, number).thing == "河道"

    def rewrite(session: Session, **facts: Any) -> None:
        row = session.scalars(select(MatterCategory).where(MatterCategory.name == "路灯")).one()
        actions.rewrite_category(desk(session), row, **facts)

    ruled.writing(lambda s: rewrite(s, words=["路灯", "黑灯瞎火"], working_days=1, seen=1))
    with refused("rule_changed_meanwhile"):
        ruled.writing(lambda s: rewrite(s, words=["灯"], seen=1))
    with refused("name_taken"):
        ruled.writing(lambda s: rewrite(s, name="垃圾"))
    with refused("bad_words"):
        ruled.writing(lambda s: rewrite(s, words=["灯"]))
    dark = said(ruled, ma, "楼道里黑灯瞎火的")
    assert (matter(ruled, dark).thing, str(matter(ruled, dark).due)) == ("路灯", "2026-11-24")


def test_a_place_on_the_map_has_a_name_of_its_own(ruled: Town) -> None:
    bridge(ruled)
    with refused("name_taken"):
        bridge(ruled)
    with refused("bad_point"):
        ruled.writing(
            lambda s: actions.keep_place(desk(s), None, name="月亮", lat=236.0, lng=1.0, metres=100)
        )
    ruled.writing(lambda s: actions.remove_place(desk(s), s.scalars(select(MatterPlace)).one()))
    assert count(ruled, MatterPlace) == 0


# ---- pages and the console -----------------------------------------------------------------------------------------


def test_the_page_asks_first_and_what_is_typed_is_not_lost(ruled: Town, ma: Phone) -> None:
    said(ruled, ma, "3号楼2单元楼道灯不亮,老马说的")
    han = Visitor(ruled, joined(ruled, "韩世杰", "13900000002"))
    asked = han.sends("/h5/matters/say/报修", text="路灯不亮了", at="home", contact="confidential")
    assert asked.status == 409
    assert "路灯" in asked.page
    assert "老马" not in asked.page
    around = han.opens("/h5/matters/around").page
    assert "路灯:东府佳苑" in around
    assert "老马" not in around
    number = matter(ruled).id
    assert han.sends(f"/h5/matters/{number}/me_too").path == "/h5/matters"
    assert count(ruled, MatterFollower) == 1
    assert "您也说过" in han.opens("/h5/matters").page
    followed = han.opens(f"/h5/matters/{number}").page
    assert "不用再告诉我" in followed
    assert "老马" not in followed
    han.sends("/h5/matters/say/报修", text="路灯不亮了", at="home", contact="confidential", other="1")
    assert count(ruled) == 2
    han.sends(f"/h5/matters/{number}/not_me")
    assert count(ruled, MatterFollower) == 0


def test_what_is_not_everybodys_is_not_there(ruled: Town, ma: Phone) -> None:
    number = said(ruled, ma, "厨房水管漏水了")
    han = Visitor(ruled, joined(ruled, "韩世杰", "13900000002"))
    for way in ("me_too", "not_me"):
        assert han.sends(f"/h5/matters/{number}/{way}").status == 404
    assert han.opens(f"/h5/matters/{number}").status == 404
    assert "漏水" not in han.opens("/h5/matters/around").page
    assert count(ruled, MatterFollower) == 0


def test_the_desk_joins_and_parts_at_the_console_and_keeps_the_rules(ruled: Town, ma: Phone) -> None:
    first, second, _ = pair(ruled, ma)
    wang = clerk(ruled, "desk", login="wang")
    wang.opens(f"/console/matters/{second}")
    assert "合到这一件" in wang.words
    wang.sends(f"/console/matters/{second}/join", into="123-4567", follow=True)
    assert "受理号不对" in wang.words
    wang.sends(f"/console/matters/{second}/join", into=matter(ruled, first).number, follow=True)
    assert "合到一起了" in wang.words
    assert "也说过的 1人" in wang.words
    wang.sends(f"/console/matters/{second}/part", follow=True)
    assert "单独办" in wang.words
    wang.opens("/console/matters/rules")
    assert "路灯" in wang.words
    with ruled.reading() as session:
        lamp = session.scalars(select(MatterCategory.id).where(MatterCategory.name == "路灯")).one()
    wang.opens(f"/console/matters/rules/{lamp}")
    form = {
        "name": "路灯",
        "said_as": "路灯\n黑灯瞎火",
        "goes_to": "grid",
        "working_days": "1",
        "metres": "40",
    }
    form |= {"days": "10", "asks_after": "14", "shared": "y", "active": "y", "seen": "1", "keeper": "0"}
    wang.sends(f"/console/matters/rules/{lamp}", follow=True, **form)
    assert "改好了" in wang.words
    wang.opens(f"/console/matters/rules/{lamp}")
    assert "40米10天,大家的事" in wang.words
    for path in ("/console/matters/rules/new", "/console/matters/places/new"):
        assert wang.opens(path).status_code == 200
    wang.sends(
        "/console/matters/places/new", name="桥", lat="36.6", lng="101.8", metres="100", place="", grid=""
    )
    assert count(ruled, MatterPlace) == 1
    river = {"name": "河边", "lat": "36.6", "lng": "101.9", "metres": "100"}
    wang.sends("/console/matters/places/new", **river, place="没有的小区", grid="", follow=True)
    assert "没有这个地方" in wang.words
    wang.sends("/console/matters/places/new", **river, place="", grid="没有的网格", follow=True)
    assert "没有叫“没有的网格”的网格" in wang.words
    wang.sends("/console/matters/places/new", **river, place="东府佳苑", grid="第3网格", follow=True)
    with ruled.reading() as session:
        made = session.scalars(select(MatterPlace).where(MatterPlace.name == "河边")).one()
        assert (made.place and made.place.name, made.own_grid and made.own_grid.name) == (
            "东府佳苑",
            "第3网格",
        )
        number = made.id
    wang.opens(f"/console/matters/places/{number}")
    assert 'value="东府佳苑"' in wang.page
    wang.sends("/console/matters/rules/kinds/报修", days="3")
    wang.sends("/console/matters/rules/settings", owner="0", lead="0", check_days="2", follow=True)
    assert "改好了" in wang.words
    assert clerk(ruled, "grid", login="grid1").opens("/console/matters/rules").status_code == 403


def test_who_says_so_too_may_read_move_and_erase_it(ruled: Town, ma: Phone) -> None:
    number = said(ruled, ma)
    han, twin = joined(ruled, "韩世杰", "13900000002"), joined(ruled, "韩世杰二", "13900000002")
    does(ruled, actions.follow, number, by=twin)
    with ruled.reading() as session:
        assert "路灯" in kept_of(session, twin.person(session))["“我也是这件事”"][0]
    ruled.writing(lambda s: merge(house(s), han.person(s), twin.person(s)))
    with ruled.reading() as session:
        assert [one.person_id for one in session.scalars(select(MatterFollower))] == [han.person(session).id]
    ruled.writing(lambda s: forget(house(s), ma.person(s)))
    assert matter(ruled).state == "received", "it goes on for the others"
    ruled.writing(lambda s: forget(house(s), han.person(s)))
    assert count(ruled, MatterFollower) == 0
    assert sound(ruled)

"""Wishes that nobody has promised for two weeks: one partner unit after the other is asked, a week each; and wishes that
are really cases, which go on as matters with their number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from handlers.people import actions as people
from handlers.wishes import actions
from models.identity import Actor, Helped
from models.matters import Matter
from models.wish_partners import WishAsk, WishPartner, lost_asks
from models.wishes import Claim, Wish
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.staff.clerks import Clerk
from tests.staff.clerks import clerk as signed_in
from tests.wishes.conftest import STICK, acts, house, published, refused, said, sent, sound, state


@pytest.fixture
def wang(sqlite_town: Town, monday: Any) -> Clerk:
    return signed_in(sqlite_town, "desk", login="wang")


def unit(town: Town, phone: Phone, name: str, *categories: str, most: int = 3) -> int:
    """A partner for which this neighbour speaks."""

    def keep(session: Any) -> int:
        by = Actor(session, channel="job")
        person = phone.actor(session).me
        return actions.keep_partner(by, None, name=name, person=person, categories=categories, most=most).id

    return town.writing(keep)


def asks(town: Town) -> list[tuple[str, str]]:
    with town.reading() as session:
        assert lost_asks(session) == []
        rows = session.scalars(select(WishAsk).order_by(WishAsk.id))
        return [(one.partner.name, one.state) for one in rows]


def morning(town: Town) -> tuple[int, int]:
    return town.writing(lambda session: actions.ask_partners(house(session)))


def later(clock: time_machine.Coordinates, days: int) -> None:
    clock.shift(timedelta(days=days))


def test_after_two_weeks_a_unit_is_asked_and_after_a_week_the_next(
    sqlite_town: Town, monday: time_machine.Coordinates, ma: Phone
) -> None:
    published(sqlite_town, STICK)
    for name in ("才让卓玛", "祁生华"):
        unit(sqlite_town, sqlite_town.phone(name), f"{name}的单位")
    later(monday, 13)
    assert morning(sqlite_town) == (0, 0)
    later(monday, 1)
    assert morning(sqlite_town) == (1, 0)
    assert morning(sqlite_town) == (0, 0)
    assert asks(sqlite_town) == [("才让卓玛的单位", "asked")]
    later(monday, 8)
    assert morning(sqlite_town) == (1, 1)
    assert asks(sqlite_town) == [("才让卓玛的单位", "silent"), ("祁生华的单位", "asked")]
    later(monday, 8)
    assert morning(sqlite_town) == (0, 1)
    assert len(sent(sqlite_town, "partner")) == 2


def test_a_unit_promises_in_the_chat_beside_its_own_two(
    sqlite_town: Town, monday: time_machine.Coordinates, ma: Phone
) -> None:
    zhuoma = sqlite_town.phone("才让卓玛")
    first, *_ = published(sqlite_town, STICK, "想要第二个", "想要第三个")
    unit(sqlite_town, zhuoma, "湟水小学", most=1)
    later(monday, 14)
    for _ in range(2):
        zhuoma.says("心愿站", "2", "1", "1")
    assert morning(sqlite_town) == (1, 0)
    card = zhuoma.says("单位心愿", "1")
    assert "请湟水小学在" in card
    assert "您认领了" in zhuoma.says("1", "1")
    with sqlite_town.reading() as session:
        claim = session.scalars(select(Claim).where(Claim.wish_id == first)).one()
        assert claim.partner_id is not None
    assert asks(sqlite_town) == [("湟水小学", "taken")]
    assert sound(sqlite_town)


def test_who_cannot_says_so_and_a_neighbour_who_promises_ends_the_asking(
    sqlite_town: Town, monday: time_machine.Coordinates, ma: Phone, han: Phone
) -> None:
    first, second = published(sqlite_town, STICK, "想要第二个")
    zhuoma = sqlite_town.phone("才让卓玛")
    unit(sqlite_town, zhuoma, "湟水小学")
    later(monday, 14)
    morning(sqlite_town)
    assert "请别的单位看" in zhuoma.says("单位心愿", "1", "2")
    acts(sqlite_town, han, actions.claim, (Wish, second))
    assert sorted(asks(sqlite_town)) == [("湟水小学", "declined"), ("湟水小学", "over")]
    assert "现在没有请您单位看的心愿" in zhuoma.says("单位心愿")
    assert state(sqlite_town, first) == "public"


def test_only_who_takes_such_wishes_and_has_room_is_asked(
    sqlite_town: Town, monday: time_machine.Coordinates, ma: Phone
) -> None:
    published(sqlite_town, STICK, "想要第二个")
    unit(sqlite_town, sqlite_town.phone("才让卓玛"), "小学", "学习用品")
    unit(sqlite_town, sqlite_town.phone("祁生华"), "银行", most=1)
    later(monday, 14)
    assert morning(sqlite_town) == (1, 0)
    assert asks(sqlite_town) == [("银行", "asked")]


def test_nobody_else_answers_for_a_unit(
    sqlite_town: Town, monday: time_machine.Coordinates, ma: Phone, han: Phone
) -> None:
    published(sqlite_town, STICK)
    unit(sqlite_town, sqlite_town.phone("才让卓玛"), "湟水小学")
    later(monday, 14)
    morning(sqlite_town)
    stranger = Visitor(sqlite_town, han)
    for step in ("claim", "decline"):
        stranger.sends(f"/h5/wishes/unit/1/{step}", once=step)
        assert stranger.status == 404
    assert "没有代表单位" in stranger.opens("/h5/wishes/unit").words
    assert asks(sqlite_town) == [("湟水小学", "asked")]
    page = Visitor(sqlite_town, sqlite_town.phone("才让卓玛")).opens("/h5/wishes/unit")
    page.presses("我们单位认领")
    assert "您认领了" in page.words


def test_the_desk_keeps_units_and_sees_who_was_asked(
    wang: Clerk, monday: time_machine.Coordinates, ma: Phone
) -> None:
    town = wang.town
    published(town, STICK)
    town.writing(
        lambda session: people.join(town.phone("祁生华").actor(session), name="祁生华", phone="13900008888")
    )
    wang.opens("/console/wishes/partners/new")
    typed = {"name": "湟水小学", "phone": "13900008888", "most": "3", "active": "y"}
    wang.sends("/console/wishes/partners/new", **typed)
    person = wang.page.partition('<option value="')[2].partition('"')[0]
    wang.sends("/console/wishes/partners/new", looked="13900008888", person=person, **typed, follow=True)
    assert "湟水小学" in wang.words
    with town.reading() as session:
        assert session.scalars(select(WishPartner.name)).all() == ["湟水小学"]
    later(monday, 14)
    morning(town)
    wang.signs_in()
    wang.opens("/console/wishes/partners")
    assert "湟水小学等答复" in wang.words


# ---- cases -----------------------------------------------------------------------------------------------------------


def test_a_wish_that_is_a_case_goes_on_as_a_matter_with_its_number(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma, "屋顶漏水半个月了,想请人看看")
    wang.opens(f"/console/wishes/{number}")
    assert "可以转成“说事”" in wang.words
    wang.sends(f"/console/wishes/{number}/matter", kind="报修", follow=True)
    assert "转成“说事”了" in wang.words
    with wang.town.reading() as session:
        matter = session.scalars(select(Matter)).one()
        assert (matter.came_as, matter.kind, matter.state) == (f"心愿{number:04d}号", "报修", "received")
        assert session.get_one(Wish, number).matter_id == matter.id
        receipt = matter.number
    assert receipt in ma.says("我的心愿")
    assert "漏水" in ma.says("1")
    (told,) = sent(wang.town, "became_matter")
    assert told.facts["receipt"] == receipt
    with refused("not_now"):
        acts(wang.town, None, actions.become_matter, (Wish, number), "报修")


def test_whom_it_is_for_is_noted_for_colleagues(wang: Clerk, ma: Phone) -> None:
    def say(session: Any) -> int:
        by = ma.actor(session).helping(Helped("冶生兰", None, "邻居"))
        return actions.say_wish(by, "楼上的水管一直漏,想请人看看").id

    number = wang.town.writing(say)
    wang.sends(f"/console/wishes/{number}/matter", kind="报修")
    with wang.town.reading() as session:
        matter = session.scalars(select(Matter)).one()
        notes = [one.words for one in matter.steps if one.what == "note"]
        assert notes == ["替别人说的:冶生兰,邻居"]


def test_only_the_desk_makes_a_matter_of_it(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma, "屋顶漏水半个月了,想请人看看")
    chen = signed_in(wang.town, "approver", login="chen")
    assert chen.sends(f"/console/wishes/{number}/matter", kind="报修").status_code == 403
    assert state(wang.town, number) == "said"

"""What the wishes desk adds to a review: what to cover, somebody to do it, a clock, notes, and whether it is fair."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from handlers.people import actions as people
from handlers.wishes import actions
from handlers.wishes.jobs import return_overdue
from models.identity import Actor, Person
from models.outbox import OutboxRow
from models.refusal import Refusal
from models.wish_counts import shown
from models.wish_notes import WishNote
from models.wishes import Claim, Wish
from tests.neighbours import Phone, Town
from tests.staff.clerks import Clerk, audited
from tests.staff.clerks import clerk as signed_in
from tests.wishes.conftest import (
    acts,
    claimed,
    clerk,
    house,
    only,
    promise,
    published,
    refused,
    said,
    sent,
    sound,
    state,
)


@pytest.fixture
def wang(sqlite_town: Town, monday: Any) -> Clerk:
    return signed_in(sqlite_town, "desk", login="wang")


def volunteer(town: Town, phone: str = "13900008888", name: str = "祁生华") -> int:
    """Somebody who is registered and has said yes on the telephone."""

    def unit(session: Any) -> int:
        person = Person()
        session.add(person)
        session.flush()
        people.join(Actor(session, person, channel="job"), name=name, phone=phone)
        return person.id

    return town.writing(unit)


def give(wang: Clerk, wish: int, phone: str = "13900008888") -> None:
    """The form in its two steps."""
    wang.sends(f"/console/wishes/{wish}/match", phone=phone)
    found = re.search(r'<option (?:selected )?value="(\d+)"', wang.page)
    looked = re.search(r'name="looked"[^>]*value="(\d+)"', wang.page)
    if found and looked:
        wang.sends(
            f"/console/wishes/{wish}/match", phone=phone, looked=looked[1], person=found[1], follow=True
        )


def test_what_shows_the_wisher_is_marked_in_the_original(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma, "我叫马秀兰,住3号楼2单元,电话13912345678,想要一根300元的拐杖")
    wang.opens(f"/console/wishes/{number}")
    assert re.findall(r'<mark title="([^,]+)', wang.page) == ["姓名", "门牌", "电话"]
    assert "标出来的是姓名、门牌、电话" in wang.words
    assert "超过200元" in wang.words


def test_a_wish_that_is_a_matter_is_hinted_at(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma, "巷口的路灯坏了,晚上看不见")
    wang.opens(f"/console/wishes/{number}")
    assert "这像是一件要有人去办的公家事" in wang.words


def test_a_wish_is_given_to_a_volunteer_who_was_found_by_phone(wang: Clerk, ma: Phone) -> None:
    (wish,) = published(wang.town, "一位老人想要一根拐杖")
    helper = volunteer(wang.town)
    give(wang, wish)
    assert "两边都会收到消息" in wang.words
    with wang.town.reading() as session:
        claim = session.scalars(select(Claim)).one()
        assert (claim.person_id, claim.state) == (helper, "open")
        assert len(audited(session, "wishes.match")) == 1
        assert "wish" in {line.facts["purpose"] for line in audited(session, "people.look_up")}
    assert len(sent(wang.town, "matched")) == 1
    assert len(sent(wang.town, "claimed")) == 1
    assert "还剩 7 天" in wang.words
    assert "续过 0 次,最多 1 次" in wang.words
    assert "告诉本人:有人认领 还没发出" in wang.words
    wang.opens("/console/wishes?which=claimed")
    assert "还剩 7 天" in wang.words
    assert sound(wang.town)


def test_nobody_is_given_what_they_may_not_have(wang: Clerk, ma: Phone) -> None:
    first, second, third = published(wang.town, "想要第一个", "想要第二个", "想要第三个")
    give(wang, first, "13900000000")
    assert "没有登记过这个号码" in wang.words
    helper = volunteer(wang.town)
    for wish in (first, second):
        give(wang, wish)
    give(wang, third)
    assert "alert-danger" in wang.page
    assert state(wang.town, third) == "public"
    other = volunteer(wang.town, "13900007777", "韩世杰")

    def withdraw(session: Any) -> None:
        by = Actor(session, session.get_one(Person, other), channel="job")
        people.withdraw_consent(by, "service")

    wang.town.writing(withdraw)
    give(wang, third, "13900007777")
    assert "撤回了同意" in wang.words
    assert promise(wang.town, 1).person_id == helper
    wisher = only_wisher(wang.town)
    with refused("own_wish"):
        wang.town.writing(
            lambda s: actions.match(clerk(s), s.get_one(Wish, third), s.get_one(Person, wisher))
        )
    with refused("staff_only"):
        wang.town.writing(
            lambda s: actions.match(ma.actor(s), s.get_one(Wish, third), s.get_one(Person, other))
        )


def only_wisher(town: Town) -> int:
    with town.reading() as session:
        (found,) = set(session.scalars(select(Wish.wisher_id)))
        assert found is not None
        return found


def test_b15_a_person_without_this_phone_cannot_be_slipped_in(wang: Clerk, ma: Phone) -> None:
    (wish,) = published(wang.town, "一位老人想要一根拐杖")
    volunteer(wang.town)
    other = volunteer(wang.town, "13900007777", "韩世杰")
    path = f"/console/wishes/{wish}/match"
    wang.sends(path, phone="13900008888", looked="13900008888", person=other)
    assert state(wang.town, wish) == "public"


def test_two_clerks_give_one_wish_at_once_and_one_lease_comes_of_it(town: Town, monday: Any) -> None:
    (wish,) = published(town, "一位老人想要一根拐杖")
    helpers = [volunteer(town, f"1390000777{number}", f"志愿者{'甲乙'[number]}") for number in range(2)]
    town.writing(clerk)
    start = Barrier(2)

    def one(helper: int) -> str:
        start.wait()
        try:
            town.writing(lambda s: actions.match(clerk(s), s.get_one(Wish, wish), s.get_one(Person, helper)))
        except Refusal as why:
            return why.code
        return "given"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, helpers)) == ["given", "wishes.taken"]
    assert sound(town)


def test_who_promised_is_asked_once_a_day_and_given_more_time_once(wang: Clerk, ma: Phone) -> None:
    wish, claim = claimed(wang.town)
    for words in ("问过了", "今天已经问过一次了"):
        wang.sends(f"/console/wishes/claims/{claim}/nudge", follow=True)
        assert words in wang.words
    assert len(sent(wang.town, "nudge")) == 1
    wang.sends(f"/console/wishes/claims/{claim}/renew", follow=True)
    assert "多给了七天" in wang.words
    assert "还剩 14 天" in wang.words
    wang.sends(f"/console/wishes/claims/{claim}/renew", follow=True)
    assert "alert-danger" in wang.page
    assert state(wang.town, wish) == "claimed"


def test_what_came_back_stands_in_a_list_of_its_own(wang: Clerk, ma: Phone, monday: Any) -> None:
    wish, _ = claimed(wang.town)
    monday.shift(timedelta(days=8))
    wang.signs_in()
    wang.opens("/console/wishes?which=claimed")
    assert "超期,明早自动退回" in wang.words
    wang.town.writing(lambda s: return_overdue(house(s)))
    wang.opens("/console/wishes?which=returned")
    assert "拐杖" in wang.words
    wang.opens(f"/console/wishes/{wish}")
    assert "到期自动退回" in wang.words


def test_a_note_is_for_the_staff_and_goes_with_the_words(wang: Clerk, ma: Phone) -> None:
    wish, claim = claimed(wang.town)
    wang.sends(f"/console/wishes/{wish}/note", text="社区门口当面交的,老人很高兴", follow=True)
    assert "当面交的" in wang.words
    with wang.town.reading() as session:
        note = session.scalars(select(WishNote)).one()
        assert note.text == "社区门口当面交的,老人很高兴"
        assert "当面交的" not in str(bytes(note._text))
        kept = people.export(Actor(session, ma.person(session)), ma.person(session))
    assert "当面交的" in str(kept)
    assert "当面交的" not in ma.says("我的心愿")
    acts(wang.town, None, actions.mark_done, (Claim, claim))
    wang.town.writing(lambda s: people.erase(ma.actor(s), ma.actor(s).me))
    with wang.town.reading() as session:
        assert session.scalar(select(WishNote)) is None
    wang.sends(f"/console/wishes/{wish}/note", text="再记一条", follow=True)
    assert "alert-danger" in wang.page


def test_small_groups_are_not_counted_out(wang: Clerk) -> None:
    for number in range(2):
        published(wang.town, "想要第一个", "想要第二个", "想要第三个", by=f"邻居{number}")
    said(wang.town, wang.town.phone("马秀兰"))
    wang.opens("/console/wishes/numbers")
    assert "其他 7 6 0 0 太少" in wang.words
    acts(wang.town, None, actions.refuse, (Wish, 7), "请再说清楚一点")
    wang.opens("/console/wishes/numbers")
    assert "其他 7 6 0 <5 太少" in wang.words
    assert [shown(number) for number in (0, 1, 4, 5)] == ["0", "<5", "<5", "5"]


def test_a_stranger_role_sees_no_wish(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma)
    grid = signed_in(wang.town, "leader", login="leader")
    for path in ("", "/numbers", f"/{number}", f"/{number}/match"):
        assert grid.opens(f"/console/wishes{path}").status_code == 403
    assert grid.sends(f"/console/wishes/{number}/note", text="我来看看").status_code == 403
    with wang.town.reading() as session:
        assert session.scalar(select(OutboxRow)) is None
    assert only(wang.town).state == "said"

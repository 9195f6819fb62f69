"""What partners give: counted pieces, raced; used where the partner is; counts for the partner, never names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.ledger import actions
from handlers.ledger.jobs import expire_vouchers
from handlers.people import actions as people
from models.identity import Actor, Person
from models.ledger import TimeAccount
from models.partners import PartnerOffer, PartnerVoucher, pieces_are_counted
from models.refusal import Refusal
from tests.ledger.bank import broken, neighbours
from tests.ledger.conftest import balance, desk, does, earned, refused, sent, sound, staff_does
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor
from tests.races import at_once
from tests.staff.clerks import Clerk, clerk


def cinema(session: Session, **more: Any) -> int:
    by = desk(session)
    partner = actions.open_named(by, "organisation", "光明影院")
    facts = {"title": "电影票1张", "pieces": 5, "minutes": 60, "until": clock.today() + timedelta(days=30)}
    row = actions.make_offer(by, partner, actions.Gift(**(facts | more)))
    session.flush()
    return row.id


def offered(town: Town, **more: Any) -> tuple[type[PartnerOffer], int]:
    return PartnerOffer, town.writing(lambda session: cinema(session, **more))


def number_of(town: Town) -> str:
    def unit(session: Session) -> str:
        partner = session.scalars(select(TimeAccount).where(TimeAccount.name == "光明影院")).one()
        return actions.new_partner_number(desk(session), partner)

    return town.writing(unit)


def taken(phone: Phone, offer: Any) -> tuple[type[PartnerVoucher], int]:
    return PartnerVoucher, does(phone, actions.take, offer).id


def code(town: Town, voucher: Any) -> str:
    with town.reading() as session:
        return session.get_one(*voucher).code or ""


def counted(town: Town) -> bool:
    with town.reading() as session:
        assert pieces_are_counted(session) == []
    return sound(town)


def test_a_piece_is_set_aside_and_paid_when_the_partner_types_its_number(han: Phone) -> None:
    town, offer = han.town, offered(han.town)
    earned(han, 90)
    voucher = taken(han, offer)
    assert balance(han) == (90, 60)
    right = number_of(town)
    wrong = "000000" if right != "000000" else "111111"
    assert does(han, actions.use_here, voucher, wrong) is False
    assert does(han, actions.use_here, voucher, right) is True
    with refused("voucher_over"):
        does(han, actions.use_here, voucher, right)
    assert balance(han) == (30, 0)
    with town.reading() as session:
        assert session.scalars(select(TimeAccount.balance).where(TimeAccount.name == "光明影院")).one() == 60
    assert len(sent(town, "voucher_used")) == 1
    assert counted(town)


def test_after_five_wrong_numbers_the_desk_must_do_it(han: Phone) -> None:
    town = han.town
    voucher = taken(han, offered(town, minutes=0))
    right = number_of(town)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        assert does(han, actions.use_here, voucher, wrong) is False
    with refused("voucher_locked"):
        does(han, actions.use_here, voucher, right)
    typed = code(town, voucher)
    staff_does(town, actions.use_at_desk, f"{typed[:5]} {typed[5:]}")
    with refused("voucher_over"):
        staff_does(town, actions.use_at_desk, typed)
    with refused("no_voucher"):
        staff_does(town, actions.use_at_desk, "1234567890")
    assert counted(town)


def test_an_older_number_of_the_partner_is_over(han: Phone) -> None:
    voucher = taken(han, offered(han.town))
    old, new = number_of(han.town), number_of(han.town)
    if old != new:
        assert does(han, actions.use_here, voucher, old) is False
    assert does(han, actions.use_here, voucher, new) is True


def test_it_is_given_back_or_runs_out_and_the_minutes_come_back(
    han: Phone, ma: Phone, monday: time_machine.Coordinates
) -> None:
    town, offer = han.town, offered(han.town, pieces=1)
    first = taken(han, offer)
    with refused("offer_gone"):
        taken(ma, offer)
    with refused("not_yours"):
        does(ma, actions.give_back, first)
    does(han, actions.give_back, first)
    assert balance(han) == (0, 0)
    second = taken(ma, offer)
    monday.shift(timedelta(days=31))
    with refused("voucher_over"):
        staff_does(town, actions.use_at_desk, code(town, second))
    assert town.writing(lambda s: expire_vouchers(Actor(s, channel="job"))) == "1 expired, 0 debts forgotten"
    assert balance(ma) == (0, 0)
    assert counted(town)


def test_who_may_not(han: Phone, ma: Phone) -> None:
    offer = offered(han.town, each_person=1)
    taken(han, offer)
    with refused("offer_taken"):
        taken(han, offer)
    with refused("join_first"):
        taken(han.town.phone("陌生人"), offer)
    with refused("staff_only"):
        does(han, lambda by: actions.use_at_desk(by, "1234567890"))
    with refused("short"):
        taken(ma, offered(han.town, title="按摩一次", minutes=300))
    with refused("bad_offer"):
        offered(han.town, title="停车", pieces=0)


def test_ten_pieces_for_sixteen_who_come_at_once(town: Town) -> None:
    with frozen("2026-11-23 09:00"):
        persons = town.writing(lambda session: neighbours(session, 16))
        offer = offered(town, pieces=10, minutes=30)

        def takes(number: int) -> str:
            def unit(session: Session) -> None:
                me = Actor(session, session.get_one(Person, persons[number]), channel="page")
                actions.take(me, session.get_one(*offer))

            try:
                town.writing(unit)
            except Refusal as why:
                return why.code
            return "taken"

        ended = at_once([lambda n=number: takes(n) for number in range(16)])  # type: ignore[misc]
        assert (ended.count("taken"), ended.count("ledger.offer_gone")) == (10, 6)
        with town.reading() as session:
            assert session.get_one(*offer).left == 0
            assert pieces_are_counted(session) + broken(session) == []


def test_one_voucher_is_used_once_however_many_tills_there_are(town: Town) -> None:
    with frozen("2026-11-23 09:00"):
        persons = town.writing(lambda session: neighbours(session, 1))
        offer = offered(town, minutes=30)

        def take(session: Session) -> str:
            me = Actor(session, session.get_one(Person, persons[0]), channel="page")
            return actions.take(me, session.get_one(*offer)).code or ""

        typed = town.writing(take)

        def uses() -> str:
            try:
                town.writing(lambda session: actions.use_at_desk(desk(session), typed))
            except Refusal as why:
                return why.code
            return "used"

        town.writing(desk)
        ended = at_once([uses] * 6)
        assert (ended.count("used"), ended.count("ledger.voucher_over")) == (1, 5)
        with town.reading() as session:
            assert pieces_are_counted(session) + broken(session) == []


# ---- channels ----------------------------------------------------------------------------------------------


def test_in_the_chat_it_is_taken_by_digits_and_undone(han: Phone) -> None:
    offered(han.town, text="到前台出示")
    assert "1 光明影院电影票1张,1小时" in han.says("单位优惠")
    assert "到前台出示" in han.says("1")
    told = han.says("1", "1")
    with han.town.reading() as session:
        typed = session.scalars(select(PartnerVoucher.code)).one() or ""
    assert f"{typed[:5]} {typed[5:]}" in told
    assert "退回了" in han.says("撤销")
    assert balance(han) == (0, 0)
    han.says("单位优惠", "1", "1", "1")
    assert "电影票1张" in han.says("我的券")
    assert "退回了" in han.says("1", "1", "1")


def test_on_a_page_the_partner_types_its_number(han: Phone, ma: Phone) -> None:
    offered(han.town)
    right = number_of(han.town)
    page = Visitor(han.town, han).opens("/h5/time/gifts").taps("电影票1张")
    page.presses("领一份")
    with han.town.reading() as session:
        row = session.scalars(select(PartnerVoucher)).one()
        voucher, typed = row.id, row.code or ""
    assert typed[:5] in page.words
    page.presses("店员收券", number="000001" if right != "000001" else "000002")
    assert "收券号不对" in page.words
    stranger = Visitor(ma.town, ma)
    for step in ("use", "return"):
        assert stranger.sends(f"/h5/time/vouchers/{voucher}/{step}", once="x", number=right).status == 404
    assert stranger.opens(f"/h5/time/vouchers/{voucher}").status == 404
    page.opens(f"/h5/time/vouchers/{voucher}").presses("店员收券", number=right)
    assert "用掉了" in page.words
    assert counted(han.town)


@pytest.fixture
def wang(sqlite_town: Town, monday: Any) -> Clerk:
    return clerk(sqlite_town, "desk", login="wang")


def test_the_desk_makes_them_uses_them_and_prints_counts(wang: Clerk, han: Phone, ma: Phone) -> None:
    town = wang.town
    partner = staff_does(town, actions.open_named, "organisation", "光明影院").id
    form = {
        "title": "电影票1张",
        "text": "",
        "pieces": "3",
        "each": "2",
        "hours": "1小时",
        "until": "2026-12-20",
    }
    wang.opens("/console/time/partners")
    wang.sends("/console/time/partners", partner=str(partner), **form)
    assert "0 / 3" in wang.opens("/console/time/partners").text
    with town.reading() as session:
        offer = PartnerOffer, session.scalars(select(PartnerOffer.id)).one()
    first, second = taken(han, offer), taken(ma, offer)
    wang.sends("/console/time/partners/used", codes=f"{code(town, first)}\n1234567890")
    assert "用掉了1张,一共2张" in wang.opens("/console/time/partners").text
    does(ma, actions.give_back, second)
    told = wang.opens(f"/console/time/partners/{partner}/2026").text
    assert "电影票1张" in told
    assert "韩世杰" not in told
    assert "收券号是" in wang.sends(f"/console/time/partners/{partner}/number").text
    wang.sends(f"/console/time/partners/offers/{offer[1]}/close")
    assert "不发了" in wang.opens("/console/time/partners").text
    with refused("offer_gone"):
        taken(ma, offer)
    assert counted(town)


def test_who_leaves_gives_back_what_they_hold_and_stays_a_count(han: Phone) -> None:
    town, offer = han.town, offered(han.town, each_person=2, minutes=0)
    used, held = taken(han, offer), taken(han, offer)
    staff_does(town, actions.use_at_desk, code(town, used))
    town.writing(lambda s: people.erase(han.actor(s), han.actor(s).me))
    with town.reading() as session:
        assert session.get_one(*offer).taken == 1
        rows = [session.get_one(*one) for one in (used, held)]
        assert [(one.person_id, one.code, one.state) for one in rows] == [
            (None, None, "used"),
            (None, None, "returned"),
        ]
    assert counted(town)

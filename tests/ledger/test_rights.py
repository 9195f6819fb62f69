"""Leaving, joining two records and parting them: sums stay, names and words do not."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.ledger import actions
from handlers.ledger.rights import kept_of
from handlers.people import actions as people
from models.exchange import Exchange
from models.ledger import TimeAccount, TimeWords, house_account
from models.linking import Merging
from tests.ledger.conftest import asked, balance, desk, does, earned, promised, sound, staff_does, state
from tests.neighbours import Phone


def erased(phone: Phone) -> None:
    phone.town.writing(lambda s: people.erase(phone.actor(s), phone.actor(s).me))


def pool(phone: Phone) -> int:
    with phone.town.reading() as session:
        return house_account(session, "pool").balance


def test_who_leaves_leaves_their_hours_to_the_pool(ma: Phone, han: Phone) -> None:
    earned(han, 90)
    does(han, lambda by: actions.give(by, ma.actor(by.session).me, 30, words="给马阿姨看病用"))
    request = asked(ma, text="水龙头漏水,在3号楼")
    promised(han, request)
    erased(han)
    assert pool(han) == 60
    assert (state(ma.town, request), balance(ma)) == ("asked", (30, 120))
    with ma.town.reading() as session:
        assert session.scalars(select(TimeWords)).all() == []
        closed = session.scalars(select(TimeAccount).where(TimeAccount.state == "closed")).one()
        assert (closed.balance, closed.person_id) == (0, None)
    assert sound(ma.town)


def test_the_pool_carries_a_debt_and_whoever_helped_is_paid(ma: Phone, han: Phone) -> None:
    request = asked(ma, minutes=240, text="水龙头漏水")
    does(han, actions.mark_done, promised(han, request))
    erased(ma)
    assert (state(ma.town, request), balance(han), pool(han)) == ("paid", (240, 0), -240)
    with ma.town.reading() as session:
        row = session.get_one(Exchange, request[1])
        assert (row.asker_id, row.text) == (None, None)
    assert sound(ma.town)


def test_nobody_is_kept_from_leaving_by_an_empty_pool(ma: Phone, han: Phone) -> None:
    staff_does(
        ma.town, lambda by: actions.change_limit(by, house_account(by.session, "pool"), 0, "池子暂时不欠")
    )
    request = asked(ma, minutes=240)
    does(han, actions.mark_done, promised(han, request))
    erased(ma)
    assert pool(ma) == -240
    assert sound(ma.town)


def test_a_copy_says_everything_and_nothing_of_others(ma: Phone, han: Phone) -> None:
    earned(han, 90)
    request = asked(ma, text="水龙头漏水")
    does(han, actions.offer, "小修", text="会修水管")
    does(han, actions.mark_done, promised(han, request))
    does(ma, actions.confirm, request)
    with ma.town.reading() as session:
        told = kept_of(session, han.person(session))
        asked_for = kept_of(session, ma.person(session))
    assert told["余额"] == "3小时30分钟"
    assert [line["什么"] for line in told["记录"]] == ["互助:小修", "记入:志愿服务"]
    assert "漏水" not in str(told)
    assert asked_for["余额"] == "欠2小时"
    assert asked_for["请人帮忙"][0]["说明"] == "水龙头漏水"


def test_two_records_become_one_account_and_are_parted_again(ma: Phone, han: Phone, qi: Phone) -> None:
    """马秀兰 is also 祁生华's record: hours, an open request and a promise go over, and come back."""
    earned(ma, 60, "a")
    earned(qi, 90, "b")
    open_request = asked(qi, minutes=60)
    does(qi, actions.offer, "理发")
    merging = staff_does(
        ma.town,
        lambda by: (
            people.link_at_desk(by, ma.actor(by.session).me, qi.actor(by.session).me, reason="同一个人").id
        ),
    )
    assert balance(ma) == (150, 60)
    assert sound(ma.town)
    does(ma, lambda by: actions.give(by, han.actor(by.session).me, 90))
    with ma.town.reading() as session:
        kept, gone = (session.get_one(Merging, merging).kept_id, session.get_one(Merging, merging).gone_id)
    staff_does(ma.town, people.part, (Merging, merging))
    with ma.town.reading() as session:
        rows = {
            row.person_id: (row.balance, row.held)
            for row in session.scalars(select(TimeAccount).where(TimeAccount.person_id.in_((kept, gone))))
        }
        assert session.get_one(Exchange, open_request[1]).asker_id == gone
    assert rows == {kept: (-30, 0), gone: (90, 60)}
    assert sound(ma.town)


def test_a_record_without_an_account_brings_nothing_and_one_with_brings_it_whole(
    ma: Phone, qi: Phone
) -> None:
    earned(qi, 90, "b")

    def joined(session: Session) -> int:
        by = desk(session)
        return people.link_at_desk(by, ma.actor(session).me, qi.actor(session).me, reason="同一个人").id

    merging = ma.town.writing(joined)
    assert balance(ma) == (90, 0)
    staff_does(ma.town, people.part, (Merging, merging))
    assert balance(ma) == (0, 0)
    assert sound(ma.town)


def test_one_who_turns_out_to_be_both_sides_helps_nobody(ma: Phone, qi: Phone) -> None:
    request = asked(ma)
    promised(qi, request)
    staff_does(
        ma.town,
        lambda by: people.link_at_desk(
            by, ma.actor(by.session).me, qi.actor(by.session).me, reason="同一个人"
        ),
    )
    assert state(ma.town, request) == "asked"
    assert sound(ma.town)

"""Two records of one person: by code, by UnionID, at the desk, and apart again. What races runs on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.people import actions, jobs
from models.audit import AuditLine
from models.identity import Actor, Identity
from models.linking import Merging
from models.outbox import OutboxRow
from models.people import live_consents
from models.refusal import Refusal
from tests.neighbours import Phone, Town, frozen
from tests.people.homes import NAME, NUMBER, join, staff


@pytest.fixture
def home(sqlite_town: Town) -> Town:
    sqlite_town.seed("people")
    return sqlite_town


# ---- joining two records -------------------------------------------------------------------------------------------


def shown(town: Town, phone: Phone) -> str:
    return town.writing(lambda s: actions.issue_link_code(phone.actor(s)))


def typed(town: Town, phone: Phone, code: str) -> bool:
    return town.writing(lambda s: actions.link_by_code(phone.actor(s), code) is not None)


def test_a_code_shown_here_and_typed_there_makes_one_person_who_is_told(home: Town) -> None:
    old, new = home.phone(NAME), home.phone("小程序里的她")
    home.writing(lambda s: join(s, old))
    assert typed(home, new, shown(home, old))
    with home.reading() as session:
        assert new.person(session).id == old.person(session).id
        assert old.person(session).name == NAME
        assert session.scalars(select(OutboxRow.kind)).all() == ["people.linked"]
        assert (
            session.scalars(select(AuditLine).where(AuditLine.action == "people.link")).one().facts["how"]
            == "code"
        )


def test_who_has_joined_keeps_their_record_whichever_side_shows_the_code(home: Town) -> None:
    new, old = home.phone("先来的"), home.phone(NAME)
    home.writing(lambda s: new.actor(s) and None)
    home.writing(lambda s: join(s, old))
    assert typed(home, old, shown(home, new))
    with home.reading() as session:
        assert new.person(session).name == NAME


def test_a_code_dies_after_five_minutes_after_one_use_and_with_the_next_code(home: Town) -> None:
    old, new = home.phone(NAME), home.phone("另一边")
    with frozen("2026-11-23 09:00") as wall:
        first = shown(home, old)
        second = shown(home, old)
        assert not typed(home, new, first) or first == second
        wall.shift(timedelta(minutes=5, seconds=1))
        assert not typed(home, new, second)


def test_after_five_wrong_codes_even_the_right_one_must_wait(home: Town) -> None:
    old, new = home.phone(NAME), home.phone("猜码的人")
    with frozen("2026-11-23 09:00") as wall:
        right = shown(home, old)
        wrong = next(code for code in ("000000", "111111") if code != right)
        assert [typed(home, new, wrong) for _ in range(5)] == [False] * 5
        with pytest.raises(Refusal, match=r"people\.too_many_codes"):
            typed(home, new, right)
        wall.shift(timedelta(minutes=6))
        assert typed(home, new, shown(home, old))


def test_ones_own_code_joins_nobody(home: Town) -> None:
    phone = home.phone(NAME)
    with pytest.raises(Refusal, match=r"people\.same_person"):
        typed(home, phone, shown(home, phone))


def test_two_who_type_one_code_at_once_join_only_one(town: Town) -> None:
    town.seed("people")
    shower, rivals = town.phone(NAME), [town.phone(f"邻居{n}") for n in range(6)]
    for phone in (shower, *rivals):
        town.writing(lambda s, p=phone: p.actor(s) and None)
    code = shown(town, shower)
    with ThreadPoolExecutor(6) as pool:
        joined = list(pool.map(lambda phone: typed(town, phone, code), rivals))
    assert sum(joined) == 1
    with town.reading() as session:
        assert len(session.scalars(select(Merging)).all()) == 1


def test_parted_within_thirty_days_both_have_what_was_theirs(home: Town) -> None:
    old, new = home.phone(NAME), home.phone("家里另一个人")

    def joined_apart(session: Session) -> None:
        join(session, old)
        join(session, new, "马文芳", "13900000088")
        actions.withdraw_consent(old.actor(session), "notices")

    home.writing(joined_apart)
    typed(home, new, shown(home, old))
    home.writing(lambda s: actions.part(old.actor(s), s.scalars(select(Merging)).one()))
    with home.reading() as session:
        assert (old.person(session).name, new.person(session).name) == (NAME, "马文芳")
        assert old.person(session).id != new.person(session).id
        kept = session.scalars(live_consents(new.person(session))).all()
        assert {consent.purpose for consent in kept} == {"service", "notices"}
        told = session.scalars(select(OutboxRow.kind).order_by(OutboxRow.id)).all()
        assert told == ["people.linked", "people.parted", "people.parted"]


def test_a_field_that_only_one_side_had_goes_back_when_they_part(home: Town) -> None:
    first, second = home.phone("先来的"), home.phone(NAME)
    home.writing(lambda s: first.actor(s) and None)
    home.writing(lambda s: join(s, second))

    def merge_into_the_first(session: Session) -> None:
        first.person(session).joined_at = clock.now()
        actions.link_at_desk(
            staff(session), first.person(session), second.person(session), reason="本人到窗口"
        )
        assert first.person(session).phone == NUMBER
        actions.part(staff(session), session.scalars(select(Merging)).one())

    home.writing(merge_into_the_first)
    with home.reading() as session:
        assert (first.person(session).phone, second.person(session).phone) == (None, NUMBER)


def test_after_thirty_days_it_stays_and_the_second_record_keeps_no_name(home: Town) -> None:
    old, new = home.phone(NAME), home.phone("另一边")
    with frozen("2026-11-23 09:00") as wall:
        home.writing(lambda s: join(s, old) and None)
        home.writing(lambda s: join(s, new, "马文芳", "13900000088") and None)
        typed(home, new, shown(home, old))
        wall.shift(timedelta(days=30))
        with pytest.raises(Refusal, match=r"people\.cannot_part"):
            home.writing(lambda s: actions.part(old.actor(s), s.scalars(select(Merging)).one()))
        assert home.writing(lambda s: jobs.settle_linked(Actor(s, channel="job"))).startswith("1 ")
    with home.reading() as session:
        gone = session.scalars(select(Merging)).one().gone
        assert (gone.name, gone.phone) == (None, None)


def test_nobody_parts_what_others_joined(home: Town) -> None:
    old, new = home.phone(NAME), home.phone("另一边")
    typed(home, new, shown(home, old))
    with pytest.raises(Refusal, match=r"people\.not_yours"):
        home.writing(lambda s: actions.part(home.phone("邻居").actor(s), s.scalars(select(Merging)).one()))


def test_an_equal_unionid_makes_two_records_one(home: Town) -> None:
    chat, mini = home.phone(NAME), home.phone("小程序")

    def unit(session: Session) -> None:
        for phone in (chat, mini, mini):
            actions.note_unionid(phone.actor(session), "u-1")

    home.writing(unit)
    with home.reading() as session:
        assert chat.person(session).id == mini.person(session).id
        assert session.scalars(select(Identity.person_id).distinct()).all() == [chat.person(session).id]


def test_a_unionid_travels_to_the_kept_record_and_back_when_they_part(home: Town) -> None:
    chat, mini = home.phone(NAME), home.phone("小程序")
    code = home.writing(lambda s: (join(s, chat), actions.issue_link_code(chat.actor(s)))[1])

    def through_the_mini_program(session: Session) -> None:
        actions.note_unionid(mini.actor(session), "u-1")
        actions.link_by_code(mini.actor(session), code)

    home.writing(through_the_mini_program)
    with home.reading() as session:
        assert chat.person(session).unionid == "u-1"
    home.writing(lambda s: actions.part(chat.actor(s), s.scalars(select(Merging)).one()))
    with home.reading() as session:
        assert (chat.person(session).unionid, mini.person(session).unionid) == (None, "u-1")


def test_a_third_app_with_the_same_unionid_finds_the_record_that_was_kept(home: Town) -> None:
    first, second, third = (home.phone(f"第{n}个应用") for n in range(3))

    def unit(session: Session) -> set[int]:
        join(session, first)
        for phone, unionid in ((first, "u-1"), (second, "u-2")):
            actions.note_unionid(phone.actor(session), unionid)
        actions.link_at_desk(
            staff(session), first.person(session), second.person(session), reason="本人到窗口"
        )
        return {actions.note_unionid(third.actor(session), "u-2").id, first.person(session).id}

    assert len(home.writing(unit)) == 1


def test_only_staff_join_records_at_the_desk_and_open_a_card(home: Town) -> None:
    one, other = home.phone(NAME), home.phone("另一边")

    def at_the_desk(session: Session) -> None:
        actions.link_at_desk(one.actor(session), one.person(session), other.actor(session).me, reason="")

    for forbidden in (at_the_desk, lambda s: actions.view(one.actor(s), one.actor(s).me)):
        with pytest.raises(Refusal, match=r"people\.staff_only"):
            home.writing(forbidden)


def test_a_record_that_was_joined_away_or_erased_joins_nobody(home: Town) -> None:
    def unit(session: Session) -> None:
        one, other, third = (home.phone(f"邻居{n}").actor(session).me for n in range(3))
        actions.link_at_desk(staff(session), one, other, reason="本人到窗口")
        with pytest.raises(Refusal, match=r"people\.cannot_link"):
            actions.link_at_desk(staff(session), other, third, reason="本人到窗口")
        actions.erase(staff(session), third)
        with pytest.raises(Refusal, match=r"people\.cannot_link"):
            actions.link_at_desk(staff(session), one, third, reason="本人到窗口")

    home.writing(unit)

"""What people's actions do, whichever door they come through; what races runs on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.people import actions, jobs
from handlers.people.policies import policies
from models import outbox
from models.audit import AuditLine
from models.conversation import Conversation
from models.identity import Actor, Person
from models.outbox import OutboxRow
from models.people import (
    Consent,
    consents_of,
    live_consents,
    residents,
    residents_with_phone,
    views_of,
)
from models.refusal import Refusal
from tests.neighbours import Town, frozen
from tests.people.homes import NAME, NUMBER, join, staff
from tests.races import at_once


@pytest.fixture
def home(sqlite_town: Town) -> Town:
    sqlite_town.seed("people")
    return sqlite_town


# ---- joining and consents ----------------------------------------------------------------------------------------


def test_joining_keeps_name_phone_and_place_sealed_with_one_consent_for_each_purpose(home: Town) -> None:
    home.writing(lambda s: join(s, home.phone(NAME)))
    with home.reading() as session:
        person = home.phone(NAME).person(session)
        assert (person.name, person.phone, person.place.full_name) == (NAME, NUMBER, "东府佳苑3号楼2单元")
        given = session.scalars(live_consents(person)).all()
        assert {consent.purpose for consent in given} == {"service", "notices"}
        assert {consent.text_hash for consent in given} <= {
            policy.text_hash for policy in policies().values()
        }
        raw = session.connection().exec_driver_sql("SELECT name, phone FROM person").all()
        assert NAME.encode() not in b"".join(bytes(value) for row in raw for value in row if value)


def test_nobody_joins_without_agreeing_to_the_service(home: Town) -> None:
    def unit(session: Session) -> None:
        actions.join(home.phone(NAME).actor(session), name=NAME, phone=NUMBER, purposes=("notices",))

    with pytest.raises(Refusal, match=r"people\.service_needed"):
        home.writing(unit)
    with home.reading() as session:
        assert session.scalars(select(Consent).join(Person).where(Person.name.is_(None))).all() == []


@pytest.mark.parametrize(
    ("name", "number", "code"), [("3号楼", NUMBER, "bad_name"), (NAME, "123", "bad_phone")]
)
def test_names_and_phones_are_checked_for_every_channel(
    home: Town, name: str, number: str, code: str
) -> None:
    with pytest.raises(Refusal, match=f"people.{code}"):
        home.writing(lambda s: join(s, home.phone(NAME), name, number))


def test_agreeing_twice_is_agreeing_once(home: Town) -> None:
    def unit(session: Session) -> int:
        by = join(session, home.phone(NAME))
        actions.give_consent(by, "service")
        return len(session.scalars(consents_of(by.me)).all())

    assert home.writing(unit) == 2


def test_an_older_version_no_longer_counts_and_is_closed_by_the_new_one(home: Town) -> None:
    def unit(session: Session) -> tuple[bool, int]:
        by = join(session, home.phone(NAME))
        for consent in session.scalars(live_consents(by.me)):
            consent.version = 0
        session.flush()
        before = actions.has_consent(by, "service")
        actions.give_consent(by, "service")
        assert actions.has_consent(by, "service")
        return before, len(session.scalars(consents_of(by.me).where(Consent.purpose == "service")).all())

    assert home.writing(unit) == (False, 2)


def test_who_took_notices_back_gets_none_that_wait(home: Town) -> None:
    def unit(session: Session) -> list[str]:
        by = join(session, home.phone(NAME))
        for kind in ("notices.new", "appointments.reminder"):
            outbox.put(session, to=by.me, kind=kind, once=kind, facts={}, due=clock.now() + timedelta(days=1))
        for bundle in ("broadcast:1", "broadcast:2"):
            outbox.put_bundle(session, bundle, [by.me.id], kind="broadcasts.notice", facts={})
        outbox.hold(session, "broadcast:2")
        actions.withdraw_consent(by, "notices")
        assert not actions.has_consent(by, "notices")
        return list(session.scalars(select(OutboxRow.kind).where(OutboxRow.state.in_(("waiting", "held")))))

    assert home.writing(unit) == ["appointments.reminder"]


def test_a_consent_taken_back_refuses_what_stands_on_it_until_it_is_given_again(home: Town) -> None:
    def unit(session: Session) -> None:
        by = join(session, home.phone(NAME))
        actions.respect_withdrawal(by, "volunteer")
        with pytest.raises(Refusal, match=r"people\.consent_needed"):
            actions.need_consent(by, "volunteer")
        actions.withdraw_consent(by, "service")
        with pytest.raises(Refusal, match=r"people\.consent_needed"):
            actions.respect_withdrawal(by, "service")
        actions.give_consent(by, "service")
        actions.need_consent(by, "service")

    home.writing(unit)


def test_thirty_days_after_the_consent_to_service_was_taken_back_name_and_phone_are_gone(home: Town) -> None:
    phone = home.phone(NAME)
    with frozen("2026-11-23 09:00") as wall:
        home.writing(lambda s: actions.withdraw_consent(join(s, phone), "service"))
        wall.shift(timedelta(days=29))
        assert home.writing(lambda s: jobs.forget_withdrawn(Actor(s, channel="job"))).startswith("0 ")
        wall.shift(timedelta(days=1))
        assert home.writing(lambda s: jobs.forget_withdrawn(Actor(s, channel="job"))).startswith("1 ")
    with home.reading() as session:
        person = phone.person(session)
        assert (person.name, person.phone, person.phone_index, person.joined_at) == (None, None, None, None)


def test_who_never_joined_is_forgotten_like_everybody_once_for_each_withdrawal(home: Town) -> None:
    phone = home.phone("只约过一次的人")

    def told_a_name(session: Session) -> None:
        by = phone.actor(session)
        assert actions.agree_by_doing(by, "service")
        assert not actions.agree_by_doing(by, "service")
        by.me.name = "马福"

    def forgotten() -> str:
        return home.writing(lambda s: jobs.forget_withdrawn(Actor(s, channel="job")))

    with frozen("2026-11-23 09:00") as wall:
        for _ in range(2):
            home.writing(told_a_name)
            home.writing(lambda s: actions.withdraw_consent(phone.actor(s), "service"))
            wall.shift(timedelta(days=30))
            assert forgotten().startswith("1 ")
            assert forgotten().startswith("0 ")
            with home.reading() as session:
                assert phone.person(session).name is None


def test_two_doings_at_once_agree_once(town: Town) -> None:
    phone = town.phone(NAME)
    town.writing(lambda s: phone.actor(s) and None)

    def agree(_: int) -> bool:
        return town.writing(lambda s: actions.agree_by_doing(phone.actor(s), "volunteer"))

    with ThreadPoolExecutor(6) as pool:
        assert any(pool.map(agree, range(6)))
    with town.reading() as session:
        assert [one.purpose for one in session.scalars(live_consents(phone.person(session)))] == ["volunteer"]


# ---- staff -------------------------------------------------------------------------------------------------------


def test_a_resident_can_find_nobody_by_phone(home: Town) -> None:
    def unit(session: Session) -> None:
        actions.find_by_phone(home.phone(NAME).actor(session), "13900000001", purpose="check")

    with pytest.raises(Refusal, match=r"people\.staff_only"):
        home.writing(unit)


def test_staff_find_a_household_by_phone_and_everybody_found_can_see_it(home: Town) -> None:
    def unit(session: Session) -> list[str]:
        join(session, home.phone(NAME), number="13900000001")
        found = actions.find_by_phone(staff(session), "139 0000 0001", purpose="check")
        session.flush()
        assert all(len(session.scalars(views_of(person)).all()) == 1 for person in found)
        return [str(person.name) for person in found]

    assert home.writing(unit) == ["马秀兰", NAME]


def test_the_desk_registers_somebody_who_has_no_phone_with_wechat(home: Town) -> None:
    def unit(session: Session) -> tuple[str | None, str]:
        person = actions.register(staff(session), name="李奶奶", phone="13900000077")
        line = session.scalars(select(AuditLine).where(AuditLine.action == "people.join")).all()[-1]
        return person.name, line.actor

    assert home.writing(unit) == ("李奶奶", "staff:1")


def test_of_those_who_register_one_newcomer_at_once_one_does_it(town: Town) -> None:
    """Two clerks, or a button that is pressed twice; a relative with the same number is somebody else."""
    town.seed("people")

    def register(name: str) -> bool:
        try:
            town.writing(lambda s: actions.register(staff(s), name=name, phone="13900000077").id)
        except Refusal as why:
            return why.code != "people.on_file"
        return True

    done = at_once([partial(register, name) for name in ("李奶奶", "李奶奶", "李奶奶", "李奶奶", "李小妹")])
    assert (sum(done[:4]), done[4]) == (1, True)
    with town.reading() as session:
        names = sorted(str(one.name) for one in session.scalars(residents_with_phone("13900000077")))
    assert names == ["李奶奶", "李小妹"]


def test_a_sheet_and_a_clerk_at_once_make_one_record_of_each(town: Town) -> None:
    """A batch of a sheet with somebody who is put on file meanwhile is refused; its lines then go one by one."""
    town.seed("people")
    newcomers = [
        actions.Newcomer(f"韩来{turn}", f"139000001{number:02d}")
        for number, turn in enumerate("甲乙丙丁戊己")
    ]

    def register(*numbers: int) -> int:
        batch = [newcomers[number] for number in numbers]
        try:
            return len(town.writing(lambda session: actions.register_all(staff(session), batch)))
        except Refusal as why:
            if why.code != "people.on_file":
                raise
            return 0 if len(numbers) == 1 else sum(register(number) for number in numbers)

    turns = [(0, 1, 2, 3, 4, 5), (5, 4, 3, 2, 1, 0), (3,), (2, 0), (1,), (4, 5)]
    done = at_once([partial(register, *turn) for turn in turns])
    assert sum(done) == len(newcomers), done
    with town.reading() as session:
        there = [str(one.name) for one in session.scalars(residents()) if str(one.name).startswith("韩来")]
    assert sorted(there) == sorted(one.name for one in newcomers)


# ---- a copy, and being forgotten -----------------------------------------------------------------------------------


def test_the_copy_names_everything_under_chinese_headings(home: Town) -> None:
    def unit(session: Session) -> dict[str, object]:
        by = join(session, home.phone(NAME))
        copy: dict[str, object] = actions.export(by, by.me)["登记信息"]
        return copy

    copy = home.writing(unit)
    assert (copy["姓名"], copy["手机"], copy["住处"]) == (NAME, NUMBER, "东府佳苑3号楼2单元")
    assert [consent["用途"] for consent in copy["同意记录"]] == ["登记办事", "收通知"]  # type: ignore[attr-defined]


def test_a_neighbour_gets_neither_copy_nor_deletion_of_somebody_else(home: Town) -> None:
    home.writing(lambda s: join(s, home.phone(NAME)))
    for right in (actions.export, actions.erase):
        with pytest.raises(Refusal, match=r"people\.not_yours"):
            home.writing(lambda s, r=right: r(home.phone("邻居").actor(s), home.phone(NAME).person(s)))


def test_erasing_leaves_the_proof_of_consents_and_nothing_that_names_anybody(home: Town) -> None:
    def unit(session: Session) -> int:
        by = join(session, home.phone(NAME))
        by.identity.following = True  # type: ignore[union-attr]
        outbox.put(session, to=by.me, kind="people.linked", once="x", facts={"name": NAME})
        actions.erase(by, by.me)
        return by.me.id

    number = home.writing(unit)
    with home.reading() as session:
        person = session.get(Person, number)
        assert person is not None
        assert (person.name, person.phone, person.phone_index, person.place) == (None, None, None, None)
        assert person.erased_at is not None
        consents = session.scalars(consents_of(person)).all()
        assert len(consents) == 2
        assert all(consent.withdrawn_at for consent in consents)
        assert session.scalars(select(OutboxRow.state)).all() == ["cancelled"]
        assert home.phone(NAME).person(session).id != number


# ---- following and leaving -----------------------------------------------------------------------------------------


def test_leaving_stops_what_waits_and_thirty_days_later_a_stranger_is_unknown(home: Town) -> None:
    phone = home.phone("过客")
    with frozen("2026-11-23 09:00") as wall:
        phone.follows()
        home.writing(lambda s: outbox.put(s, to=phone.person(s), kind="notices.new", once="n", facts={}))
        wall.shift(timedelta(hours=1))
        assert phone.unfollows() == ""
        with home.reading() as session:
            assert session.scalars(select(OutboxRow.state)).all() == ["cancelled"]
        wall.shift(timedelta(days=30))
        assert home.writing(lambda s: jobs.forget_strangers(Actor(s, channel="job"))).startswith("1 ")
    with home.reading() as session:
        assert phone.identity(session) is None
        assert session.scalars(select(Conversation)).all() == []


def test_who_joined_is_kept_after_leaving(home: Town) -> None:
    phone = home.phone(NAME)
    with frozen("2026-11-23 09:00") as wall:
        phone.follows()
        home.writing(lambda s: join(s, phone))
        wall.shift(timedelta(hours=1))
        phone.unfollows()
        wall.shift(timedelta(days=60))
        assert home.writing(lambda s: jobs.forget_strangers(Actor(s, channel="job"))).startswith("0 ")
        assert NAME in phone.follows()


def test_a_word_of_leaving_that_arrives_late_changes_nothing(home: Town) -> None:
    phone = home.phone("回头客")
    with frozen("2026-11-23 09:00") as wall:
        phone.follows()
        home.writing(lambda s: outbox.put(s, to=phone.person(s), kind="notices.new", once="n", facts={}))
        wall.shift(timedelta(minutes=5))
        phone.event("unsubscribe", "<EventKey></EventKey>", at=int(clock.now().timestamp()) - 3600)
    with home.reading() as session:
        assert session.scalars(select(OutboxRow.state)).all() == ["waiting"]


def test_staff_who_open_a_card_are_seen_by_the_person_and_who_finds_nobody_is_noted(home: Town) -> None:
    def unit(session: Session) -> None:
        by = join(session, home.phone(NAME))
        actions.view(staff(session), by.me)
        session.flush()
        assert len(session.scalars(views_of(by.me)).all()) == 1
        assert actions.find_by_phone(staff(session), "13912345678", purpose="check") == []

    home.writing(unit)


def test_what_was_never_on_file_cannot_be_corrected(home: Town) -> None:
    for correct in (
        lambda by: actions.correct_name(by, NAME),
        lambda by: actions.correct_phone(by, NUMBER),
        lambda by: actions.correct_place(by, None),
    ):
        with pytest.raises(Refusal, match=r"people\.not_joined"):
            home.writing(lambda s, c=correct: c(home.phone("生人").actor(s)))


def test_erasing_twice_is_erasing_once(home: Town) -> None:
    def unit(session: Session) -> int:
        by = join(session, home.phone(NAME))
        for _ in range(2):
            actions.erase(staff(session), by.me)
        session.flush()
        return len(session.scalars(select(AuditLine).where(AuditLine.action == "people.erase")).all())

    assert home.writing(unit) == 1

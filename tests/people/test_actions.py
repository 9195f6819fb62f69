"""What people's actions do, whichever door they come through; what races runs on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.people import actions, jobs
from handlers.people.policies import policies
from models import outbox
from models.audit import AuditLine
from models.conversation import Conversation
from models.identity import Actor, Identity, Person
from models.linking import Merging
from models.outbox import OutboxRow
from models.people import Consent, consenting, consents_of, live_consents, views_of
from models.refusal import Refusal
from models.staff import StaffMember
from tests.neighbours import Phone, Town, frozen
from tests.people.homes import place_named

NAME, NUMBER = "陈玉兰", "13900000099"


@pytest.fixture
def home(sqlite_town: Town) -> Town:
    sqlite_town.seed("people")
    return sqlite_town


def join(session: Session, phone: Phone, name: str = NAME, number: str = NUMBER) -> Actor:
    by = phone.actor(session)
    place = place_named(session, "东府佳苑", "3号楼", "2单元")
    actions.join(by, name=name, phone=number, place=place, purposes=("service", "notices"))
    return by


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


def test_who_took_notices_back_is_in_no_audience_and_gets_nothing_that_waits(home: Town) -> None:
    def unit(session: Session) -> list[str]:
        by = join(session, home.phone(NAME))
        for kind in ("notices.new", "appointments.reminder"):
            outbox.put(session, to=by.me, kind=kind, once=kind, facts={}, due=clock.now() + timedelta(days=1))
        assert by.me in session.scalars(consenting("notices", 1)).all()
        actions.withdraw_consent(by, "notices")
        assert by.me not in session.scalars(consenting("notices", 1)).all()
        return list(session.scalars(select(OutboxRow.kind).where(OutboxRow.state == "waiting")))

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


# ---- staff -------------------------------------------------------------------------------------------------------


def staff(session: Session) -> Actor:
    member = StaffMember(id=1)
    return Actor(session, staff=member, channel="console")


def test_a_resident_can_find_nobody_by_phone(home: Town) -> None:
    def unit(session: Session) -> None:
        actions.find_by_phone(home.phone(NAME).actor(session), "13900000001")

    with pytest.raises(Refusal, match=r"people\.staff_only"):
        home.writing(unit)


def test_staff_find_a_household_by_phone_and_everybody_found_can_see_it(home: Town) -> None:
    def unit(session: Session) -> list[str]:
        join(session, home.phone(NAME), number="13900000001")
        found = actions.find_by_phone(staff(session), "139 0000 0001")
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


def test_staff_who_open_a_card_are_seen_by_the_person_and_who_finds_nobody_is_noted(home: Town) -> None:
    def unit(session: Session) -> None:
        by = join(session, home.phone(NAME))
        actions.view(staff(session), by.me)
        session.flush()
        assert len(session.scalars(views_of(by.me)).all()) == 1
        assert actions.find_by_phone(staff(session), "13912345678") == []

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

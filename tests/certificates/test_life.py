"""The way of a proof, step by step: who may move it, what stands still, who is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from app.understanding.calendar import working_day_after
from handlers.certificates import actions, files, issuing
from handlers.people import actions as people
from models.certificate_lists import posted_on_page
from models.certificates import (
    Certificate,
    CertificateObjection,
    changed_content,
    gaps_in_register,
    hours_text,
    posted_too_short,
)
from models.hours import ServiceHours
from models.identity import Actor, Person
from models.proxies import Proxy
from models.refusal import Refusal
from models.volunteer_file import file_of
from tests.certificates.offices import (
    CHILD_ID,
    applied,
    checked,
    does,
    gave,
    issued,
    joined,
    over,
    printed,
    ready,
    served,
    state,
    told,
    with_id,
)
from tests.neighbours import Phone


def test_a_proof_goes_its_way_and_its_person_hears_of_each_step(
    ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = issued(ma.town, ma, monday)
    with ma.town.reading() as session:
        row = session.get_one(Certificate, number)
        assert row.state == "issued"
        assert row.number == "HZZL-2026-0001"
        assert row.content is not None
        assert row.content["hours"] == "12.5", "760 minutes are told down to the half hour"
        assert row.content["times"] == 3
        assert row.scan is not None
        assert row.scan.person_id == row.person_id
        assert told(session, ma) == [f"certificates.{key}" for key in ("posting", "ready", "issued")]
        assert not [*gaps_in_register(session), *changed_content(session), *posted_too_short(session)]


def test_hours_are_told_by_the_rule_and_never_rounded_up() -> None:
    assert [hours_text(minutes, 30) for minutes in (29, 30, 89, 90, 760)] == ["0", "0.5", "1", "1.5", "12.5"]
    assert [hours_text(minutes, 6) for minutes in (5, 6, 760)] == ["0", "0.1", "12.6"]


def test_only_hours_that_stand_count_and_only_those_of_the_period(ma: Phone) -> None:
    def unsettled(by: Actor) -> None:
        person = by.session.get_one(Person, ma.person(by.session).id)
        for kept in ("provisional", "void"):
            row = gave(by.session, person, 600, date(2026, 9, 1))
            row.state, row.transfer_id = kept, None

    does(ma.town, unsettled)
    number = applied(ma.town, ma, since=date(2026, 1, 1), until=date(2026, 11, 23))
    checked(ma.town, number)
    with ma.town.reading() as session:
        row = session.get_one(Certificate, number)
        assert row.minutes == 310 + 210
        assert [line.minutes for line in row.lines] == [310, 210]


def test_before_seven_days_nothing_is_ready_and_an_objection_stops_it(
    ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = applied(ma.town, ma)
    checked(ma.town, number)
    monday.shift(timedelta(days=6, hours=23))
    assert over(ma.town) == 0
    with pytest.raises(Refusal, match=r"certificates\.not_now"):
        printed(ma.town, number)
    stranger = ma.town.phone("路人")

    def objects(by: Actor) -> int:
        said = actions.object_to(by, by.session.get_one(Certificate, number), "那天他没有来巡逻")
        by.session.flush()
        return said.id

    made = ma.town.writing(lambda s: objects(stranger.actor(s)))
    monday.shift(timedelta(days=2))
    assert over(ma.town) == 0, "somebody waits for an answer"
    does(
        ma.town,
        lambda by: actions.answer(by, by.session.get_one(CertificateObjection, made), "查过签到,他来了"),
    )
    assert over(ma.town) == 1
    with ma.town.reading() as session:
        assert told(session, stranger) == ["certificates.answered"]


def test_a_stranger_cannot_object_to_what_does_not_hang(ma: Phone) -> None:
    number = applied(ma.town, ma)
    stranger = ma.town.phone("路人")
    with pytest.raises(Refusal, match=r"certificates\.not_posted"):
        ma.town.writing(
            lambda s: actions.object_to(stranger.actor(s), s.get_one(Certificate, number), "我觉得不对")
        )


def test_an_answer_is_due_within_five_working_days() -> None:
    assert working_day_after(date(2026, 11, 23), 5) == date(2026, 11, 30)


def test_who_does_not_agree_to_the_page_hangs_on_the_board_only(
    ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = applied(ma.town, ma, posting=False)
    checked(ma.town, number)
    assert state(ma.town, number) == "checked", "the days count from when it hangs"
    monday.shift(timedelta(days=9))
    assert over(ma.town) == 0
    does(ma.town, lambda by: actions.hang_up(by, by.session.get_one(Certificate, number)))
    with ma.town.reading() as session:
        assert session.scalars(posted_on_page()).all() == []
    monday.shift(timedelta(days=7, minutes=1))
    assert over(ma.town) == 1


def test_who_takes_the_consent_back_is_off_the_page_at_once_and_waits_for_the_board(
    ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = applied(ma.town, ma)
    checked(ma.town, number)
    monday.shift(timedelta(days=6))
    ma.town.writing(lambda s: people.withdraw_consent(ma.actor(s), "posting"))
    with ma.town.reading() as session:
        assert session.scalars(posted_on_page()).all() == []
    monday.shift(timedelta(days=5))
    assert over(ma.town) == 0, "it hung nowhere"
    does(ma.town, lambda by: actions.hang_up(by, by.session.get_one(Certificate, number)))
    with ma.town.reading() as session:
        assert session.get_one(Certificate, number).days_left == 7


def test_what_was_checked_does_not_change_when_an_hour_does(
    ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = issued(ma.town, ma, monday)
    with ma.town.reading() as session:
        before = session.get_one(Certificate, number).digest

    def corrects(by: Actor) -> int:
        theirs = ServiceHours.minutes == 310
        by.session.execute(update(ServiceHours).where(theirs).values(minutes=120))
        return issuing.note_corrections(by)

    assert does(ma.town, corrects) == 1
    assert does(ma.town, issuing.note_corrections) == 0, "told once"
    with ma.town.reading() as session:
        row = session.get_one(Certificate, number)
        assert row.digest == before
        assert row.is_true
        assert row.corrected_at is not None
        assert told(session, ma)[-1] == "certificates.corrected"


def test_tampering_with_what_was_frozen_is_found(ma: Phone) -> None:
    number = applied(ma.town, ma)
    checked(ma.town, number)

    def forges(by: Actor) -> None:
        row = by.session.get_one(Certificate, number)
        row.content = {**(row.content or {}), "hours": "999"}

    does(ma.town, forges)
    with ma.town.reading() as session:
        assert changed_content(session) == [f"certificate {number} does not say what was frozen"]


def test_a_number_is_void_only_when_two_agree_and_is_never_used_again(
    ma: Phone, monday: time_machine.Coordinates
) -> None:
    number = issued(ma.town, ma, monday)

    def find(by: Actor) -> Certificate:
        return by.session.get_one(Certificate, number)

    does(ma.town, lambda by: issuing.ask_void(by, find(by), "姓名写错了一个字"))
    with pytest.raises(Refusal, match=r"certificates\.not_yourself"):
        does(ma.town, lambda by: issuing.decide_void(by, find(by), yes=True))
    does(ma.town, lambda by: issuing.decide_void(by, find(by), yes=True), "approver")
    assert state(ma.town, number) == "void"
    again = issued(ma.town, ma, monday)
    with ma.town.reading() as session:
        first, second = session.get_one(Certificate, number), session.get_one(Certificate, again)
        assert (first.number, first.reason) == ("HZZL-2026-0001", "姓名写错了一个字")
        assert second.number == "HZZL-2026-0002"
        assert gaps_in_register(session) == []


def test_a_unit_that_fails_gives_its_number_back(ma: Phone, monday: time_machine.Coordinates) -> None:
    number = ready(ma.town, ma, monday)

    def prints_and_falls(by: Actor) -> None:
        issuing.ask_for_paper(by, by.session.get_one(Certificate, number))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        does(ma.town, prints_and_falls)
    printed(ma.town, number)
    with ma.town.reading() as session:
        assert session.get_one(Certificate, number).number == "HZZL-2026-0001"


def test_a_minor_needs_a_guardian_on_file(ma: Phone) -> None:
    child = joined(ma.town, "马小云", "13900000009")
    served(ma.town, child, (120, "2026-10-01"))
    with_id(ma.town, child, CHILD_ID)
    number = applied(ma.town, child)
    with pytest.raises(Refusal, match=r"certificates\.guardian_needed"):
        checked(ma.town, number)

    def tied(by: Actor) -> None:
        mother, own = ma.person(by.session), child.person(by.session)
        by.session.add(Proxy(kind="guardian", holder_id=mother.id, ward_id=own.id, how="desk"))

    does(ma.town, tied)
    checked(ma.town, number)
    assert state(ma.town, number) == "posting"


def test_no_more_than_two_are_under_way_and_nobody_without_hours_gets_one(ma: Phone) -> None:
    applied(ma.town, ma)
    applied(ma.town, ma)
    with pytest.raises(Refusal, match=r"certificates\.under_way"):
        applied(ma.town, ma)
    newcomer = joined(ma.town, "韩世杰", "13900000002")
    with pytest.raises(Refusal, match=r"certificates\.no_hours"):
        applied(ma.town, newcomer)


def test_the_volunteers_number_is_their_own_and_never_the_identity_number(ma: Phone) -> None:
    other = joined(ma.town, "韩世杰", "13900000002")
    with_id(ma.town, ma)
    with_id(ma.town, other, CHILD_ID)
    with ma.town.reading() as session:
        numbers = [
            kept.number
            for phone in (ma, other)
            if (kept := file_of(session, phone.person(session))) is not None
        ]
    assert numbers == ["V000001", "V000002"]


def test_the_identity_number_is_opened_with_a_reason_and_goes_with_its_consent(ma: Phone) -> None:
    with_id(ma.town, ma)
    person = ma.town.writing(lambda s: ma.person(s).id)

    def opens(by: Actor, reason: str) -> str:
        return files.open_id_number(by, by.session.get_one(Person, person), reason)

    with pytest.raises(Refusal, match=r"people\.reason_needed"):
        does(ma.town, lambda by: opens(by, ""))
    with pytest.raises(Refusal):
        does(ma.town, lambda by: opens(by, "办证明要核对"), "leader")
    assert does(ma.town, lambda by: opens(by, "办证明要核对")).startswith("11010519")
    with ma.town.reading() as session:
        looks = people.who_looked(session, ma.person(session))
        assert [look.what for look in looks] == ["身份证号"]
    ma.town.writing(lambda s: people.withdraw_consent(ma.actor(s), "id_number"))
    with pytest.raises(Refusal, match=r"certificates\.no_id_number"):
        does(ma.town, lambda by: opens(by, "办证明要核对"))
    assert does(ma.town, files.forget_numbers) == 1
    with ma.town.reading() as session:
        kept = file_of(session, ma.person(session))
        assert kept is not None
        assert kept.id_number is None


def test_an_erased_person_leaves_a_number_hours_and_a_day(
    ma: Phone, monday: time_machine.Coordinates
) -> None:
    with_id(ma.town, ma)
    number = issued(ma.town, ma, monday)
    open_one = applied(ma.town, ma)
    ma.town.writing(lambda s: people.erase(ma.actor(s), ma.person(s)))
    with ma.town.reading() as session:
        row = session.get_one(Certificate, number)
        assert (row.number, row.minutes, row.state) == ("HZZL-2026-0001", 760, "issued")
        assert (row.person_id, row.content, row.scan_id) == (None, None, None)
        assert session.get_one(Certificate, open_one).state == "withdrawn"
        assert session.scalar(select(Certificate.id).where(Certificate.purpose.is_not(None))) is None
        assert gaps_in_register(session) == []

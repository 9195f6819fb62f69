"""What happens to appointments, on real rows: reminders, the staff's acts, a person's data."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.appointments import actions, marks
from handlers.appointments.planning import (
    close_day,
)
from models.appointments import Contact
from models.audit import AuditLine
from models.identity import Helped
from tests.appointments.desk import (
    KNOWN,
    TUESDAY,
    WEDNESDAY,
    booked,
    clerk,
    fill,
    get,
    messages,
    only,
    opened,
    refusal,
    slot_at,
    sound,
)
from tests.neighbours import Town, frozen

# ---- booking ------------------------------------------------------------------------------------------------------


def test_the_reminder_goes_out_the_evening_before(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    booked(sqlite_town, WEDNESDAY)
    (reminder,) = messages(sqlite_town, "reminder")
    assert reminder.due == clock.at(TUESDAY, time(18, 30))
    assert reminder.useful_until == clock.at(WEDNESDAY, time(9))
    assert reminder.facts["service"] == "老年证"
    assert reminder.facts["bring"] == ["身份证", "照片"]


def test_who_books_after_the_evening_is_not_reminded(sqlite_town: Town) -> None:
    with frozen("2026-11-23 18:31"):
        opened(sqlite_town)
        booked(sqlite_town, TUESDAY)
        assert messages(sqlite_town, "reminder") == []


def test_every_message_fits_the_fields_of_its_template(sqlite_town: Town, monday: Any) -> None:
    opened(
        sqlite_town,
        place="互助中路社区党群服务中心一楼办事大厅东侧",
        window=None,
        bring=["身份证原件和复印件"] * 4,
    )
    number = booked(sqlite_town, WEDNESDAY)
    sqlite_town.writing(lambda s: close_day(clerk(s), None, WEDNESDAY, "停电"))
    with sqlite_town.reading() as session:
        facts = {
            "reason": "停电",
            "before": get(session, number).slot.starts.isoformat(),
            "instead": [get(session, number).slot.starts.isoformat()],
            "until": clock.at(TUESDAY, time(10)).isoformat(),
            "days": [get(session, number).slot.starts.isoformat()],
            "refused": [],
            "first": WEDNESDAY.isoformat(),
            "what": "room",
            "now": "调解室",
        }
        from handlers.appointments.messages import message_facts

        facts |= message_facts(session, get(session, number))
    words = sqlite_town.site.words
    kinds = [kind for kind in words.forms() if kind.startswith("appointments.") and words.form(kind).template]
    assert len(kinds) == 9
    for kind in kinds:
        form = words.form(kind)
        fields = {name: words.fill(source, facts) for name, source in form.fields.items()}
        assert all(1 <= len(value) <= 20 for name, value in fields.items() if name.startswith("thing")), (
            fields
        )
        whole_day = kind == "appointments.series_stopped"
        assert fields["time2"] == f"2026年11月25日 {'00:00' if whole_day else '09:00'}"
        assert f"11月25日(星期三){'' if whole_day else '上午9点'}" in words.fill(form.text, facts)


def test_a_desk_booking_tells_the_resident(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)

    def unit(session: Session) -> None:
        person = sqlite_town.phone("马秀兰").actor(session).me
        slot = slot_at(session, TUESDAY, "09:00")
        actions.book(clerk(session), slot, for_=person, contact=KNOWN, note="耳朵背")

    sqlite_town.writing(unit)
    made = only(sqlite_town)
    assert (made.channel, made.note) == ("console", "耳朵背")
    assert len(messages(sqlite_town, "booked_for_you")) == 1


@pytest.mark.parametrize(
    ("facts", "contact", "code"),
    [
        ({}, Contact(), "needs_name"),
        ({}, Contact("不知道"), "bad_name"),
        ({"asks_phone": True}, Contact("马秀兰"), "needs_phone"),
        ({"asks_phone": True}, Contact("马秀兰", "123"), "bad_phone"),
        ({"home_visit": True}, Contact("马秀兰"), "needs_address"),
    ],
)
def test_a_visit_without_what_it_needs_is_refused(
    sqlite_town: Town, monday: Any, facts: dict[str, bool], contact: Contact, code: str
) -> None:
    opened(sqlite_town, **facts)

    def unit(session: Session) -> None:
        actor = sqlite_town.phone("马秀兰").actor(session)
        actions.book(actor, slot_at(session, TUESDAY, "09:00"), contact=contact)

    with refusal(code):
        sqlite_town.writing(unit)


def test_a_service_that_does_not_call_keeps_no_phone(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    booked(sqlite_town)
    made = only(sqlite_town)
    assert (made.phone, made.address) == (None, None)


def test_a_name_once_told_is_kept_and_audited_without_the_name(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    booked(sqlite_town)
    with sqlite_town.reading() as session:
        assert sqlite_town.phone("马秀兰").person(session).name == "马秀兰"
        lines = session.scalars(select(AuditLine).where(AuditLine.action.startswith("appointments."))).all()
        assert {"appointments.keep_name", "appointments.book"} <= {line.action for line in lines}
        assert "马秀兰" not in str([line.facts for line in lines])


@pytest.mark.parametrize(
    ("wall", "moment", "code"),
    [("2026-11-24 08:15", "09:00", "too_soon"), ("2026-11-24 09:10", "09:00", "too_soon")],
)
def test_what_begins_soon_or_is_over_cannot_be_booked(
    sqlite_town: Town, monday: Any, wall: str, moment: str, code: str
) -> None:
    opened(sqlite_town)
    with frozen(wall), refusal(code) as refused:
        booked(sqlite_town, TUESDAY, moment)
    assert len(refused.value.instead) == 2


def test_one_person_and_all_they_help_wait_for_twenty_visits_at_most(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town, capacity=30)

    def unit(session: Session, number: int) -> None:
        actor = sqlite_town.phone("网格员").actor(session).helping(Helped(f"老人{number}", None, "网格员"))
        actions.book(actor, slot_at(session, TUESDAY, "09:00"))

    for number in range(20):
        sqlite_town.writing(lambda s, n=number: unit(s, n))
    with refusal("too_many_in_all"):
        sqlite_town.writing(lambda s: unit(s, 20))
    assert sound(sqlite_town)


# ---- whose it is ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["cancel", "give_back", "reinstate", "rebook", "move_back"])
def test_a_stranger_may_do_nothing_to_an_appointment(sqlite_town: Town, monday: Any, act: str) -> None:
    opened(sqlite_town)
    number = booked(sqlite_town)

    def unit(session: Session) -> None:
        stranger = sqlite_town.phone("陌生人").actor(session)
        given = [slot_at(session, WEDNESDAY, "09:00")] if act in ("rebook", "move_back") else []
        getattr(actions, act)(stranger, get(session, number), *given)

    with refusal("not_yours"):
        sqlite_town.writing(unit)
    assert only(sqlite_town).state == "confirmed"


def test_only_staff_mark_visits(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    number = booked(sqlite_town)
    with refusal("staff_only"):
        sqlite_town.writing(lambda s: marks.mark_done(sqlite_town.phone("马秀兰").actor(s), get(s, number)))


def test_only_staff_change_plans(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    with refusal("staff_only"):
        sqlite_town.writing(lambda s: close_day(sqlite_town.phone("马秀兰").actor(s), None, TUESDAY, "玩"))


def test_a_visit_is_marked_when_its_time_has_come_and_keeps_its_seat(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    number = booked(sqlite_town)
    with refusal("not_yet"):
        sqlite_town.writing(lambda s: marks.mark_no_show(clerk(s), get(s, number)))
    with frozen("2026-11-24 09:40"):
        sqlite_town.writing(lambda s: marks.mark_no_show(clerk(s), get(s, number)))
        assert only(sqlite_town).state == "no_show"
        sqlite_town.writing(lambda s: marks.mark_done(clerk(s), get(s, number)))
        assert only(sqlite_town).state == "done"
    assert sound(sqlite_town)


def test_staff_cancel_at_any_time_and_say_so(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    number = booked(sqlite_town)
    with frozen("2026-11-24 08:59"):
        sqlite_town.writing(lambda s: actions.cancel(clerk(s), get(s, number), reason="窗口停办"))
    assert only(sqlite_town).reason == "窗口停办"
    assert len(messages(sqlite_town, "cancelled")) == 1
    assert sound(sqlite_town)


def test_cancelling_twice_gives_one_seat_back(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town, capacity=2)
    number = booked(sqlite_town)
    booked(sqlite_town, name="才让卓玛")

    def cancel(session: Session) -> None:
        actions.cancel(sqlite_town.phone("马秀兰").actor(session), get(session, number))

    sqlite_town.writing(cancel)
    with refusal("not_waiting"):
        sqlite_town.writing(cancel)
    assert sound(sqlite_town)


def test_a_move_to_another_service_or_the_same_time_is_refused(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    opened(sqlite_town, name="理发")
    number = booked(sqlite_town)

    def move(session: Session, service: str) -> None:
        slot = slot_at(session, TUESDAY, "09:00", service)
        actions.rebook(sqlite_town.phone("马秀兰").actor(session), get(session, number), slot)

    with refusal("other_service"):
        sqlite_town.writing(lambda s: move(s, "理发"))
    with refusal("same_time"):
        sqlite_town.writing(lambda s: move(s, "老年证"))


def test_a_move_to_a_full_time_keeps_the_old_place(sqlite_town: Town, monday: Any) -> None:
    opened(sqlite_town)
    number = booked(sqlite_town)
    fill(sqlite_town, WEDNESDAY, "09:00")

    def move(session: Session) -> None:
        slot = slot_at(session, WEDNESDAY, "09:00")
        actions.rebook(sqlite_town.phone("马秀兰").actor(session), get(session, number), slot)

    with refusal("slot_full"):
        sqlite_town.writing(move)
    with sqlite_town.reading() as session:
        assert get(session, number).slot.starts == clock.at(TUESDAY, time(9))
    assert sound(sqlite_town)

"""The waiting list under many hands, on both databases: no seat is offered twice, nobody is overtaken."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.appointments import actions
from models.appointments import Appointment, Contact
from models.slots import Slot
from models.waiting import SlotWait
from models.waiting_offers import one_offer_each
from tests.appointments.desk import TUESDAY, clerk, fill, opened, slot_at, sound
from tests.appointments.test_races import answer
from tests.appointments.test_waiting import ONE_HOUR, answers, state, waits
from tests.neighbours import Town
from tests.races import at_once


def test_seats_freed_at_once_go_to_the_first_in_line_one_each_and_to_nobody_who_just_looks(
    town: Town, monday: Any
) -> None:
    opened(town, ONE_HOUR, horizon_days=6, capacity=3)
    fill(town, TUESDAY, "09:00", "09:30")
    town.writing(clerk)
    line = [waits(town, name, "any") for name in ("马秀兰", "才让卓玛", "韩素梅", "祁玉兰", "李存福")]
    with town.reading() as session:
        held = [
            session.scalars(
                select(Appointment.id).join(Slot).where(Slot.starts == slot.starts).order_by(Appointment.id)
            ).first()
            for slot in (slot_at(session, TUESDAY, "09:00"), slot_at(session, TUESDAY, "09:30"))
        ] + [session.scalars(select(Appointment.id).order_by(Appointment.id.desc())).first()]
        assert len(set(held)) == 3

    def give_back(number: Any) -> str:
        return answer(town, lambda s: actions.cancel(clerk(s), s.get_one(Appointment, number)))

    def look(who: int) -> str:
        def unit(session: Session) -> None:
            slot = slot_at(session, TUESDAY, ("09:00", "09:30")[who % 2])
            actions.book(town.phone(f"路过{who}").actor(session), slot, contact=Contact("路过人"))

        return answer(town, unit)

    told = at_once([*(lambda n=n: give_back(n) for n in held), *(lambda w=w: look(w) for w in range(5))])
    assert Counter(told) == {"yes": 3, "appointments.slot_full": 5}
    assert [state(town, one) for one in line] == ["offered"] * 3 + ["waiting"] * 2
    with town.reading() as session:
        assert one_offer_each(session) == []
    assert sound(town)


def test_taking_and_leaving_at_once_leaves_one_truth_and_the_next_gets_what_is_left(
    town: Town, monday: Any
) -> None:
    opened(town, ONE_HOUR, horizon_days=6)
    fill(town, TUESDAY, "09:00", "09:30")
    town.writing(clerk)
    first, second = waits(town, "马秀兰", "2026-11-24T09:00"), waits(town, "才让卓玛", "2026-11-24T09:00")
    with town.reading() as session:
        slot = slot_at(session, TUESDAY, "09:00").id
        held = session.scalars(select(Appointment.id).where(Appointment.slot_id == slot)).one()
    town.writing(lambda s: actions.cancel(clerk(s), s.get_one(Appointment, held)))

    def does(how: str) -> str:
        try:
            answers(town, "马秀兰", first, how)
        except Exception as why:  # noqa: BLE001 (a refusal is an answer; anything else is shown by the next line)
            return str(why)
        return how

    told = at_once([lambda how=how: does(how) for how in ("take", "take", "leave", "let_pass")])
    done = [one for one in told if not one.startswith("appointments.")]
    assert len(done) == 1, told
    assert state(town, first) == ("taken" if done == ["take"] else "left")
    assert state(town, second) == ("waiting" if done == ["take"] else "offered")
    with town.reading() as session:
        assert session.get_one(SlotWait, first).offered_slot_id is None
    assert sound(town)

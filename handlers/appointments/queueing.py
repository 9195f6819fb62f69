"""The questions of the waiting list, inside the talk about booking: a full time means a place in the line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.dialogue import Choose, Confirm, Gone, Label, Offer, Unkept
from handlers.appointments import seats, waiting
from handlers.appointments.contact import asks_name, contact_for
from handlers.appointments.times import ChooseTime
from handlers.appointments.wished import all_full, free_by_half, wished_of, wishes_in, wishes_of
from handlers.people import actions as people
from models.booking_holds import Own
from models.identity import Actor
from models.plans import Service
from models.refusal import Refusal
from models.waiting import Wished, ahead_of

WAITS = "waits"
WAIT_WORDS = frozenset({"排队等", "排队", "等位", "排着等", "我排着等", "等着", "都不行", "没有合适的"})
AGAIN = ("appointments.still_free", "appointments.nothing_to_wait_for", "appointments.overlap")


class TimeOrLine(ChooseTime):
    """A free time, or None for a place in the line: 排队等. `free` of each half day, where it is known already."""

    def __init__(
        self, key: str, resident: Actor, service: Service, own: Own, free: Mapping[str, int] | None
    ) -> None:
        super().__init__(key, resident, service, own)
        self._free = free
        self.holding = lambda slot: None if slot is None else seats.hold(resident, slot, own)

    def prepare(self, session: Session) -> None:
        free = free_by_half(session, self._service, self._own) if self._free is None else self._free
        self.facts["full"] = not all(free.values())

    def read(self, session: Session, text: str, shown: list[Any], label: Label) -> Any:
        return WAITS if text in WAIT_WORDS else super().read(session, text, shown, label)

    def value(self, session: Session, stored: Any) -> Any:
        return None if stored == WAITS else super().value(session, stored)


class ChooseWish(Choose[str]):
    """What is waited for, by digit or in words; kept as its code."""

    def __init__(self, key: str, session: Session, service: Service) -> None:
        free = free_by_half(session, service)
        super().__init__(
            key,
            lambda: wishes_of(free),
            by_words=lambda text: wishes_in(session, service, text),
            shown_as="wish_shown",
            again=AGAIN,
            service=service,
            full=all_full(free),
        )
        self._service = service

    def value(self, session: Session, stored: Any) -> str:
        if not isinstance(stored, str) or wished_of(session, self._service, stored) is None:
            raise Gone
        return stored


async def queue_for(resident: Actor, service: Service) -> Unkept:
    """Which time, whose phone, a yes, and the place in the line. Nothing is asked of whom the list would refuse."""
    waiting.may_wait(resident, service)
    code: str = await ChooseWish("which_wish", resident.session, service)
    waiting.check_wish(resident, service, meant(resident, service, code))
    contact = await contact_for(resident, service)
    new = people.is_new(resident) and not asks_name(resident)
    await Confirm("confirm_line", service=service, it=code, helped=resident.helped, new=new)
    row = waiting.wait(resident, service, meant(resident, service, code), contact=contact)
    ahead = ahead_of(resident.session, row)
    leave = Offer("appointments.leave_line", {"row": row})
    return Unkept("in_line", row=row, ahead=ahead, offers={5: Offer.of_word("我的排队"), 6: leave})


def meant(by: Actor, service: Service, code: str) -> Wished:
    """What a code means. Refuses with appointments.nothing_to_wait_for when it means nothing any more."""
    found = wished_of(by.session, service, code)
    if found is None:
        raise Refusal("appointments.nothing_to_wait_for", service=service)
    return found

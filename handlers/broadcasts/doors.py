"""Told at the door: who knocked, what came of it, and taking a tick back."""

from __future__ import annotations

from app import audit
from models import knocks
from models.broadcasts import Broadcast, BroadcastRecipient
from models.identity import Actor
from models.reach import correction_of
from models.refusal import Refusal
from models.sight import need_sight, need_staff

SHORTEST_WAIT, LONGEST_WAIT = 1, 72  # hours without a sign


def tell(by: Actor, row: BroadcastRecipient, state: str) -> int:
    """What came of a knock or a call, for everybody on the list who lives behind this door; how many people. Of two
    who tick at once one is told what the other has written.

    Refuses with broadcasts.list_closed, ticked_already.
    """
    rows = _behind_the_door(by, row)
    _check_is_open(by, row.broadcast)
    ticked = knocks.tick(by.session, rows, state, need_staff(by))
    if ticked == 0 and row.door_state != state:
        raise _ticked_already(row)
    if ticked:
        audit.note(by, "broadcasts.tell", row, state=state, count=ticked)
    return ticked


def take_back(by: Actor, row: BroadcastRecipient, state: str) -> int:
    """It was a slip: the door is on the list again. `state` is what was seen."""
    ticked = knocks.untick(by.session, _behind_the_door(by, row), state)
    if ticked:
        audit.note(by, "broadcasts.untell", row, state=state, count=ticked)
    return ticked


def wait_for_a_sign(by: Actor, broadcast: Broadcast, hours: int | None) -> None:
    """Whether those who may have got it are told at the door too, when they have given no sign for so many hours."""
    if hours is not None and not SHORTEST_WAIT <= hours <= LONGEST_WAIT:
        raise Refusal("broadcasts.bad_hours", least=SHORTEST_WAIT, most=LONGEST_WAIT)
    _check_is_open(by, broadcast)
    broadcast.knock_after = hours
    audit.note(by, "broadcasts.knock_after", broadcast, hours=hours)


def note_looked(
    by: Actor, broadcast: Broadcast, *, shown: int, grid: int | None, printed: bool = False
) -> None:
    """The list says where people live: that it was opened is written down."""
    action = "broadcasts.print_doors" if printed else "broadcasts.list_doors"
    audit.note(by, action, broadcast, found=shown, grid=grid)


def _behind_the_door(by: Actor, row: BroadcastRecipient) -> list[int]:
    if row.person is None:
        raise Refusal("people.not_yours")
    need_sight(by, row.person)
    return knocks.behind_same_door(by.session, row, need_staff(by))


def _check_is_open(by: Actor, broadcast: Broadcast) -> None:
    corrected = correction_of(by.session, broadcast) is not None
    if not knocks.is_worth_telling(broadcast, corrected):
        raise Refusal("broadcasts.list_closed")


def _ticked_already(row: BroadcastRecipient) -> Refusal:
    if row.door_by is None:
        return Refusal("broadcasts.off_the_list")
    return Refusal("broadcasts.ticked_already", who=row.door_by.name, state=row.door_state)

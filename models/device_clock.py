"""When something happened that a phone without a network wrote down: its clock is believed when it is right, corrected
when it is not, and never believed about what it cannot have seen.

With each batch the phone says what its clock shows now; the difference to ours is how far it is off. With each record
it says how far it knew to be off then (from the last list it fetched), and a count of milliseconds since its page was
opened, which runs on whoever turns the clock back: so long ago it was at least.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.base import EPOCH

DRIFT = timedelta(minutes=5)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a phone's two clocks showed in one moment: milliseconds since 1970, and since its page `load` was opened."""

    wall: int
    steady: int
    load: str


@dataclass(frozen=True, slots=True)
class Happened:
    """`doubted`: the leader should look at the time before confirming."""

    at: datetime
    doubted: bool


def instant(milliseconds: int) -> datetime:
    return EPOCH + milliseconds * MILLISECOND


def milliseconds(at: datetime) -> int:
    return (at - EPOCH) // MILLISECOND


def happened(then: Reading, known_off: int, sent: Reading, now: datetime) -> Happened:
    """When the moment `then` was, of a phone that shows `sent` at our `now`. `known_off`: by how many milliseconds our
    clock was ahead of the phone's, as far as it knew `then`."""
    off, knew = now - instant(sent.wall), known_off * MILLISECOND
    wrong = [one for one in (off, knew) if abs(one) > DRIFT]
    at = instant(then.wall) + (wrong[0] if wrong else timedelta())
    if then.load == sent.load:
        latest = now - max(0, sent.steady - then.steady) * MILLISECOND
        if at > latest + DRIFT:
            return Happened(latest, True)
    return Happened(at, bool(wrong))

"""What a phrase about time was taken to mean, and how far that may be trusted.

`sure` decides whether the dialogue may go on to the echo or must ask first. A phrase that may mean two days
is never sure, and a day that is over is never taken silently: the next sensible one is offered.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Impossible:
    """A date or time that cannot be (2月30日, 25点): `reason` names the part that is wrong."""

    reason: Literal["month", "day", "hour", "minute"]
    words: str


@dataclass(frozen=True, slots=True)
class DayReading:
    """A day; `others` are what it may also mean, `said` is the day over already when `past`."""

    day: dt.date
    sure: bool = True
    others: tuple[dt.date, ...] = ()
    past: bool = False
    said: dt.date | None = None
    words: str = ""

    @property
    def candidates(self) -> tuple[dt.date, ...]:
        return (self.day, *self.others)


@dataclass(frozen=True, slots=True)
class ClockReading:
    """A time of day; a part of the day or a range has an `end`. `next_day`: midnight after the day named."""

    start: dt.time
    end: dt.time | None = None
    sure: bool = True
    others: tuple[dt.time, ...] = ()
    about: bool = False
    next_day: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class MomentReading:
    """A day and, when one was said, a time of it (`clock`), in the time zone of the `now` it was read at."""

    day: DayReading
    clock: ClockReading | None = None
    zone: dt.tzinfo | None = None

    @property
    def sure(self) -> bool:
        return self.day.sure and (self.clock is None or self.clock.sure)

    @property
    def start(self) -> dt.datetime | None:
        """None when only a day was said."""
        if self.clock is None:
            return None
        shift = dt.timedelta(days=1 if self.clock.next_day else 0)
        return dt.datetime.combine(self.day.day + shift, self.clock.start, self.zone)

    @property
    def end(self) -> dt.datetime | None:
        if self.clock is None or self.clock.end is None:
            return None
        return dt.datetime.combine(self.day.day, self.clock.end, self.zone)

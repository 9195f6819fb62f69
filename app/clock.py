"""One clock for the whole house: instants are UTC, days and plans are the community's own (Asia/Shanghai).

Nothing else converts between the two, and nothing else asks the machine what time it is. In the sandbox the time
can be moved: the sandbox platform keeps an offset in DATA/clock and every process reads it here.
"""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

COMMUNITY = ZoneInfo("Asia/Shanghai")
FRESH_SECONDS = 0.001


class _Offset:
    """The sandbox's offset, read again only when its file has changed. A message asks for the time ten times, and the
    file is looked at once a millisecond at most."""

    def __init__(self) -> None:
        self.file: Path | None = None
        self._looked = 0.0
        self._read: tuple[int, timedelta] = (-1, timedelta())

    def follow(self, file: Path | None) -> None:
        self.file, self._looked = file, 0.0

    def now(self) -> timedelta:
        if self.file is None:
            return timedelta()
        looked = monotonic()
        if looked - self._looked > FRESH_SECONDS:
            self._looked, self._read = looked, self._look(self.file)
        return self._read[1]

    def _look(self, file: Path) -> tuple[int, timedelta]:
        try:
            changed = file.stat().st_mtime_ns
            if changed == self._read[0]:
                return self._read
            return changed, timedelta(seconds=float(file.read_text().strip() or 0))
        except (OSError, ValueError):
            return -1, timedelta()


_offset = _Offset()


def use_offset_file(path: Path | None) -> None:
    """Follow the sandbox's movable clock (None: the machine's own time, as a live installation must)."""
    _offset.follow(path)


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC) + _offset.now()


def local(instant: datetime) -> datetime:
    """The same instant on the community's wall clock."""
    return instant.astimezone(COMMUNITY)


def today() -> date:
    """The community's day, which is not the UTC day between midnight and eight in the morning."""
    return local(now()).date()


def at(day: date, moment: time) -> datetime:
    """The instant of a wall-clock time in the community, in UTC."""
    return datetime.combine(day, moment, COMMUNITY).astimezone(UTC)

"""How ratings are reckoned so that nobody is praised or blamed by accident.

A rating is compared with what is usual for its kind of service (and, where the wait is known, for as long a wait): who
stands at a window with hard services is measured by hard services. Differences are drawn towards nothing while there
are few. The formula is these few functions over plain rows; the public page runs them over its example.

What is shown moves in batches: a subject's ratings become visible when a week has ended and at least LEAST_SHOWN of
them have come together since the last time, so that no two days' figures differ by the rating of one neighbour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

LEAST_SHOWN = 5  # fewer ratings would say who gave them
PRIOR = 10  # ratings like the usual one that everybody begins with: one single 好 is no 100 %
WORTH = {3: 100, 2: 50, 1: 0}  # percent: 一般 counts half


class Rated(NamedTuple):
    """So `many` ratings with this face, of one kind of service."""

    kind: str
    face: int
    many: int = 1

    @property
    def worth(self) -> int:
        return WORTH[self.face] * self.many


class Dated(NamedTuple):
    """The same with the Monday of its week."""

    week: date
    rated: Rated


def mean(rated: Iterable[Rated]) -> Fraction:
    """In percent; 0 where there is none."""
    rows = list(rated)
    count = sum(row.many for row in rows)
    return Fraction(sum(row.worth for row in rows), count) if count else Fraction()


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual: in all, and for each kind of service that was rated often enough."""

    overall: Fraction
    kinds: dict[str, Fraction]

    def of(self, kind: str) -> Fraction:
        return self.kinds.get(kind, self.overall)


def usual(rated: Iterable[Rated]) -> Usual:
    """A kind with fewer than LEAST_SHOWN ratings has no usual of its own."""
    rows = list(rated)
    by_kind: dict[str, list[Rated]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    enough = {kind: mine for kind, mine in by_kind.items() if sum(one.many for one in mine) >= LEAST_SHOWN}
    return Usual(mean(rows), {kind: mean(mine) for kind, mine in enough.items()})


@dataclass(frozen=True, slots=True)
class Fair:
    """One window or helper: `expected` is what was usual for just what they had to do, `found` what was rated."""

    count: int
    expected: Fraction
    found: Fraction
    overall: Fraction

    @property
    def shown(self) -> bool:
        return self.count >= LEAST_SHOWN

    @property
    def difference(self) -> Fraction:
        """Better or worse than usual in percent points, drawn towards nothing while there are few."""
        return (self.found - self.expected) * self.count / (PRIOR + self.count)

    @property
    def figure(self) -> Fraction:
        return self.overall + self.difference


def fair(mine: Iterable[Rated], than: Usual) -> Fair:
    rows = list(mine)
    count = sum(row.many for row in rows)
    expected = sum((than.of(row.kind) * row.many for row in rows), Fraction())
    return Fair(count, expected / count if count else Fraction(), mean(rows), than.overall)


def drawn(rated: Iterable[Rated], overall: Fraction) -> Fraction:
    """A service's own figure: as if PRIOR ratings at the average of all had come before its own."""
    rows = list(rated)
    count = sum(row.many for row in rows)
    return (PRIOR * overall + mean(rows) * count) / (PRIOR + count)


# ---- in batches ----------------------------------------------------------------------------------------------------


class Batch(NamedTuple):
    """What became visible together, the Monday after `week`."""

    week: date
    rated: list[Rated]


def batches(dated: Iterable[Dated], this_week: date) -> Iterator[Batch]:
    """Weeks that are over, put together until there are enough; what is left over waits."""
    weeks: dict[date, list[Rated]] = {}
    for week, rated in dated:
        if week < this_week:
            weeks.setdefault(week, []).append(rated)
    waiting: list[Rated] = []
    for week in sorted(weeks):
        waiting += weeks[week]
        if sum(row.many for row in waiting) >= LEAST_SHOWN:
            yield Batch(week, waiting)
            waiting = []


def shown_of(found: Sequence[Batch], since: date, until: date = date.max) -> list[Rated]:
    """Whole batches only, also at the far end."""
    return [row for batch in found if since <= batch.week < until for row in batch.rated]

"""The example on the public page: invented ratings, reckoned by the very functions that reckon the real ones."""

from __future__ import annotations

from dataclasses import dataclass

from models.rating_fair import Fair, Rated, fair, usual

EASY, HARD, RARE = "开证明", "申请低保", "医保转移"
# Two windows that do equally well at each kind; the second has more of the hard one. The third has too few.
WINDOWS = {
    "1号窗口": (Rated(EASY, 3, 27), Rated(EASY, 2, 3), Rated(HARD, 3, 6), Rated(HARD, 1, 4)),
    "2号窗口": (Rated(EASY, 3, 9), Rated(EASY, 2, 1), Rated(HARD, 3, 18), Rated(HARD, 1, 12)),
    "3号窗口": (Rated(RARE, 3, 3),),
}


@dataclass(frozen=True, slots=True)
class Example:
    kinds: list[tuple[str, float]]
    windows: list[tuple[str, list[tuple[str, int]], Fair]]
    overall: float


def example() -> Example:
    than = usual(row for rows in WINDOWS.values() for row in rows)
    kinds = [(kind, float(than.of(kind))) for kind in (EASY, HARD)]
    windows = [(name, _counts(rows), fair(rows, than)) for name, rows in WINDOWS.items()]
    return Example(kinds, windows, float(than.overall))


def _counts(rows: tuple[Rated, ...]) -> list[tuple[str, int]]:
    kinds = dict.fromkeys(row.kind for row in rows)
    return [(kind, sum(row.many for row in rows if row.kind == kind)) for kind in kinds]

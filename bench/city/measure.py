"""Walks the paths of several towns in turn and compares what each cost: seconds, processor time, statements, steps."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.city.paths import Path, Ways
from bench.city.watch import Watch

ONCE = ("job",)
REPORT_TIMES = 5


@dataclass
class Cost:
    """Of one path in one town."""

    seconds: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)
    statements: int = 0
    steps: int = 0
    fault: str = ""

    @property
    def p95(self) -> float:
        ordered = sorted(self.seconds)
        return ordered[int(len(ordered) * 0.95)] * 1000 if ordered else 0.0

    @property
    def p50(self) -> float:
        return sorted(self.seconds)[len(self.seconds) // 2] * 1000 if self.seconds else 0.0

    @property
    def cpu_each(self) -> float:
        return sorted(self.used)[len(self.used) // 2] * 1000 if self.used else 0.0


Costs = dict[tuple[str, str], dict[int, Cost]]


def measure(towns: dict[int, tuple[Ways, Watch]], times: int, named: Sequence[str] = ()) -> Costs:
    """Each path `times` times in every town, one town after the other; reports seldom, jobs once. All paths, or those
    whose names hold one of these parts."""
    costs: Costs = defaultdict(dict)
    paths: dict[tuple[str, str], dict[int, Path]] = defaultdict(dict)
    for many, (ways, _) in towns.items():
        for path in itertools.chain(ways.all(), ways.jobs()):
            if not named or any(part in f"{path.kind} {path.name}" for part in named):
                paths[path.kind, path.name][many] = path
    for (kind, name), there in paths.items():
        rounds = 1 if kind in ONCE else REPORT_TIMES if kind == "report" else times
        for turn, (many, path) in itertools.product(range(rounds), there.items()):
            _walk(
                costs[kind, name].setdefault(many, Cost()),
                path,
                turn,
                towns[many][1],
                watched=turn == rounds - 1,
            )
    return costs


def _walk(cost: Cost, path: Path, turn: int, watch: Watch, *, watched: bool) -> None:
    """The last walk is counted, not timed: looking on costs something. A job is walked once, for both."""
    try:
        began, cpu = time.perf_counter(), time.process_time()
        if watched:
            with watch.path(f"{path.kind} {path.name}"):
                path.ask(turn)
            cost.statements, cost.steps = watch.count, watch.steps
        else:
            path.ask(turn)
        if not watched or path.kind in ONCE:
            cost.seconds.append(time.perf_counter() - began)
            cost.used.append(time.process_time() - cpu)
    except Exception as fault:  # noqa: BLE001 (one path that fails must not hide the others)
        cost.fault = f"{type(fault).__name__}: {fault}"[:120]


def bent(costs: Costs, small: int, large: int, most: float) -> list[tuple[str, str]]:
    """Paths whose median grew by more than `most` between two towns."""
    return [
        name
        for name, there in costs.items()
        if {small, large} <= set(there)
        and ratio(there, small, large) > most
        and name[0] not in (*ONCE, "report")
    ]


def ratio(there: dict[int, Cost], small: int, large: int) -> float:
    """Of the median of processor time, which other users of the machine hardly move; where the database is another
    process, of the median of what passed on the clock. Of what is too short to tell, 1."""
    here = there[small].steps > 0
    before, after = ((cost.cpu_each if here else cost.p50) for cost in (there[small], there[large]))
    return after / before if before > 0.3 else 1.0


def whole_tables(watch: Watch, growing: Iterable[str]) -> list[tuple[str, str, int]]:
    """(where, table, steps) of every statement that reads one of these tables from end to end."""
    tables = set(growing)
    return [
        (min(one.where), table, one.most)
        for one in watch.asked.values()
        for table in set(watch.whole_tables(one)) & tables
    ]

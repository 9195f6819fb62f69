"""Replaying any log of scans, in any order, twice, gives the same attendance (engines.md M3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.cli import check_invariants
from handlers.volunteers.undoing import Decision
from models.activities import Activity, ActivitySession, Enrolment
from models.hours import ServiceHours
from models.passes import SessionPass
from models.scan_undo import ScanUndo
from models.volunteers import Attendance, Scan
from tests.activities.plans import a_session, wall
from tests.neighbours import Town, frozen
from tests.volunteers.test_actions import attendance, known, tick
from tests.volunteers.undos import take_back

OPENS = wall("2026-11-23 08:30")
LENGTHS = {"河道清洁": ("2026-11-23 09:00", 2.0), "社区义剪": ("2026-11-23 10:00", 1.5)}


@dataclass(frozen=True)
class Seen:
    """One line of a leader's log."""

    who: int
    where: int
    way: str
    second: int
    nonce: str


lines = st.builds(
    Seen,
    who=st.integers(0, 1),
    where=st.integers(0, 1),
    way=st.sampled_from(["in", "out", "turn"]),
    second=st.one_of(st.integers(0, 3 * 3600), st.integers(0, 40).map(lambda n: 3600 + 10 * n)),
    nonce=st.integers(0, 10_000).map(str),
)
logs = st.lists(lines, max_size=10, unique_by=lambda line: (line.who, line.nonce))


def replay(town: Town, numbers: list[int], log: list[Seen]) -> None:
    phones = [town.phone("马秀兰"), town.phone("张桂英")]
    for line in log:
        when = OPENS + timedelta(seconds=line.second)
        tick(town, phones[line.who], numbers[line.where], line.way, nonce=line.nonce, occurred_at=when)


def wipe(town: Town) -> None:
    def unit(session: Session) -> None:
        for table in (
            ServiceHours,
            Attendance,
            ScanUndo,
            Scan,
            SessionPass,
            Enrolment,
            ActivitySession,
            Activity,
        ):
            session.execute(delete(table))

    town.writing(unit)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), log=logs)
def test_any_order_twice_is_the_same_attendance(
    sqlite_town: Town, data: st.DataObject, log: list[Seen]
) -> None:
    with frozen("2026-11-23 13:00"):
        wipe(sqlite_town)
        numbers = [a_session(sqlite_town, name, at, hours=hours) for name, (at, hours) in LENGTHS.items()]
        for name in ("马秀兰", "张桂英"):
            known(sqlite_town, name)
        replay(sqlite_town, numbers, log)
        once = attendance(sqlite_town)
        replay(sqlite_town, numbers, data.draw(st.permutations(log)))
        assert attendance(sqlite_town) == once
        assert check_invariants(sqlite_town.site) == []
        forget_scans(sqlite_town)
        replay(sqlite_town, numbers, data.draw(st.permutations(log)))
        assert attendance(sqlite_town) == once


def forget_scans(town: Town) -> None:
    def unit(session: Session) -> None:
        session.execute(delete(Attendance))
        session.execute(delete(Scan))
        session.execute(delete(ScanUndo))

    town.writing(unit)


def test_the_log_that_people_really_make_gives_what_they_expect(town: Town) -> None:
    with frozen("2026-11-23 13:00"):
        number = a_session(town)
        known(town, "马秀兰")
        log = [Seen(0, 0, "turn", 1800, "a"), Seen(0, 0, "turn", 1830, "b"), Seen(0, 0, "turn", 7200, "c")]
        for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1, 2, 0, 1]):
            replay(town, [number], [log[n] for n in order])
            assert [row[4] for row in attendance(town)] == [90]
            forget_scans(town)


# ---- with scans taken back -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """One decision in a leader's log: about a scan of the same log, or of another that never comes."""

    who: int
    where: int
    of: str
    undone: bool
    second: int
    nonce: str


@st.composite
def logs_with_undos(draw: st.DrawFn) -> list[Seen | Taken]:
    seen = draw(st.lists(lines, min_size=1, max_size=8, unique_by=lambda line: (line.who, line.nonce)))
    about = st.sampled_from(seen)
    taken = [
        Taken(one.who, one.where, one.nonce, draw(st.booleans()), draw(st.integers(0, 200)), f"u{number}")
        for number, one in enumerate(draw(st.lists(about, max_size=6)))
    ]
    return [*seen, *taken]


def replay_all(town: Town, numbers: list[int], log: list[Seen | Taken]) -> None:
    people = [town.phone("马秀兰"), town.phone("张桂英")]
    for line in log:
        if isinstance(line, Seen):
            replay(town, numbers, [line])
            continue
        when = OPENS + timedelta(hours=4, seconds=line.second)
        decision = Decision(line.of, "person", undone=line.undone, nonce=line.nonce, occurred_at=when)
        take_back(town, people[line.who], numbers[line.where], decision)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), log=logs_with_undos())
def test_any_order_of_scans_and_undos_twice_is_the_same_attendance(
    sqlite_town: Town, data: st.DataObject, log: list[Seen | Taken]
) -> None:
    """An undo may arrive before its scan, twice, and be taken back itself."""
    with frozen("2026-11-23 13:00"):
        wipe(sqlite_town)
        numbers = [a_session(sqlite_town, name, at, hours=hours) for name, (at, hours) in LENGTHS.items()]
        for name in ("马秀兰", "张桂英"):
            known(sqlite_town, name)
        replay_all(sqlite_town, numbers, log)
        once = attendance(sqlite_town)
        replay_all(sqlite_town, numbers, data.draw(st.permutations(log)))
        assert attendance(sqlite_town) == once
        forget_scans(sqlite_town)
        shuffled = data.draw(st.permutations(log))
        replay_all(sqlite_town, numbers, [*shuffled, *data.draw(st.permutations(log))])
        assert attendance(sqlite_town) == once
        assert check_invariants(sqlite_town.site) == []

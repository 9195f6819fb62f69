"""Seats of a session and of its groups, counted under the session's lock: whoever takes or gives back seats holds the
row first (`hold`), so that both databases agree on who was first.

`taken` counts everybody for whom a seat is taken or kept: people, and companions who are not on file.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from models.activities import LIVE, MOST_SEATS, SEATED, ActivitySession, Enrolment, SessionGroup, hold
from models.activities_party import Companion, Seats


def groups_in(session: Session, held: ActivitySession) -> dict[str, SessionGroup]:
    """Fresh from the database: to be trusted once the session is held."""
    mine = select(SessionGroup).where(SessionGroup.session_id == held.id).order_by(SessionGroup.position)
    return {one.key: one for one in session.scalars(mine.execution_options(populate_existing=True))}


def fits(session: Session, held: ActivitySession, seats: Seats) -> bool:
    """Whether all of these fit in, in their groups. Only under the lock does it stay true."""
    if held.state not in LIVE or seats.total() > held.seats_left:
        return False
    groups = groups_in(session, held)
    return not groups or all(key in groups and n <= groups[key].seats_left for key, n in seats.items())


def take_seats(session: Session, held: ActivitySession, seats: Seats) -> bool:
    """All of them or none. False when they do not fit or the session is over. Holds the row until commit."""
    hold(session, held)
    if not fits(session, held, seats):
        return False
    _count(session, held, seats)
    return True


def free_seats(session: Session, held: ActivitySession, seats: Seats) -> None:
    hold(session, held)
    _count(session, held, Counter({key: -n for key, n in seats.items()}))


def add_seat(session: Session, held: ActivitySession, group: str | None) -> bool:
    """One more seat, taken at once: the leader lets somebody in beside the plan, also when it is over."""
    hold(session, held)
    if held.state == "cancelled" or held.capacity >= MOST_SEATS:
        return False
    _grow(session, held, group)
    _count(session, held, Counter([group]))
    return True


def _grow(session: Session, held: ActivitySession, group: str | None) -> None:
    wider = held.taken >= held.capacity
    if group is not None:
        there = groups_in(session, held).get(group)
        if there is not None and there.seats_left <= 0:
            _change(session, SessionGroup, there.id, capacity=SessionGroup.capacity + 1)
            wider = True
    if wider:
        _change(session, ActivitySession, held.id, capacity=ActivitySession.capacity + 1)


def _count(session: Session, held: ActivitySession, seats: Seats) -> None:
    """The CHECK constraints refuse what does not fit, whatever was read before."""
    _change(session, ActivitySession, held.id, taken=ActivitySession.taken + seats.total())
    for key, n in seats.items():
        if key is not None:
            mine = SessionGroup.session_id == held.id, SessionGroup.key == key
            statement = update(SessionGroup).where(*mine).values(taken=SessionGroup.taken + n)
            session.execute(statement.execution_options(synchronize_session=False))
    session.refresh(held)
    session.expire(held, ["groups"])


def _change(session: Session, table: Any, key: int, **values: Any) -> None:
    session.flush()
    statement = update(table).where(table.id == key).values(**values)
    session.execute(statement.execution_options(synchronize_session=False))


# ---- counting again ----------------------------------------------------------------------------------------


def recount(session: Session, held: ActivitySession) -> None:
    """Make the counts say what the rows say, with more seats where there are too few: for records that become one or
    two again, whose places were theirs before anybody else's."""
    session.flush()
    hold(session, held)
    true = Counter[str | None]()
    for key, n in session.execute(_seated(held.id)):
        true[key] += n
    groups = groups_in(session, held)
    for key, group in groups.items():
        group.taken, group.capacity = true[key], max(group.capacity, true[key])
    most = max(held.capacity, true.total(), sum(one.capacity for one in groups.values()))
    held.taken, held.capacity = true.total(), most
    session.flush()


def _seated(number: int) -> Select[Any]:
    people = select(Enrolment.group, func.count().label("n")).where(
        Enrolment.session_id == number, Enrolment.state.in_(SEATED), Enrolment.comes
    )
    with_them = (
        select(Companion.group, func.count().label("n"))
        .join(Enrolment, Enrolment.id == Companion.enrolment_id)
        .where(Enrolment.session_id == number, Enrolment.state.in_(SEATED))
    )
    return people.group_by(Enrolment.group).union_all(with_them.group_by(Companion.group))  # type: ignore[return-value]


def wrong_counts(session: Session) -> list[str]:
    """Sessions, and groups in them, whose `taken` is not the number of those who have a seat."""
    people, groups = Counter[int](), Counter[tuple[int, str]]()
    for statement in _all_seated():
        for number, key, n in session.execute(statement):
            people[number] += n
            groups[number, key] += n
    counts = session.execute(select(ActivitySession.id, ActivitySession.taken))
    broken = [
        f"session {number}: taken {taken}, seated {people[number]}"
        for number, taken in counts
        if taken != people[number]
    ]
    return broken + [
        f"session {one.session_id}, group {one.key}: taken {one.taken}"
        for one in session.scalars(select(SessionGroup))
        if one.taken != groups[one.session_id, one.key]
    ]


def _all_seated() -> tuple[Select[*tuple[Any, ...]], Select[*tuple[Any, ...]]]:
    seated = Enrolment.state.in_(SEATED)
    people = select(Enrolment.session_id, Enrolment.group, func.count()).where(seated, Enrolment.comes)
    with_them = (
        select(Enrolment.session_id, Companion.group, func.count())
        .join(Enrolment, Enrolment.id == Companion.enrolment_id)
        .where(seated)
    )
    return (
        people.group_by(Enrolment.session_id, Enrolment.group),
        with_them.group_by(Enrolment.session_id, Companion.group),
    )

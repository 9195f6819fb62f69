"""Who may say what about a record: the coordinator who is not the volunteer, the one who was served, the volunteer."""

from __future__ import annotations

from datetime import timedelta

from app import clock
from handlers.activities import actions as activities
from models.activities import LIVE
from models.hours import ServiceHours
from models.identity import Actor
from models.refusal import Refusal
from models.staff import StaffMember
from models.staff_wechat import wechat_person
from models.stays import GRACE

STAFF_ONLY = frozenset({"day"})  # what a leader leaves to the staff
BLOCKING = ("still_in", "overlap")  # what nobody confirms before it is put right
HARMLESS = frozenset({"walk_in", "admitted"})  # how somebody came to the list says nothing about the time


def must_be_staff(by: Actor) -> StaffMember | None:
    """The house itself (a job) stands for the staff."""
    if by.staff is None and by.channel != "job":
        raise Refusal("hours.staff_only")
    return by.staff


def must_not_be_own(by: Actor, row: ServiceHours) -> None:
    """Nobody confirms their own, nor what they were served with: a member of staff is who they are at home."""
    own = {by.person.id} if by.person is not None else set()
    if by.staff is not None and (person := wechat_person(by.session, by.staff)) is not None:
        own.add(person.id)
    if own & {row.person_id, row.served_id}:
        raise Refusal("hours.own")


def must_coordinate(by: Actor, row: ServiceHours) -> None:
    """The staff; for a session also the resident who leads it. What needs a wider look is left to the staff."""
    if by.staff is None and by.channel != "job":
        if row.session is None or not activities.may_lead(by, row.session):
            raise Refusal("hours.not_yours")
        if STAFF_ONLY & set(row.flags):
            raise Refusal("hours.staff_looks")
    must_not_be_own(by, row)


def must_be_sound(row: ServiceHours) -> None:
    """What contradicts another record is put right before anybody stands for it."""
    for flag in BLOCKING:
        if flag in row.flags:
            raise Refusal(f"hours.{flag}")
    if row.session is not None and row.session.state in LIVE and row.session.ends > clock.now():
        raise Refusal("hours.not_over")


def must_be_mine(by: Actor, row: ServiceHours) -> None:
    if row.person_id != by.me.id:
        raise Refusal("hours.not_yours")


def doubts(row: ServiceHours) -> list[str]:
    """The flags that somebody should look at before saying yes."""
    return [flag for flag in row.flags if flag not in HARMLESS]


def most_for(row: ServiceHours) -> int:
    """The cap: a session's planned length and half an hour, else the time from beginning to end."""
    if row.session is not None:
        return row.session.planned_minutes + GRACE
    return (row.ended_at - row.started_at) // timedelta(minutes=1)


def check_minutes(row: ServiceHours, minutes: int) -> int:
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 < minutes <= most_for(row):
        raise Refusal("hours.too_many", most=most_for(row))
    return minutes

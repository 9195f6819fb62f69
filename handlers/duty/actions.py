"""What happens to office hours, the rota and leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from app import audit, clock
from app.wechat.quota import QUOTA_USED
from handlers.desk import actions as desk
from models import broadcast_run, doors, office_hours, outbox
from models import duty as model
from models.duty import DutyShift, StaffLeave
from models.identity import Actor
from models.office_hours import Week
from models.refusal import Refusal
from models.staff import StaffMember

WEEK = timedelta(days=7)
LONGEST_LEAVE = timedelta(days=120)
FOR_OTHERS = ("admin", "approver")  # may say that a colleague is away: who is ill cannot
QUOTA_SPENT = 45009
ON_DUTY_ROLES = ("desk", "approver", "leader", "care")  # who may stand on the rota

# ---- office hours and the rota ---------------------------------------------------------------------------------------


def set_hours(by: Actor, week: Week) -> None:
    """The week's plan from now on; the one of before can still be read. Refuses with duty.bad_hours."""
    if {day: sorted(hours) for day, hours in week.items() if hours} == office_hours.week_of(by.session):
        return
    try:
        office_hours.change_week(by.session, week, _me(by).id)
    except ValueError:
        raise Refusal("duty.bad_hours") from None
    audit.note(by, "duty.set_hours", None, day_count=sum(1 for hours in week.values() if hours))


def set_rota(by: Actor, wanted: Mapping[tuple[date, str], int | None]) -> int:
    """Who is on duty on these half days (None: nobody); how many changed. Refuses with duty.not_for_rota."""
    may = {member.id for member in on_duty_members(by)}
    before = {(row.day, row.half): row for row in by.session.scalars(_of_days(wanted))}
    changed = 0
    for (day, half), staff_id in wanted.items():
        row = before.get((day, half))
        if (row.staff_id if row else None) == staff_id:
            continue
        if staff_id is not None and staff_id not in may:
            raise Refusal("duty.not_for_rota")
        changed += 1
        _put(by, row, day, half, staff_id)
    if changed:
        audit.note(by, "duty.set_rota", None, count=changed)
    return changed


def copy_week(by: Actor, monday: date) -> int:
    """The half days of this week on which nobody is on duty yet, as in the week before; how many."""
    shifts = model.shifts_between(by.session, monday - WEEK, monday - timedelta(days=1))
    taken = set(model.shifts_between(by.session, monday, monday + timedelta(days=6)))
    may, copied = {member.id for member in on_duty_members(by)}, 0
    for (day, half), row in shifts.items():
        later = day + WEEK
        if (later, half) in taken or row.staff_id not in may:
            continue
        if half in office_hours.halves_on(by.session, later):
            _put(by, None, later, half, row.staff_id)
            copied += 1
    audit.note(by, "duty.copy_week", None, count=copied)
    return copied


def on_duty_members(by: Actor) -> list[StaffMember]:
    active = by.session.scalars(select(StaffMember).where(StaffMember.active).order_by(StaffMember.id))
    return [one for one in active if set(one.roles) & set(ON_DUTY_ROLES)]


def _of_days(wanted: Mapping[tuple[date, str], int | None]) -> Select[DutyShift]:
    return select(DutyShift).where(DutyShift.day.in_({day for day, _ in wanted})).with_for_update()


def _put(by: Actor, row: DutyShift | None, day: date, half: str, staff_id: int | None) -> None:
    if staff_id is None:
        by.session.execute(delete(DutyShift).where(DutyShift.day == day, DutyShift.half == half))
    elif row is None:
        by.session.add(DutyShift(day=day, half=half, staff_id=staff_id))
    else:
        row.staff_id = staff_id


# ---- leave -----------------------------------------------------------------------------------------------------------


def tell_leave(
    by: Actor, member: StaffMember, deputy: StaffMember, first_day: date, last_day: date
) -> StaffLeave:
    """`member` is away from the first to the last day and `deputy` stands in. From today on: at once.

    Refuses with duty.not_yours, .bad_days, .not_a_deputy, .deputy_away, .away_already, .you_stand_in.
    """
    me = _me(by)
    if me.id != member.id and not set(FOR_OTHERS) & set(me.roles):
        raise Refusal("duty.not_yours")
    member, deputy = _locked(by, member, deputy)
    if not clock.today() <= last_day or not first_day <= last_day or last_day - first_day > LONGEST_LEAVE:
        raise Refusal("duty.bad_days")
    if not deputy.active or member.id == deputy.id or not _may_act_for(deputy, member):
        raise Refusal("duty.not_a_deputy")
    days = first_day, last_day
    if model.is_away(by.session, deputy.id, *days):
        raise Refusal("duty.deputy_away", name=deputy.name)
    if model.is_away(by.session, member.id, *days):
        raise Refusal("duty.away_already")
    if model.stands_in(by.session, member.id, *days):
        raise Refusal("duty.you_stand_in")
    leave = StaffLeave(staff=member, deputy=deputy, first_day=first_day, last_day=last_day)
    by.session.add(leave)
    facts = {"deputy": deputy.id, "first": first_day.isoformat(), "last": last_day.isoformat()}
    audit.note(by, "duty.tell_leave", leave, **facts)
    if first_day <= clock.today():
        begin(by, leave)
    return leave


def begin(by: Actor, leave: StaffLeave) -> None:
    """The open talks go over to whoever stands in."""
    leave.begun_at = leave.begun_at or clock.now()
    count = desk.lend(by, leave.staff, leave.deputy)
    audit.note(by, "duty.begin_leave", leave, count=count)


def end(by: Actor, leave: StaffLeave, action: str = "duty.end_leave") -> None:
    """They are back, or do not go: what is still open comes back. Of two who end it the second does nothing."""
    leave = by.session.scalars(
        select(StaffLeave)
        .where(StaffLeave.id == leave.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if leave.over_at is not None:
        return
    leave.over_at = clock.now()
    by.session.flush()
    count = desk.give_back(by, leave.staff) if leave.begun_at else 0
    audit.note(by, action, leave, count=count)


def call_off(by: Actor, leave: StaffLeave) -> None:
    """Earlier back than told, or not gone at all: theirs or an administrator's to say. Refuses with duty.not_yours."""
    me = _me(by)
    if me.id not in (leave.staff_id, leave.deputy_id) and "admin" not in me.roles:
        raise Refusal("duty.not_yours")
    end(by, leave, "duty.call_off_leave")


def turn_leaves(by: Actor) -> tuple[int, int]:
    """At night: leaves that begin or go on (what was given to them meanwhile goes over), and those that are over."""
    today, live = clock.today(), by.session.scalars(model.live_leaves().order_by(StaffLeave.id)).all()
    over = [leave for leave in live if leave.last_day < today]
    on = [leave for leave in live if leave.first_day <= today <= leave.last_day]
    for leave in over:
        end(by, leave)
    for leave in on:
        begin(by, leave)
    return len(on), len(over)


def _may_act_for(deputy: StaffMember, member: StaffMember) -> bool:
    """Who stands in must be able to open what is handed over: conversations belong to the desk."""
    return "desk" not in member.roles or "desk" in deputy.roles


def _locked(by: Actor, *members: StaffMember) -> list[StaffMember]:
    """In the order of ids; whoever gives one of them a talk waits here, so that no talk is left behind."""
    ids = sorted({member.id for member in members})
    rows = select(StaffMember).where(StaffMember.id.in_(ids)).order_by(StaffMember.id).with_for_update()
    found = {row.id: row for row in by.session.scalars(rows.execution_options(populate_existing=True))}
    return [found[member.id] for member in members]


def set_digest(by: Actor, wants: bool) -> None:
    """Whether the morning's numbers come to one's own WeChat."""
    me = _me(by)
    model.reader_of(by.session, me.id).wants_digest = wants
    audit.note(by, "duty.set_digest", me, digest=wants)


def _me(by: Actor) -> StaffMember:
    if by.staff is None:
        raise Refusal("duty.not_yours")
    return by.staff


# ---- a quota that is spent -------------------------------------------------------------------------------------------


def apps_without_quota(session: Session) -> list[str]:
    """Whose calls WeChat has stopped until tomorrow."""
    closed = session.scalars(doors.closed_doors())
    return sorted({one.app for one in closed if one.errcode == QUOTA_SPENT})


def note_quota_cleared(by: Actor, app: str) -> int:
    """WeChat has set it back: the doors are open, and what waited for the morning goes now; how many."""
    opened = doors.doors_of(by.session, app, QUOTA_SPENT)
    for door in opened:
        doors.open_again(by.session, door)
    hurried = outbox.try_now(by.session, QUOTA_USED) + broadcast_run.try_now(by.session, app, QUOTA_SPENT)
    audit.note(by, "duty.clear_quota", None, app=app, count=hurried)
    return hurried

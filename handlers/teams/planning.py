"""The weekly plan rolled forward: sessions are laid out some weeks ahead, and the house plans those whose turn it is.

A session is the activity's as any other: people check in, are reminded, and it is called off as everywhere. A day that
was laid out once is not laid out again, also when it was called off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from app import audit, clock
from handlers.activities import actions as activities
from handlers.activities.actions import Rhythm
from handlers.people import actions as people
from handlers.teams import messages
from handlers.teams.standing import must_be_at_work, must_be_staff
from models import activities as activity_model
from models import teams_shifts as model
from models.activities import LIVE, Activity, ActivitySession, Enrolment
from models.activities_series import same_time, why_closed
from models.identity import Actor
from models.refusal import Refusal
from models.teams import Team, TeamMember, members
from models.teams_shifts import MOST_HANDS, MOST_WEEKS, REST, ROTAS, Shift, ShiftPlan

MOST_ALARM, MOST_PLANS = 72, 30
LONGEST_PLACE, LONGEST_TITLE = 40, 20


@dataclass(frozen=True, slots=True)
class WeeklyShift:
    """A shift of every week, as it is asked for: the columns of ShiftPlan, and what it is called ("" is the team)."""

    weekday: int
    opens: time
    closes: time
    hands: int
    place: str
    title: str = ""
    weeks: int = 2
    rota: str = "open"
    alarm_hours: int = 12

    def check(self) -> None:
        starts, ends = Rhythm(self.opens, self.closes).on(clock.today())
        if ends - starts > activity_model.LONGEST or self.opens == self.closes:
            raise Refusal("activities.bad_times")
        right = (
            0 <= self.weekday <= 6,
            1 <= self.hands <= MOST_HANDS,
            0 < len(self.place) <= LONGEST_PLACE,
            len(self.title) <= LONGEST_TITLE,
            1 <= self.weeks <= MOST_WEEKS,
            0 <= self.alarm_hours <= MOST_ALARM,
            self.rota in ROTAS,
        )
        if not all(right):
            raise Refusal("teams.bad_plan")


def plan_shift(by: Actor, team: Team, wish: WeeklyShift) -> ShiftPlan:
    """One shift of every week, laid out at once as far ahead as it says."""
    must_be_staff(by)
    must_be_at_work(team)
    wish.check()
    if len(by.session.scalars(model.plans(team)).all()) >= MOST_PLANS:
        raise Refusal("teams.enough_plans", most=MOST_PLANS)
    told = {one.name: getattr(wish, one.name) for one in fields(wish) if one.name != "title"}
    plan = ShiftPlan(team_id=team.id, activity=_activity(by, team, wish), **told)
    by.session.add(plan)
    audit.note(by, "teams.plan_shift", plan, team=team.id, weekday=wish.weekday, hands=wish.hands)
    lay_out(by, plan)
    return plan


def _activity(by: Actor, team: Team, wish: WeeklyShift) -> Activity:
    """One activity for each kind of shift of a team. Nobody leads it by name: who leads the team leads its shifts."""
    title = wish.title or team.name
    same = select(Activity).where(Activity.team_id == team.id, Activity.title == title)
    known = by.session.scalar(same.limit(1))
    if known is not None:
        return known
    made = activities.plan_activity(
        by,
        title=title,
        sentence=team.sentence,
        place=wish.place,
        programme=team.programme,
        leader=f"{team.name}队长"[:20],
        listed=team.listed,
        overlap="hard",
        leave_minutes=wish.alarm_hours * 60,
    )
    made.team_id = team.id
    by.session.flush()
    return made


def end_plan(by: Actor, plan: ShiftPlan) -> int:
    """No more of it. Shifts ahead that somebody is in stay and are called off one by one, in the open; empty ones go;
    how many went."""
    must_be_staff(by)
    if plan.ended_at is not None:
        return 0
    plan.ended_at = clock.now()
    empty = 0
    for shift in by.session.scalars(select(Shift).where(Shift.plan_id == plan.id)).all():
        held = shift.session
        if held.state == "planned" and held.starts > clock.now() and held.taken == 0:
            activities.cancel_session(by, held)
            empty += 1
    audit.note(by, "teams.end_plan", plan, team=plan.team_id, empty=empty)
    return empty


# ---- laid out ----------------------------------------------------------------------------------------------


def roll(by: Actor) -> tuple[int, int]:
    """All plans of teams at work: (new sessions, people planned)."""
    plans = by.session.scalars(model.live_plans()).all()
    made = sum(lay_out(by, plan) for plan in plans)
    planned = 0
    for team in sorted({plan.team for plan in plans}, key=lambda one: one.id):
        planned += fill(by, team)
    return made, planned


def lay_out(by: Actor, plan: ShiftPlan) -> int:
    """The sessions of this plan that have come within sight; closed days and holidays are left out."""
    known = model.days_of(by.session, plan)
    made = 0
    for day in _days(plan):
        starts, ends = Rhythm(plan.opens, plan.closes).on(day)
        if day in known or starts <= clock.now() or _is_shut(by, plan, starts, ends):
            continue
        held = activities.plan_session(by, plan.activity, starts=starts, ends=ends, capacity=plan.hands)
        held.own_place = plan.place if plan.place != plan.activity.place else None
        by.session.flush()
        by.session.add(Shift(session_id=held.id, plan_id=plan.id, day=day, hands=plan.hands))
        made += 1
    by.session.flush()
    return made


def _days(plan: ShiftPlan) -> list[date]:
    days = [clock.today() + timedelta(days=n) for n in range(plan.weeks * 7)]
    return [day for day in days if day.weekday() == plan.weekday]


def _is_shut(by: Actor, plan: ShiftPlan, starts: datetime, ends: datetime) -> bool:
    twice = by.session.scalar(same_time(plan.activity, starts).limit(1)) is not None
    return twice or why_closed(by.session, starts, ends) is not None


# ---- whose turn it is --------------------------------------------------------------------------------------


def fill(by: Actor, team: Team) -> int:
    """Plan those whose turn it is into the shifts ahead that the house plans: fewest minutes first, with a rest before
    and after, nobody who is away, nobody who had given this shift back. Each is told once of all that is new."""
    rows = [row for row in by.session.scalars(members(team)).all() if _may_be_planned(by, row)]
    load = model.load_of(by.session, team, [row.person_id for row in rows])
    new: dict[int, list[ActivitySession]] = {}
    for held in _to_fill(by, team):
        for row in _fill_one(by, held, rows, load):
            new.setdefault(row.id, []).append(held)
    for row in rows:
        _tell_planned(by, row, new.get(row.id, ()))
    return sum(len(one) for one in new.values())


def _may_be_planned(by: Actor, row: TeamMember) -> bool:
    """Children sign up with their guardian, they are not planned."""
    return row.guardian_id is None and not people.has_withdrawn(replace(by, person=row.person), "volunteer")


def _to_fill(by: Actor, team: Team) -> list[ActivitySession]:
    planned = (
        select(ActivitySession)
        .join(Shift, Shift.session_id == ActivitySession.id)
        .join(ShiftPlan, ShiftPlan.id == Shift.plan_id)
        .where(
            ShiftPlan.team_id == team.id,
            ShiftPlan.rota == "even",
            ShiftPlan.ended_at.is_(None),
            ActivitySession.state.in_(LIVE),
            ActivitySession.starts > clock.now(),
            ActivitySession.taken < Shift.hands,
        )
        .order_by(ActivitySession.starts, ActivitySession.id)
    )
    return list(by.session.scalars(planned).unique())


def _fill_one(
    by: Actor, held: ActivitySession, rows: Iterable[TeamMember], load: dict[int, int]
) -> list[TeamMember]:
    activity_model.hold(by.session, held)
    been = set(by.session.scalars(select(Enrolment.person_id).where(Enrolment.session_id == held.id)))
    free = model.may_do(by.session, held, [row for row in rows if row.person_id not in been], REST)
    free.sort(key=lambda row: (load[row.person_id], row.id))
    missing = max(0, model.wanted(by.session, held) - held.taken)
    for row in free[:missing]:
        activities.admit(replace(by, person=None, staff=None, channel="job"), held, row.person)
        load[row.person_id] += held.planned_minutes
    return free[:missing]


def _tell_planned(by: Actor, row: TeamMember, shifts: Iterable[ActivitySession]) -> None:
    told = [messages.shift_facts(held) for held in shifts]
    if told:
        numbers = "-".join(str(held.id) for held in shifts)
        messages.tell(
            by, row.answers, "planned", f"{row.id}:{numbers}"[:200], team=row.team.name, shifts=told
        )

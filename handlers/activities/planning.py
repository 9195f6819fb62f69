"""Planning: what an activity is, the times at which it takes place, and changing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from app import audit, clock
from models import activities as model
from models import activities_series as series_model
from models.activities import Activity, ActivitySession, SessionGroup
from models.activities_rules import (
    Group,
    checked_groups,
    checked_needs,
    checked_questions,
    groups_of,
    needs_of,
    questions_of,
)
from models.activities_series import ActivitySeries
from models.identity import Actor, Person
from models.refusal import Refusal

LONGEST_DEADLINE = 60 * 24 * 60
RULES = (
    "overlap",
    "family",
    "join_minutes",
    "leave_minutes",
    "claim_minutes",
    "ratio",
    "roll_call",
    "tag_id",
)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """On these weekdays from one day to another, or on a list of days; always from `opens` to `closes`."""

    opens: time
    closes: time
    first: date | None = None
    last: date | None = None
    weekdays: tuple[int, ...] = ()
    days: tuple[date, ...] = ()

    @property
    def dates(self) -> list[date]:
        if self.days:
            return sorted(set(self.days))
        if self.first is None or self.last is None or not self.weekdays:
            raise Refusal("activities.bad_series")
        if self.last > self.first + series_model.LONGEST_AHEAD:
            raise Refusal("activities.series_too_long")
        return list(series_model.weekly(self.first, self.last, list(self.weekdays)))

    def on(self, day: date) -> tuple[datetime, datetime]:
        """An evening that goes on past midnight ends on the next day."""
        starts, ends = clock.at(day, self.opens), clock.at(day, self.closes)
        return starts, ends if ends > starts else ends + timedelta(days=1)


# ---- activities --------------------------------------------------------------------------------------------


def plan_activity(
    by: Actor,
    *,
    title: str,
    sentence: str,
    place: str,
    programme: str | None = None,
    at: tuple[float, float] | None = None,
    leader: Person | str,
    listed: bool = True,
    **rules: Any,
) -> Activity:
    """A new activity. `leader` is a resident, or a name from the staff; `at` is (latitude, longitude) in GCJ-02; the
    rules are `groups`, `questions` and `needs` (activities_rules.py) and the columns of Activity named in RULES."""
    activity = Activity(programme=programme, listed=listed)
    activity.lat, activity.lng = at or (None, None)
    _lead(activity, leader)
    _describe(activity, title, sentence, place)
    _set_rules(activity, rules)
    by.session.add(activity)
    audit.note(by, "activities.plan_activity", activity, programme=programme, listed=listed)
    return activity


def edit_activity(
    by: Actor,
    activity: Activity,
    *,
    title: str,
    sentence: str,
    place: str,
    leader: Person | str | None = None,
    **more: Any,
) -> Activity:
    """Staff change what an activity is. Sessions that are planned keep their seats."""
    _need_staff(by)
    _describe(activity, title, sentence, place)
    if leader is not None:
        _lead(activity, leader)
    for name in ("programme", "listed"):
        if name in more:
            setattr(activity, name, more.pop(name))
    _set_rules(activity, more)
    audit.note(by, "activities.edit_activity", activity, listed=activity.listed)
    return activity


def _need_staff(by: Actor) -> None:
    if by.staff is None and by.channel != "job":
        raise Refusal("activities.not_leader")


def _describe(activity: Activity, title: str, sentence: str, place: str) -> None:
    if not title.strip() or len(title) > 20 or len(sentence) > 120 or len(place) > 40:
        raise Refusal("activities.too_long")
    activity.title, activity.sentence, activity.place = title, sentence, place


def _lead(activity: Activity, leader: Person | str) -> None:
    if isinstance(leader, Person):
        activity.leader, activity.leader_name = leader, None
    else:
        activity.leader, activity.leader_name = None, leader


def _set_rules(activity: Activity, rules: Mapping[str, Any]) -> None:
    groups: Sequence[Group] = rules.get("groups", groups_of(activity.groups or []))
    activity.groups = checked_groups(groups, model.MOST_SEATS)
    activity.questions = checked_questions(rules.get("questions", questions_of(activity.questions or [])))
    activity.needs = checked_needs(rules.get("needs", needs_of(activity.needs or [])), groups)
    for name in RULES:
        if name in rules:
            setattr(activity, name, rules[name])
    minutes = (activity.join_minutes, activity.leave_minutes, activity.claim_minutes)
    if any(not 0 <= (one or 0) <= LONGEST_DEADLINE for one in minutes):
        raise Refusal("activities.bad_deadline")


# ---- sessions ----------------------------------------------------------------------------------------------


def plan_session(
    by: Actor,
    activity: Activity,
    *,
    starts: datetime,
    ends: datetime,
    capacity: int | None = None,
    series: ActivitySeries | None = None,
) -> ActivitySession:
    """One more time that the activity takes place; at most 12 hours and 1,000 people. An activity with groups has the
    seats of its groups."""
    groups = groups_of(activity.groups)
    seats = sum(one.seats for one in groups) if groups else capacity
    check_times(starts, ends)
    if seats is None or not 1 <= seats <= model.MOST_SEATS:
        raise Refusal("activities.bad_capacity")
    planned = ActivitySession(activity=activity, starts=starts, ends=ends, capacity=seats)
    planned.groups = [
        SessionGroup(key=one.key, name=one.name, capacity=one.seats, position=at)
        for at, one in enumerate(groups)
    ]
    planned.series_id = series.id if series is not None else None
    by.session.add(planned)
    audit.note(by, "activities.plan_session", planned, capacity=seats)
    return planned


def check_times(starts: datetime, ends: datetime) -> None:
    if not starts < ends <= starts + model.LONGEST:
        raise Refusal("activities.bad_times")


def plan_series(
    by: Actor, activity: Activity, rhythm: Rhythm, *, capacity: int | None = None
) -> tuple[ActivitySeries, list[ActivitySession]]:
    """The activity on all these days. Days that are over, on which the house is closed or that have it already are
    passed over and stay listed in `series.failed` with the reason."""
    dates = rhythm.dates
    if not dates or len(dates) > series_model.MOST_SESSIONS:
        raise Refusal("activities.series_too_long" if dates else "activities.bad_series")
    series = ActivitySeries(
        activity=activity,
        rhythm="days" if rhythm.days else "weekly",
        weekdays=list(rhythm.weekdays),
        first_day=dates[0],
        last_day=dates[-1],
        opens=rhythm.opens,
        closes=rhythm.closes,
    )
    by.session.add(series)
    by.session.flush()
    planned, failed = [], []
    for day in dates:
        starts, ends = rhythm.on(day)
        why = _why_not(by, activity, starts, ends)
        if why is not None:
            failed.append([day.isoformat(), why])
        else:
            planned.append(
                plan_session(by, activity, starts=starts, ends=ends, capacity=capacity, series=series)
            )
    series.failed = failed
    if not planned:
        raise Refusal("activities.no_day_left", failed=len(failed))
    audit.note(by, "activities.plan_series", series, sessions=len(planned), failed=len(failed))
    return series, planned


def _why_not(by: Actor, activity: Activity, starts: datetime, ends: datetime) -> str | None:
    if starts <= clock.now():
        return "past"
    if by.session.scalar(series_model.same_time(activity, starts).limit(1)) is not None:
        return "twice"
    return series_model.why_closed(by.session, starts, ends)

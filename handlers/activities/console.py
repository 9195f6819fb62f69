"""Activities, for those who plan and lead them: what runs now, a week at a glance, and what needs somebody's eye."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from typing import Any, NamedTuple

from flask import render_template, request, url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from app import clock
from app.channels.console import Card, Console, Line, looking, staff
from handlers.activities.helpers import short_of_helpers_on, too_few_helpers
from handlers.activities.standing_papers import without_papers
from models.activities import LIVE, Activity, ActivitySession, Enrolment, under_way
from models.activities_papers import running_out
from models.activities_rules import PAPERS
from models.identity import Actor
from models.unindexed import unindexed

SHOWN, SHOWN_TODAY, PER_PAGE = 40, 5, 30
PAST_DAYS = timedelta(days=14)
MOST_KINDS = 200
A_DAY, WHOLE_DAY = 25, 500
MIDNIGHT = time()
PLANNERS = ("desk", "leader")
READERS = ("desk", "approver", "leader")

console = Console("activities_console", __name__)


@console.get("/activities")
@staff(*READERS)
def activities() -> str:
    with looking() as by:
        lists = {
            "现在能签到的": by.session.scalars(under_way()).all(),
            "安排好的": by.session.scalars(_planned().limit(SHOWN)).all(),
            "这两周结束的": by.session.scalars(_past().limit(SHOWN)).all(),
        }
        newest = by.session.scalars(select(Activity).order_by(Activity.id.desc()).limit(MOST_KINDS))
        kinds = sorted(newest, key=lambda one: one.title)
        waiting = _waiting(by, [row for rows in lists.values() for row in rows])
        return render_template(
            "activities/console_list.html", lists=lists, kinds=kinds, today=clock.today(), waiting=waiting
        )


def _planned() -> Select[ActivitySession]:
    later = ActivitySession.starts > clock.now() + timedelta(minutes=30)
    found = select(ActivitySession).where(ActivitySession.state.in_(LIVE), later)
    return found.order_by(ActivitySession.starts)


def _past() -> Select[ActivitySession]:
    lately = ActivitySession.starts.between(clock.now() - PAST_DAYS, clock.now() + PAST_DAYS)
    over = ActivitySession.state.not_in(LIVE) | (ActivitySession.ends < clock.now() - timedelta(minutes=30))
    return select(ActivitySession).where(lately, over).order_by(ActivitySession.starts.desc())


def _waiting(by: Actor, rows: Iterable[ActivitySession]) -> dict[int, int]:
    """Session that is shown → how many parties wait or think about a kept seat."""
    shown = Enrolment.session_id.in_([row.id for row in rows])
    counted = (
        select(Enrolment.session_id, func.count())
        .where(unindexed(Enrolment.state).in_(("waiting", "offered")), Enrolment.line.is_not(None), shown)
        .group_by(Enrolment.session_id)
    )
    return {row[0]: row[1] for row in by.session.execute(counted)}


# ---- the week ------------------------------------------------------------------------------------------------------


class Day(NamedTuple):
    """`more`: there are others, later on that day, which are not shown."""

    day: date
    rows: Sequence[ActivitySession]
    more: bool


def _on(by: Actor, day: date, whole: str) -> Day:
    """In a district a day has hundreds: so many are shown, of the day that is asked for all that a page can bear."""
    most = WHOLE_DAY if day.isoformat() == whole else A_DAY
    ends = clock.at(day + timedelta(days=1), MIDNIGHT)
    found = select(ActivitySession).where(
        ActivitySession.starts >= clock.at(day, MIDNIGHT), ActivitySession.starts < ends
    )
    rows = by.session.scalars(
        found.options(selectinload(ActivitySession.groups))
        .order_by(ActivitySession.starts, ActivitySession.id)
        .limit(most + 1)
    ).all()
    return Day(day, rows[:most], len(rows) > most)


@console.get("/activities/week")
@staff(*READERS)
def week() -> str:
    first = _monday(request.args.get("day", ""))
    whole = request.args.get("whole", "")
    with looking() as by:
        days = [_on(by, first + timedelta(days=n), whole) for n in range(7)]
        rows = [row for day in days for row in day.rows]
        facts: dict[str, Any] = {
            "days": days,
            "before": first - timedelta(days=7),
            "after": first + timedelta(days=7),
            "today": clock.today(),
            "waiting": _waiting(by, rows),
            "short": {row.id for row in rows if too_few_helpers(row)},
        }
        return render_template("activities/console_week.html", **facts)


def _monday(words: str) -> date:
    try:
        day = date.fromisoformat(words)
    except ValueError:
        day = clock.today()
    return day - timedelta(days=day.weekday())


# ---- what is on the page 今天 --------------------------------------------------------------------------------------


@console.today("desk", "leader")
def running(by: Actor) -> Card:
    rows = by.session.scalars(under_way()).all()
    lines = [
        Line(
            f"{one.activity.title},{one.place}",
            url_for("volunteers_console.session", number=one.id),
            None,
            f"{clock.local(one.starts):%H:%M}–{clock.local(one.ends):%H:%M}",
        )
        for one in rows[:SHOWN_TODAY]
    ]
    address = url_for("activities_console.activities")
    return Card("正在签到的活动", len(rows), address, lines, nothing="现在没有活动在签到。")


@console.today("desk", "leader")
def short_of_helpers(by: Actor) -> Card:
    """Told in the morning, while there is still time to find somebody."""
    day = clock.today()
    rows = short_of_helpers_on(by, day)
    lines = [
        Line(
            f"{one.activity.title}:{'、'.join(f'{group.name}{group.taken}人' for group in one.groups)}",
            url_for("activities_console.arrange", number=one.id),
            None,
            f"{clock.local(one.starts):%H:%M}",
            urgent=True,
        )
        for one in rows[:SHOWN_TODAY]
    ]
    address = url_for("activities_console.week")
    return Card("今天帮手不够的活动", len(rows), address, lines, "今天的帮手够。", urgent=bool(rows))


@console.today("desk")
def ending_papers(by: Actor) -> Card:
    """How many of which kind; whose they are stands on the page, where looking leaves a line."""
    soon = running_out().order_by(None).subquery()
    counted = select(soon.c.kind, func.count()).group_by(soon.c.kind).order_by(soon.c.kind)
    kinds = [(row[0], row[1]) for row in by.session.execute(counted)]
    address = url_for("activities_console.papers")
    lines = [Line(f"{PAPERS[kind]} {n}份", address) for kind, n in kinds]
    count = sum(n for _, n in kinds)
    return Card("30天内到期的材料", count, address, lines, nothing="没有快到期的材料。")


@console.today("desk", "leader")
def places_without_papers(by: Actor) -> Card:
    """Somebody has a seat within three days, and a paper that ends before. Whose, stands on the session's page."""
    found = without_papers(by)
    lines = [
        Line(
            f"{row.session.activity.title}缺{'、'.join(PAPERS[kind] for kind in kinds)}",
            url_for("activities_console.arrange", number=row.session_id),
            row.session.starts,
        )
        for row, kinds in found[:SHOWN_TODAY]
    ]
    return Card("报了名、材料过期的", len(found), url_for("activities_console.papers"), lines, "没有。")

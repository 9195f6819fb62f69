"""The hall's board: a day with its services side by side, a week in numbers, marks, and the list on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from app import audit, clock
from app.channels.console import Card, Console, Line, as_staff, attempt, find, looking, staff
from app.channels.console_words import hour_words
from app.understanding.calendar import china_day
from handlers.appointments import console_book, marks
from handlers.appointments.grid import board_of, week_of
from models.appointments import Appointment, appointments_on, in_two_places
from models.base import count_rows
from models.board import booked_on, with_wechat, without_new_time
from models.identity import Actor
from models.plans import ClosedTime, Service, SpecialDay

SHOWN_TODAY, DAYS_BACK, DAYS_AHEAD = 6, 1, 14
MOST_ON_BOARD = 500
WEEK, FAR_AWAY = timedelta(days=7), timedelta(days=1000)
STATES = {
    "confirmed": ("约好", "calm"),
    "done": ("到了", "good"),
    "no_show": ("没来", "bad"),
    "cancelled": ("取消", ""),
}
LONGEST_REASON = 30
KINDS = {"holiday": "放假", "makeup": "调休上班", "weekend": "周末", "workday": ""}

console = Console("appointments_console", __name__)
console_book.enter(console)


# ---- a day, a week --------------------------------------------------------------------------------------------


@console.get("/appointments")
@staff("desk", "approver")
def board() -> str:
    shown, only = day_asked(), request.args.get("service", type=int)
    with looking() as by:
        services = by.session.scalars(all_services()).all()
        only = only or _narrowed(by, shown, services)
        made = board_of(by, shown, [one for one in services if only in (None, one.id)])
        people = [one.person_id for one in made.visits]
        facts: dict[str, Any] = {"board": made, "shown": shown, "only": only, "services": services}
        facts["one_of_many"] = only is not None and "service" not in request.args
        facts |= {"days": _days(shown), "kind": KINDS[china_day(shown)], "states": STATES}
        facts |= {"reachable": with_wechat(by.session, people), "now": clock.now()}
        facts |= {"special": by.session.scalars(special_days_from(clock.today())).all()}
        facts |= {"closed": by.session.scalars(closed_times_from(clock.today())).all()}
        facts |= {"uncalled": count_rows(by.session, without_new_time())}
        return render_template("appointments/console_board.html", **facts)


def _narrowed(by: Actor, day: date, services: Sequence[Service]) -> int | None:
    """A day that no screen can hold is shown by one service, to begin with the first that somebody has booked."""
    booked = booked_on(by.session, day)
    if sum(booked.values()) <= MOST_ON_BOARD:
        return None
    return next((one.id for one in services if booked.get(one.id)), None)


@console.get("/appointments/week")
@staff("desk", "approver")
def week() -> str:
    shown = day_asked()
    with looking() as by:
        made = week_of(by, shown, by.session.scalars(all_services()).all())
        facts = {"week": made, "shown": shown, "before": shown - WEEK, "after": shown + WEEK}
        return render_template("appointments/console_week.html", today=clock.today(), **facts)


@console.get("/appointments/print")
@staff("desk", "approver")
def printed() -> str:
    """The list of a day on paper: times, names and what to sign; that it was taken out is written down."""
    shown, only = day_asked(), request.args.get("service", type=int)

    def unit(by: Actor) -> str:
        services = [one for one in by.session.scalars(all_services()) if only in (None, one.id)]
        made = board_of(by, shown, services)
        audit.note(by, "appointments.print", None, day=shown.isoformat(), count=len(made.visits))
        facts = {"board": made, "shown": shown, "now": clock.now()}
        return render_template(
            "appointments/console_print.html", me_name=by.staff.name if by.staff else "", **facts
        )

    return as_staff(unit)


def all_services() -> Select[Service]:
    return select(Service).options(selectinload(Service.hours)).order_by(Service.position, Service.id)


def special_days_from(first: date) -> Select[SpecialDay]:
    return select(SpecialDay).where(SpecialDay.day >= first).order_by(SpecialDay.day)


def closed_times_from(first: date) -> Select[ClosedTime]:
    start = clock.at(first, time())
    return select(ClosedTime).where(ClosedTime.ends > start).order_by(ClosedTime.starts)


def day_asked() -> date:
    """The day in the address, today when it is none or far away."""
    try:
        asked = date.fromisoformat(request.args.get("day") or "")
    except ValueError:
        return clock.today()
    return asked if abs(asked - clock.today()) < FAR_AWAY else clock.today()


def _days(shown: date) -> Sequence[date]:
    """Yesterday to a fortnight ahead, and the day that is shown if it lies elsewhere."""
    first = clock.today() - timedelta(days=DAYS_BACK)
    near = [first + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    return near if shown in near else sorted([*near, shown])


# ---- marks --------------------------------------------------------------------------------------------------


@console.post("/appointments/<int:number>/mark")
@staff("desk", "approver")
def mark(number: int) -> Response:
    """They came, they did not, or the mark was a mistake."""
    steps: dict[str, Callable[[Actor, Appointment], Any]] = {
        "yes": marks.mark_done,
        "no": lambda by, one: marks.mark_no_show(by, one, request.form.get("why")),
        "undo": marks.unmark,
    }
    step = steps.get(request.form.get("came", ""), marks.mark_no_show)
    return back_to_board(number, step)


def back_to_board(
    number: int,
    step: Callable[[Actor, Appointment], Any],
    done: Callable[[Actor, Appointment], str] | None = None,
) -> Response:
    """Do it, say in the words of `done` that it is, and show the page that it came from, or the same day again."""
    shown = list[str]()

    def unit(by: Actor) -> str:
        one = find(by, Appointment, number)
        shown[:] = [clock.local(one.slot.starts).date().isoformat()]
        step(by, one)
        return done(by, one) if done else ""

    if (said := attempt(unit)) and said.it:
        flash(said.it, "success")
    only = request.form.get("service") or None
    if request.form.get("back") == "one":
        return redirect(url_for("appointments_console.one", number=number))
    return redirect(url_for("appointments_console.board", day=shown[0], service=only))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("desk")
def today(by: Actor) -> Card:
    ahead = appointments_on(clock.today()).where(Appointment.state == "confirmed")
    rows = by.session.scalars(ahead.limit(SHOWN_TODAY)).all()
    address = url_for("appointments_console.board")
    lines = [
        Line(f"{one.service.name} {one.visitor_name or ''}", address, None, hour_words(one.slot.starts))
        for one in rows
    ]
    return Card("今天的预约", count_rows(by.session, ahead), address, lines, nothing="今天没有还没办的预约。")


@console.today("desk")
def to_phone(by: Actor) -> Card:
    """Whom the house called off, and who has no new time yet."""
    rows = by.session.scalars(without_new_time().limit(SHOWN_TODAY)).all()
    address = url_for("appointments_console.called_off")
    lines = [Line(f"{one.service.name} {one.visitor_name or ''}", address, one.called_off_at) for one in rows]
    return Card(
        "停办后还没另约的", count_rows(by.session, without_new_time()), address, lines, nothing="没有。"
    )


@console.today("desk")
def doubled(by: Actor) -> Card:
    """Two records were joined, and both had booked: which visit stays is for the visitor to say."""
    rows = by.session.scalars(in_two_places().limit(SHOWN_TODAY)).all()
    lines = [
        Line(
            f"{one.visitor_name or ''} {one.service.name}",
            url_for("appointments_console.one", number=one.id),
            None,
            hour_words(one.slot.starts),
        )
        for one in rows
    ]
    address = lines[0].address if lines else url_for("appointments_console.board")
    count = count_rows(by.session, in_two_places())
    return Card("同一时间约了两处的", count, address, lines, nothing="没有。")

"""The hall for the staff: my window, who is called next, who waits, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app import clock
from app.channels.console import Card, Console, Line, attempt, find, looking, staff
from handlers.hall import actions
from handlers.hall.slip_code import picture_for
from models import hall as model
from models.appointments import Appointment
from models.base import count_rows
from models.hall_figures import waits
from models.identity import Actor
from models.plans import Service
from models.tickets import Ticket, line_of, still_to_come, tickets_today
from models.windows import HallWindow

FIGURES_OF = 14  # days
SHOWN_TODAY = 4
EXPECTED_SHOWN, MOST_SHOWN = 6, 200
LONG_WAIT = timedelta(minutes=30)

console = Console("hall_console", __name__)

MOVES: dict[str, tuple[Callable[[Actor, Ticket], Any], str]] = {
    "again": (actions.call_again, "又叫了一遍 {} 号。"),
    "done": (lambda by, one: actions.finish(by, one, "done"), "{} 号办完了。"),
    "no_show": (lambda by, one: actions.finish(by, one, "no_show"), "{} 号没来,记下了。"),
    "aside": (actions.set_aside, "{} 号没在,先叫后面的。"),
    "back": (actions.put_back, "{} 号放回原来的位置了。"),
    "returned": (actions.come_back, "{} 号排回来了。"),
    "undo": (actions.take_back, "撤掉了,{} 号又在排队。"),
    "left": (actions.give_back, "{} 号退掉了。"),
}


@console.get("/hall")
@staff("desk", "approver")
def line() -> str:
    with looking() as by:
        return render_template("hall/console_line.html", **_facts(by))


@console.get("/hall/part")
@staff("desk", "approver")
def line_part() -> str:
    """The line alone, for the page that asks again and again."""
    with looking() as by:
        return render_template("hall/console_line_part.html", **_facts(by))


def _facts(by: Actor) -> dict[str, Any]:
    services = list(by.session.scalars(model.hall_services()))
    mine = model.window_of(by.session, by.staff) if by.staff else None
    windows = list(by.session.scalars(model.windows()))
    done_now = [service for one in windows if one.calls for service in one.services]
    hours = model.plan_of_today(by.session).hours_of_all(done_now)
    whole = line_of(by.session, services, sum(one.calls for one in windows), hours)
    here = next((one for one in whole.called if mine is not None and one.window_id == mine.id), None)
    for_me = actions.line_at(by, mine) if mine is not None else []
    return {
        "services": services,
        "mine": mine,
        "here": here,
        "for_me": for_me,
        "line": whole,
        "expected": still_to_come(by.session, services, whole),
        "windows": windows,
        "day": model.today(by.session),
        "pauses": actions.PAUSES,
        "shown": MOST_SHOWN if request.args.get("all") == "1" else EXPECTED_SHOWN,
        "now": clock.now(),
    }


# ---- numbers ---------------------------------------------------------------------------------------------------------


@console.post("/hall/numbers")
@staff("desk", "approver")
def take_number() -> Response:
    service = request.form.get("service", 0, type=int)
    given = attempt(lambda by: actions.take_number(by, find(by, Service, service)))
    return redirect(url_for(".ticket", number=given.it.id) if given else url_for(".line"))


@console.post("/hall/visits/<int:number>/here")
@staff("desk", "approver")
def arrive(number: int) -> Response:
    """A booked visit stands at the desk."""
    if given := attempt(lambda by: actions.arrive(by, find(by, Appointment, number))):
        flash(f"到了,号是 {given.it.number} 号。", "success")
    return redirect(url_for(".line"))


@console.get("/hall/numbers/<int:number>")
@staff("desk", "approver")
def ticket(number: int) -> str:
    """The slip with the number, how many are before it, and the code by which the visit is rated."""
    with looking() as by:
        row = find(by, Ticket, number)
        place = actions.place_of(by, row)
        return render_template("hall/console_ticket.html", row=row, place=place, code=picture_for(row))


# ---- at the window ---------------------------------------------------------------------------------------------------


@console.post("/hall/windows/<int:number>/next")
@staff("desk", "approver")
def call_next(number: int) -> Response:
    if called := attempt(lambda by: actions.call_next(by, find(by, HallWindow, number))):
        flash(f"请叫:{called.it.number} 号", "success")
    return redirect(url_for(".line"))


@console.post("/hall/numbers/<int:number>/move")
@staff("desk", "approver")
def move(number: int) -> Response:
    """What becomes of a number; `what` is one of MOVES."""
    step, words = MOVES.get(request.form.get("what", ""), MOVES["again"])

    def unit(by: Actor) -> int:
        row = find(by, Ticket, number)
        step(by, row)
        return row.number

    if moved := attempt(unit):
        flash(words.format(moved.it), "success")
    return redirect(url_for(".line"))


@console.post("/hall/numbers/<int:number>/send-on")
@staff("desk", "approver")
def send_on(number: int) -> Response:
    service, window = (request.form.get(name, 0, type=int) for name in ("service", "window"))

    def unit(by: Actor) -> None:
        to = find(by, Service, service) if service else None
        actions.send_on(by, find(by, Ticket, number), to, find(by, HallWindow, window) if window else None)

    attempt(unit, done="转过去了,等过的时间照算。")
    return redirect(url_for(".line"))


@console.post("/hall/windows/<int:number>/at-once")
@staff("desk", "approver")
def at_once(number: int) -> Response:
    service = request.form.get("service", 0, type=int)
    attempt(
        lambda by: actions.serve_at_once(by, find(by, HallWindow, number), find(by, Service, service)),
        done="记下了一件顺手办的。",
    )
    return redirect(url_for(".line"))


# ---- figures and the day ---------------------------------------------------------------------------------------------


@console.get("/hall/figures")
@staff("desk", "approver")
def figures() -> str:
    last = clock.today()
    with looking() as by:
        rows = waits(by.session, last - timedelta(days=FIGURES_OF - 1), last)
        return render_template("hall/console_figures.html", rows=rows, days=FIGURES_OF)


@console.post("/hall/day")
@staff("desk", "approver")
def day() -> Response:
    """Stop giving numbers, give them again, or end the day."""
    steps = {
        "stop": (actions.stop_numbers, "不再放号了,等着的照样办。"),
        "again": (actions.give_numbers_again, "又可以取号了。"),
        "end": (actions.end_day, "今天结束了,还在等的都告诉了。"),
    }
    step, words = steps.get(request.form.get("what", ""), steps["stop"])
    attempt(step, done=words)
    return redirect(url_for(".line"))


@console.today("desk")
def today(by: Actor) -> Card:
    """Who waits longest, by number."""
    waiting = tickets_today().where(Ticket.state == "waiting").order_by(None).order_by(Ticket.came_at)
    rows, address = by.session.scalars(waiting.limit(SHOWN_TODAY)).all(), url_for("hall_console.line")
    lines = [
        Line(f"{one.number}号 {one.service.name}", address, one.came_at, urgent=_is_long(one)) for one in rows
    ]
    served = by.session.scalar(
        select(func.count()).where(Ticket.day == clock.today(), Ticket.state == "done")
    )
    nothing = f"没有人在等,今天办完 {served} 位。" if served else "没有人在等。"
    return Card(
        "大厅排队",
        count_rows(by.session, waiting),
        address,
        lines,
        nothing=nothing,
        urgent=any(_is_long(one) for one in rows),
    )


def _is_long(one: Ticket) -> bool:
    return max(one.came_at, one.due or one.came_at) < clock.now() - LONG_WAIT

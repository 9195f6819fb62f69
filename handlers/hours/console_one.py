"""One record at the console: where its minutes come from, what was done with it, and what may be done now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import BooleanField

from app import audit, clock
from app.channels.console import as_staff, attempt, find, staff
from app.channels.console_forms import ConsoleForm, sentence, words
from handlers.hours import actions, told
from handlers.hours.console import COORDINATORS, SAID, WHO, console
from handlers.hours.sentences import LONGEST, minutes_in
from handlers.hours.standing import most_for
from handlers.people import actions as people
from models.hours import LIVE, ServiceHours, steps_of
from models.hours_lists import answer_day
from models.hours_spans import stays_at
from models.identity import Actor
from models.volunteers import Scan

WAYS = {"in": "到", "out": "走", "turn": "扫码"}


class MinutesForm(ConsoleForm):
    minutes = words("记多少分钟", 4, inputmode="numeric")
    reason = sentence("为什么", LONGEST, needed=False, rows=2, hint="改了分钟要写")


class DecideForm(ConsoleForm):
    minutes = words("记多少分钟", 4, inputmode="numeric")
    reason = sentence("为什么这样定", LONGEST, rows=2, hint="先问过两边,本人会看到")


class CorrectForm(ConsoleForm):
    minutes = words("应该是多少分钟", 4, hint="写 0 就是不算", inputmode="numeric")
    reason = sentence("为什么更正", LONGEST, rows=2, hint="两边的账都留着,本人会看到")


class VoidForm(ConsoleForm):
    reason = sentence("为什么不算", LONGEST, rows=2, hint="本人会看到")


class ServedForm(ConsoleForm):
    who = words("给谁帮的忙", 40, needed=False, hint=f"{WHO}。不填就是没有")
    whole = BooleanField("这一场的人都是给他帮忙")


class NotSoForm(ConsoleForm):
    reason = sentence("他说哪里不对", LONGEST, rows=2)


@console.get("/hours/<int:number>")
@staff(*COORDINATORS)
def one(number: int) -> str:
    return _show(number)


def _show(number: int, **forms: ConsoleForm) -> str:
    """Names and what was said stand here, so opening it is written down."""

    def unit(by: Actor) -> str:
        row = find(by, ServiceHours, number)
        audit.note(by, "hours.read", row)
        facts: dict[str, Any] = {"row": row, "most": most_for(row), "due": answer_day(row), "live": LIVE}
        facts |= {"stays": _stays(by, row), "scans": _scans(by, row), "ways": WAYS}
        facts |= {"steps": by.session.scalars(steps_of(row)).all(), "did": told.STEPS, "today": clock.today()}
        facts |= _forms(row) | forms
        return render_template("hours/console_one.html", **facts, **SAID)

    return as_staff(unit)


def _forms(row: ServiceHours) -> dict[str, ConsoleForm]:
    start = {"minutes": str(row.counted)}
    return {
        "confirm": MinutesForm(formdata=None, data=start),
        "settle": DecideForm(formdata=None, data=start),
        "correct": CorrectForm(formdata=None, data=start),
        "void": VoidForm(formdata=None),
        "served": ServedForm(formdata=None),
        "not_so": NotSoForm(formdata=None),
    }


def _stays(by: Actor, row: ServiceHours) -> list[Any]:
    known = row.person_id is not None and row.session_id is not None
    return stays_at(by.session, row.person_id or 0, row.session_id or 0) if known else []


def _scans(by: Actor, row: ServiceHours) -> list[Scan]:
    mine = Scan.person_id == row.person_id, Scan.session_id == row.session_id
    if row.person_id is None or row.session_id is None:
        return []
    return list(by.session.scalars(select(Scan).where(*mine).order_by(Scan.occurred_at, Scan.id)))


def _step(
    number: int, form: ConsoleForm, name: str, step: Callable[[Actor, ServiceHours], Any], done: str
) -> Response | str:
    if form.validate_on_submit() and attempt(lambda by: step(by, find(by, ServiceHours, number)), form, done):
        return redirect(url_for(".one", number=number))
    return _show(number, **{name: form})


@console.post("/hours/<int:number>/confirm")
@staff(*COORDINATORS)
def confirm(number: int) -> Response | str:
    form = MinutesForm()

    def step(by: Actor, row: ServiceHours) -> None:
        actions.confirm(by, row, minutes_in(form.minutes.data), form.reason.data or "")

    return _step(number, form, "confirm", step, "确认了。")


@console.post("/hours/<int:number>/settle")
@staff(*COORDINATORS)
def settle(number: int) -> Response | str:
    """An objection is answered: the minutes that stand, and why."""
    form = DecideForm()

    def step(by: Actor, row: ServiceHours) -> None:
        actions.settle(by, row, minutes_in(form.minutes.data), form.reason.data)

    return _step(number, form, "settle", step, "定下来了,本人会收到消息。")


@console.post("/hours/<int:number>/void")
@staff(*COORDINATORS)
def void(number: int) -> Response | str:
    form = VoidForm()
    return _step(
        number,
        form,
        "void",
        lambda by, row: actions.void(by, row, form.reason.data),
        "这一条不算了,本人会收到消息。",
    )


@console.post("/hours/<int:number>/correct")
@staff("desk", "approver")
def correct(number: int) -> Response | str:
    """What is posted is reversed, and posted again as it should be."""
    form = CorrectForm()

    def step(by: Actor, row: ServiceHours) -> None:
        actions.correct(by, row, minutes_in(form.minutes.data), form.reason.data)

    return _step(number, form, "correct", step, "更正好了,账上两边都留着。")


# ---- who was served --------------------------------------------------------------------------------------------------


@console.post("/hours/<int:number>/served")
@staff("desk")
def served(number: int) -> Response | str:
    """Somebody was served: they are asked too. For the whole session, or for this record alone."""
    form = ServedForm()

    def step(by: Actor, row: ServiceHours) -> None:
        person = people.the_one(by, form.who.data) if form.who.data else None
        if form.whole.data and row.session is not None:
            actions.name_served_at(by, row.session, person)
        else:
            actions.name_served(by, row, person)

    return _step(number, form, "served", step, "记下了。")


@console.post("/hours/<int:number>/said-yes")
@staff("desk")
def said_yes(number: int) -> Response:
    """Who was served was asked by telephone and says that it was so."""
    attempt(lambda by: actions.served_says_yes(by, find(by, ServiceHours, number)), done="记下了。")
    return redirect(url_for(".one", number=number))


@console.post("/hours/<int:number>/said-no")
@staff("desk")
def said_no(number: int) -> Response | str:
    form = NotSoForm()
    return _step(
        number,
        form,
        "not_so",
        lambda by, row: actions.served_says_no(by, row, form.reason.data),
        "记下了,问过两边再定。",
    )

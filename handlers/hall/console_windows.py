"""Windows for the staff: sit down, pause, leave; and which there are, with what is done at each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectChoice, SelectMultipleField
from wtforms.widgets import CheckboxInput

from app.channels.console import attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, words
from handlers.hall import actions
from handlers.hall.console import console
from models import hall as model
from models.identity import Actor
from models.plans import Service
from models.windows import HallWindow

LONGEST_NAME = 12


class WindowForm(ConsoleForm):
    name = words("叫什么", LONGEST_NAME, hint="例如:2号窗口。屏幕上这样写,消息里也这样写")
    services = SelectMultipleField("办哪些", coerce=int, option_widget=CheckboxInput())

    def offer(self, services: list[Service]) -> None:
        self.services.choices = [SelectChoice(one.id, one.name) for one in services]


@console.post("/hall/windows/<int:number>/sit")
@staff("desk", "approver")
def sit(number: int) -> Response:
    instead = request.form.get("instead") == "1"
    return _do(number, lambda by, one: actions.sit_down(by, one, instead=instead))


@console.post("/hall/windows/<int:number>/stand")
@staff("desk", "approver")
def stand(number: int) -> Response:
    return _do(number, actions.stand_up)


@console.post("/hall/windows/<int:number>/pause")
@staff("desk", "approver")
def pause(number: int) -> Response:
    why = request.form.get("why", "")
    return _do(number, lambda by, one: actions.pause(by, one, why))


@console.post("/hall/windows/<int:number>/go-on")
@staff("desk", "approver")
def go_on(number: int) -> Response:
    return _do(number, actions.go_on)


def _do(number: int, step: Callable[[Actor, HallWindow], Any]) -> Response:
    attempt(lambda by: step(by, find(by, HallWindow, number)))
    return redirect(url_for(".line"))


# ---- which there are -------------------------------------------------------------------------------------------------


@console.route("/hall/windows", methods=["GET", "POST"])
@staff("desk", "approver")
def windows() -> Response | str:
    with looking() as by:
        form = _form(by, None)
    if form.validate_on_submit() and attempt(
        lambda by: actions.add_window(by, name=form.name.data, services=_chosen(by, form)), form, "加上了。"
    ):
        return redirect(url_for(".windows"))
    with looking() as by:
        rows = list(by.session.scalars(model.windows()))
        served = {one.id for window in rows for one in window.services}
        nowhere = [one for one in by.session.scalars(model.hall_services()) if one.id not in served]
        return render_template("hall/console_windows.html", rows=rows, form=form, nowhere=nowhere)


@console.route("/hall/windows/<int:number>", methods=["GET", "POST"])
@staff("desk", "approver")
def window(number: int) -> Response | str:
    with looking() as by:
        form = _form(by, find(by, HallWindow, number))
    if form.validate_on_submit() and attempt(
        lambda by: actions.change_window(
            by, find(by, HallWindow, number), name=form.name.data, services=_chosen(by, form)
        ),
        form,
        "改好了。",
    ):
        return redirect(url_for(".windows"))
    with looking() as by:
        return render_template("hall/console_window.html", row=find(by, HallWindow, number), form=form)


@console.post("/hall/windows/<int:number>/close")
@staff("desk", "approver")
def close_window(number: int) -> Response:
    attempt(lambda by: actions.close_window(by, find(by, HallWindow, number)), done="撤掉了。")
    return redirect(url_for(".windows"))


@console.post("/hall/windows/as-in-services")
@staff("desk", "approver")
def as_in_services() -> Response:
    attempt(actions.windows_of_services, done="按服务里写的窗口建好了。")
    return redirect(url_for(".windows"))


def _form(by: Actor, row: HallWindow | None) -> WindowForm:
    facts = {"name": row.name, "services": [one.id for one in row.services]} if row else {}
    form = WindowForm(data=facts)
    form.offer(list(by.session.scalars(model.hall_services())))
    return form


def _chosen(by: Actor, form: WindowForm) -> list[Service]:
    return [find(by, Service, number) for number in form.services.data or []]

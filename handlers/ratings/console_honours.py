"""幸福使者 at the console: one's own figures and words for everybody of the staff; for approvers the switch and what
is objected to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock
from app.channels.console import Card, Line, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, sentence
from handlers.ratings import actions
from handlers.ratings.console import console
from handlers.ratings.sentences import LONGEST_ANSWER
from models.base import count_rows
from models.identity import Actor
from models.rating_fair import LEAST_SHOWN
from models.rating_figures import helper_figure, helper_words
from models.rating_honours import (
    APPEAL_DAYS,
    FORMULA,
    HonourReckoning,
    appeals_waiting,
    part_of,
    reckonings_of,
    setting,
)

SPAN = timedelta(days=90)
SHOWN = 8


class AppealForm(ConsoleForm):
    words = sentence("哪里不对", LONGEST_ANSWER, rows=2)


class DecisionForm(ConsoleForm):
    words = sentence("怎么定的", LONGEST_ANSWER, rows=2, hint="提异议的人看得到")


@console.get("/ratings/own")
@staff()
def own_ratings() -> str:
    """What somebody of the staff reads of their own: an average, words without a day, and how they were reckoned."""
    return _own(AppealForm(formdata=None))


def _own(form: AppealForm, at: int = 0) -> str:
    g.menu_word = "评价"
    with looking() as by:
        me, since = by.staff, clock.today() - SPAN
        if me is None:
            abort(404)
        facts: dict[str, Any] = {"own": helper_figure(by.session, me.id, since), "least": LEAST_SHOWN}
        facts |= {"said": helper_words(by.session, me.id, since), "takes_part": part_of(by.session, me)}
        facts |= {"rows": by.session.scalars(reckonings_of(me).limit(SHOWN)).all(), "at": at, "form": form}
        facts |= {"setting": setting(by.session), "formula": FORMULA, "days": APPEAL_DAYS}
        facts["appeals"] = _appeals(by) if "approver" in me.roles else []
        return render_template("ratings/console_own.html", decision=DecisionForm(formdata=None), **facts)


def _appeals(by: Actor) -> list[HonourReckoning]:
    return [one for one in by.session.scalars(appeals_waiting()) if by.staff and one.staff_id != by.staff.id]


@console.post("/ratings/own/part")
@staff()
def join_honours() -> Response:
    yes = request.form.get("yes") == "1"
    done = "您参加了,从今天起的评价才算。" if yes else "您退出了,评价里不再记着您。"
    attempt(lambda by: actions.take_part(by, yes=yes), done=done)
    return redirect(url_for("ratings_console.own_ratings"))


@console.post("/ratings/own/<int:number>/appeal")
@staff()
def object_to(number: int) -> Response | str:
    form = AppealForm()
    if form.validate_on_submit() and attempt(
        lambda by: actions.appeal(by, _mine(by, number), form.words.data), form, "收到了,另一位同事来定。"
    ):
        return redirect(url_for("ratings_console.own_ratings"))
    return _own(form, number)


def _mine(by: Actor, number: int) -> HonourReckoning:
    row = find(by, HonourReckoning, number)
    if by.staff is None or row.staff_id != by.staff.id:
        abort(404)
    return row


@console.post("/ratings/honours/<int:number>/decide")
@staff("approver")
def decide_appeal(number: int) -> Response:
    form, reached = DecisionForm(), request.form.get("reached") == "1"

    def unit(by: Actor) -> None:
        actions.decide(by, find(by, HonourReckoning, number), form.words.data or "", reached=reached)

    attempt(unit, done="定了,提异议的人看得到。")
    return redirect(url_for("ratings_console.own_ratings"))


@console.post("/ratings/honours/switch")
@staff("approver")
def switch_honours() -> Response:
    on = request.form.get("on") == "1"
    attempt(lambda by: actions.switch(by, on), done="记下了。" if on else "关了,不再算。")
    return redirect(url_for("ratings_console.own_ratings"))


@console.today("approver")
def objections(by: Actor) -> Card:
    rows = _appeals(by)
    address = url_for("ratings_console.own_ratings")
    lines = [Line(f"{one.quarter.name}的异议", address) for one in rows[:SHOWN]]
    return Card(
        "幸福使者的异议",
        count_rows(by.session, appeals_waiting()),
        address,
        lines,
        "没有异议。",
        urgent=bool(rows),
    )

"""A broadcast on its way, for the staff: how far it is, what holds it up, and the buttons that hold it, let it go on,
or end it. The page asks again every two seconds; without a script there is a button for that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app import clock
from app.channels.console import Card, Line, attempt, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm, choices
from handlers.broadcasts import cutting, progress, running
from handlers.broadcasts.console import console
from handlers.broadcasts.console_frame import READERS, frame_of
from models.broadcasts import Broadcast, BroadcastCall
from models.identity import Actor

STEERERS = ("desk", "approver")
REASONS = {
    "内容有错": "内容有错",
    "时间不对": "时间不对",
    "人选错了": "人选错了",
    "事情取消了": "事情取消了",
    "其他": "其他(请写一句)",
}
CALLS = {
    "waiting": ("等着交给微信", "wait"),
    "sending": ("正在交给微信", "calm"),
    "submitted": ("微信收下了,等它回话", "calm"),
    "done": ("发完了", "good"),
    "failed": ("没发成", "bad"),
    "unknown": ("不知道发了没有", "bad"),
    "cancelled": ("停下了,没有发", ""),
    "expired": ("过了时间,没有发", ""),
}
LATELY = timedelta(hours=24)


class StopForm(ConsoleForm):
    reason = SelectField("为什么停", [InputRequired(NEEDED)], choices=choices({"": "请选原因", **REASONS}))
    more = StringField("说清楚一点", [Optional(), Length(max=100, message="最多100个字。")])

    @property
    def words(self) -> str:
        """What is kept; 其他 alone says nothing."""
        chosen = "" if self.reason.data == "其他" else self.reason.data or ""
        return ":".join(part for part in (chosen, self.more.data or "") if part)


@console.get("/broadcasts/<int:number>/progress", endpoint="progress")
@staff(*READERS)
def show(number: int) -> str:
    return _drawn(number, "broadcasts/console_progress.html")


@console.get("/broadcasts/<int:number>/progress/part", endpoint="progress_part")
@staff(*READERS)
def part(number: int) -> str:
    """The same numbers again, for the page that stays open."""
    return _drawn(number, "broadcasts/console_progress_part.html")


def _drawn(number: int, template: str) -> str:
    with looking() as by:
        row = find(by, Broadcast, number)
        facts: dict[str, Any] = frame_of(row, "progress")
        facts |= {
            "it": progress.of(by, row),
            "form": StopForm(),
            "calls": CALLS,
            "confirm_until": progress.confirm_until,
            "now": clock.now(),
            "report": _report(number),
            "asked_again": template.endswith("_part.html"),
        }
        return render_template(template, **facts)


def _report(number: int) -> str | None:
    known = "broadcasts_console.report" in current_app.view_functions
    return url_for("broadcasts_console.report", number=number) if known else None


# ---- buttons ---------------------------------------------------------------------------------------------------------


@console.post("/broadcasts/<int:number>/stop")
@staff(*STEERERS)
def stop(number: int) -> Response:
    form = StopForm()
    if told := attempt(lambda by: running.stop(by, find(by, Broadcast, number), form.words)):
        _say(told.it)
    return _back(number)


def _say(stopped: running.Stopped) -> None:
    words = "一条也没有发出去。" if not stopped.gone else f"已经发出{stopped.gone:,}人,收不回来了。"
    kept = f"没再发的有{stopped.kept:,}人。" if stopped.kept else ""
    flash(f"停下了。{words}{kept}", "success")


@console.post("/broadcasts/<int:number>/pause")
@staff(*STEERERS)
def pause(number: int) -> Response:
    attempt(lambda by: running.pause(by, find(by, Broadcast, number)), done="暂停了,没有发的先留着。")
    return _back(number)


@console.post("/broadcasts/<int:number>/resume")
@staff(*STEERERS)
def resume(number: int) -> Response:
    attempt(lambda by: running.resume(by, find(by, Broadcast, number)), done="接着发了。")
    return _back(number)


@console.post("/broadcasts/calls/<int:number>/again")
@staff(*STEERERS)
def call_again(number: int) -> Response:
    with looking() as by:
        broadcast = find(by, BroadcastCall, number).broadcast_id
    attempt(lambda by: cutting.again(by, find(by, BroadcastCall, number)), done="再试一次,请看着手机。")
    return _back(broadcast)


def _back(number: int) -> Response:
    return redirect(url_for("broadcasts_console.progress", number=number))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today(*STEERERS)
def on_the_way(by: Actor) -> Card:
    """What is being sent, and what went wrong within a day: late ones expire where everybody sees it."""
    wrong = by.session.scalars(progress.went_wrong(clock.now() - LATELY)).all()
    going = [row for row in by.session.scalars(progress.on_the_way()) if row not in wrong]
    lines = [_line(row, row.why_ended or "有一次大群发没成", urgent=True) for row in wrong]
    lines += [_line(row, frame_of(row, "progress")["state"]) for row in going]
    address = url_for("broadcasts_console.broadcasts", which="running")
    return Card(
        "路上的群发", len(lines), address, lines[:5], nothing="现在没有正在发的。", urgent=bool(wrong)
    )


def _line(row: Broadcast, mark: str, *, urgent: bool = False) -> Line:
    address = url_for("broadcasts_console.progress", number=row.id)
    return Line(row.version.content["title"], address, row.ended_at or row.begins_at, mark, urgent)

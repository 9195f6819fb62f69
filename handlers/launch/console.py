"""上线: what is still missing, in words, with the button that does it; for the administrator."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask_wtf.file import FileField, FileRequired
from sqlalchemy import select
from werkzeug.wrappers import Response

from app import work
from app.channels.console import Card, Console, Line, as_staff, attempt, current_site, find, looking, staff
from app.channels.console_forms import ConsoleForm
from handlers.launch import actions, template_pages
from handlers.launch.doctor import EXAMINE
from handlers.launch.findings import points, said
from handlers.launch.followers import IMPORT
from models.identity import Actor
from models.launch import LONGEST_VERIFY, LaunchTick, VerifyFile, last_examination
from models.refusal import Refusal

MARKS = {"good": ("好了", "good"), "todo": ("要办", "wait"), "bad": ("不行", "bad"), "skip": ("不用", "")}
SHOWN_TODAY = 6

console = Console("launch_console", __name__, cli_group="wechat")
template_pages.enter(console)


class FileForm(ConsoleForm):
    file = FileField("微信给的 .txt 文件", [FileRequired("请选文件。")])


@console.get("/launch")
@staff("admin")
def launch() -> str:
    return _page(FileForm())


def _page(form: FileForm) -> str:
    with looking() as by:
        ticks = {tick.key: tick for tick in by.session.scalars(select(LaunchTick))}
        files = by.session.scalars(select(VerifyFile).order_by(VerifyFile.name)).all()
        facts: dict[str, Any] = {
            "ticks": ticks,
            "files": files,
            "points": points(),
            "form": form,
            "marks": MARKS,
        }
        return render_template("launch/console_launch.html", **facts, **_findings(by))


def _findings(by: Actor) -> dict[str, Any]:
    """The last examination in words: what needs somebody first."""
    last = last_examination(by.session)
    if last is None:
        return {"examined": None, "findings": []}
    rows = [
        (one["key"], one["state"], *said(current_site(), one["key"], one["state"], one["facts"]))
        for one in last.findings
    ]
    order = ("bad", "todo", "good", "skip")
    return {"examined": last.at, "findings": sorted(rows, key=lambda row: order.index(row[1]))}


@console.post("/launch/examine")
@staff("admin")
def examine() -> Response:
    return _ask(EXAMINE)


@console.post("/launch/followers")
@staff("admin")
def followers() -> Response:
    return _ask(IMPORT)


def _ask(kind: str) -> Response:
    row = as_staff(lambda by: work.ask_for(by, kind))
    return redirect(url_for("console.show", number=row.id))


@console.post("/launch/points/<key>/<any(done, open):state>")
@staff("admin")
def confirm(key: str, state: str) -> Response:
    def unit(by: Actor) -> None:
        if key not in points():
            raise Refusal("launch.no_such_point")
        actions.confirm(by, key, done=state == "done")

    attempt(unit, done="记下了。")
    return redirect(url_for("launch_console.launch") + "#points")


@console.post("/launch/files")
@staff("admin")
def lay_down() -> Response | str:
    form = FileForm()

    def unit(by: Actor) -> None:
        content = form.file.data.stream.read(LONGEST_VERIFY + 1).decode("utf-8", "replace")
        actions.lay_down(by, form.file.data.filename or "", content)

    if form.validate_on_submit() and attempt(unit, form, "放好了。现在可以在微信后台点保存。"):
        return redirect(url_for("launch_console.launch") + "#files")
    return _page(form)


@console.post("/launch/files/<int:number>/take-up")
@staff("admin")
def take_up(number: int) -> Response:
    attempt(lambda by: actions.take_up(by, find(by, VerifyFile, number)), done="拿掉了。")
    return redirect(url_for("launch_console.launch") + "#files")


@console.today("admin")
def not_ready(by: Actor) -> Card:
    """What stands between this house and its residents."""
    open_ones = [row for row in _findings(by)["findings"] if row[1] in ("bad", "todo")]
    address = url_for("launch_console.launch")
    lines = [
        Line(title, address, mark=MARKS[state][0], urgent=state == "bad") for _, state, title, _ in open_ones
    ]
    nothing = "检查过的都好了。" if last_examination(by.session) else "还没有检查过,请打开“上线”。"
    return Card("上线还差的事", len(open_ones), address, lines[:SHOWN_TODAY], nothing=nothing)

"""Sheets of residents that are brought in: handed in as a file or as pasted cells, looked at, corrected, taken in,
taken back within a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, FileField, SelectField

from app import audit
from app.channels.console import as_staff, attempt, current_site, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, sentence, words
from app.sheets.reading import LARGEST
from handlers.registers import actions
from handlers.registers.checking import missing
from handlers.registers.columns import FIELDS, OPTIONS
from models import registers as model
from models.identity import Actor
from models.refusal import Refusal
from models.registers import RegisterImport

SHOWN, LINES_SHOWN = 30, 50
MOST_PASTED = 120_000
STATES = {
    "uploaded": ("等检查", "wait"),
    "checked": ("检查过了", "calm"),
    "running": ("正在登记", "wait"),
    "done": ("登记好了", "good"),
    "failed": ("没有登记", "bad"),
    "undone": ("撤销了", ""),
    "dropped": ("不要了", ""),
}
WHY_KEPT = {
    "changed": "有人改过",
    "moved": "住处变过",
    "agreed": "自己同意或撤回过",
    "used": "已经在用(预约、心愿等)",
    "gone": "已经不在了",
}


class SheetForm(ConsoleForm):
    file = FileField("表格文件", description="xlsx 或 csv,最大10兆、2万行。旧的 xls 请先另存为 xlsx。")
    pasted = sentence(
        "或者从表格里复制,粘贴在这里", MOST_PASTED, needed=False, rows=4, hint="连同表头一起复制,直接粘贴。"
    )


class TakeInForm(ConsoleForm):
    which = SelectField(
        "登记哪些",
        choices=choices({"all": "全部都对才登记,有一行不对就一行也不登记", "good": "只登记没有问题的行"}),
    )
    basis = words(
        "纸质同意书放在哪里",
        actions.LONGEST_BASIS,
        needed=False,
        hint="比如:2026年登记簿第3册。以后有人问起,凭它查。",
    )
    sure = BooleanField("表里的人都在纸上签过字,同意社区登记姓名、手机和住处")


def enter(console: Blueprint) -> None:
    console.add_url_rule("/registers/import", view_func=sheets, methods=["GET", "POST"])
    console.add_url_rule("/registers/import/<int:number>", view_func=sheet)
    for step in (columns, take_in, go_on, take_back, drop):
        address = f"/registers/import/<int:number>/{step.__name__.replace('_', '-')}"
        console.add_url_rule(address, view_func=step, methods=["POST"])


@staff("desk", fresh=True)
def sheets() -> Response | str:
    form = SheetForm()
    if form.validate_on_submit() and (made := attempt(lambda by: actions.hand_in(by, *_given(form)), form)):
        return redirect(url_for("console.show", number=made.it.work_id))
    with looking() as by:
        rows = by.session.scalars(model.imports().limit(SHOWN)).all()
        return render_template("registers/console_sheets.html", form=form, rows=rows, states=STATES)


def _given(form: SheetForm) -> tuple[bytes, str]:
    """The file, or what was pasted as if it were one."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        content = upload.stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise Refusal("registers.sheet_too_large")
        return content, upload.filename
    return (form.pasted.data or "").encode(), "粘贴的表格.csv"


@staff("desk")
def sheet(number: int) -> str:
    return _page(number, TakeInForm())


def _page(number: int, form: TakeInForm) -> str:
    """What stands in its cells is about people: that it was looked at is written down."""

    def unit(by: Actor) -> str:
        row = find(by, RegisterImport, number)
        if row.seen:
            audit.note(by, "registers.look", row)
        counts = model.counted(by.session, row)
        kept = [line for line in by.session.scalars(model.lines_of(row)) if line.state == "kept"][
            :LINES_SHOWN
        ]
        facts: dict[str, Any] = {
            "row": row,
            "counts": counts,
            "kept": kept,
            "why_kept": WHY_KEPT,
            "form": form,
        }
        facts |= {"states": STATES, "options": OPTIONS, "missing": _missing(row), "bad": _bad(row)}
        facts |= {"taken": [at for at, name in enumerate(row.columns or []) if name]}
        return render_template("registers/console_sheet.html", **facts)

    return as_staff(unit)


def _missing(row: RegisterImport) -> list[str]:
    return [FIELDS[name][0] for name in missing(row.columns or [])] if row.columns is not None else []


def _bad(row: RegisterImport) -> list[dict[str, Any]]:
    """The first bad lines with the words of what is wrong beside each cell."""
    say = current_site().house.say_in
    return [
        {
            "number": line["number"],
            "row": line["row"],
            "wrong": {int(at): say("registers", code, {}) for at, code in line["wrong"].items()},
        }
        for line in (row.seen or {}).get("bad", [])
    ]


@staff("desk")
def columns(number: int) -> Response:
    """Look again, with the columns that the clerk has put right."""
    chosen = request.form.getlist("column") or None
    return _then(number, lambda by, row: actions.look_again(by, row, chosen))


@staff("desk", fresh=True)
def take_in(number: int) -> Response | str:
    form = TakeInForm()

    def unit(by: Actor) -> int | None:
        row = find(by, RegisterImport, number)
        basis = form.basis.data if form.sure.data else ""
        actions.take_in(by, row, basis=basis or "", only_good=form.which.data == "good")
        return row.work_id

    if form.validate_on_submit() and (begun := attempt(unit, form)):
        return redirect(url_for("console.show", number=begun.it))
    return _page(number, form)


@staff("desk")
def go_on(number: int) -> Response:
    return _then(number, actions.go_on)


@staff("desk", fresh=True)
def take_back(number: int) -> Response:
    return _then(number, actions.take_back)


@staff("desk")
def drop(number: int) -> Response:
    attempt(
        lambda by: actions.drop(by, find(by, RegisterImport, number)), done="表格删掉了,一个人也没有登记。"
    )
    return redirect(url_for("registers_console.sheets"))


def _then(number: int, step: Callable[[Actor, RegisterImport], None]) -> Response:
    """Do it and show how far the work is, or say why not."""

    def unit(by: Actor) -> int | None:
        row = find(by, RegisterImport, number)
        step(by, row)
        return row.work_id

    if begun := attempt(unit):
        return redirect(url_for("console.show", number=begun.it))
    return redirect(url_for("registers_console.sheet", number=number))

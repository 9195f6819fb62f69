"""Notices, for the staff: written by one, read and published by another, shown beforehand as residents will see it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy import Select
from werkzeug.wrappers import Response
from wtforms import SelectField, ValidationError

from app import clock
from app.channels.console import Card, Console, Line, attempt, current_site, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, day, lines_of, sentence, words
from app.channels.console_login import signed_in
from handlers.notices import actions
from models.identity import Actor
from models.notices import CATEGORIES, Notice, all_notices, current_notices
from models.staff import StaffMember

SHOWN, SHOWN_TODAY = 100, 5
MOST_THINGS = 8

console = Console("notices_console", __name__)


class NoticeForm(ConsoleForm):
    title = words("标题", actions.LONGEST_TITLE, hint="说清是什么事,给谁的")
    category = SelectField("类别", choices=choices({name: name for name in CATEGORIES}))
    source = words("来源", 60, hint="哪个单位发的")
    source_number = words("文号", 60, needed=False)
    summary = sentence(
        "给居民看的话", actions.LONGEST_SUMMARY, rows=7, hint="一句一行,先说要做什么,再说为什么。不用公文话。"
    )
    bring = sentence("要带什么", 400, needed=False, rows=4, hint="一行一样")
    valid_from = day("从哪天开始")
    valid_until = day("到哪天为止", needed=False, hint="过了这天自己就不再回答;不填就一直有效")
    body = sentence("原文", 20_000, needed=False, rows=4, hint="照原样放着备查,不发给居民")

    def validate_bring(self, field: Any) -> None:
        if len(lines_of(field.data)) > MOST_THINGS:
            raise ValidationError(f"最多{MOST_THINGS}样,多了记不住。")


# ---- lists -----------------------------------------------------------------------------------------------------------


def _lists() -> dict[str, tuple[str, Select[Notice]]]:
    today, over = clock.today(), Notice.valid_until < clock.today()
    published = all_notices().where(Notice.state == "published")
    return {
        "now": ("正在回答", current_notices()),
        "draft": ("草稿", all_notices().where(Notice.state == "draft")),
        "later": ("还没到日子", published.where(Notice.valid_from > today)),
        "over": ("过期和撤回", all_notices().where((Notice.state == "withdrawn") | over)),
    }


@console.get("/notices")
@staff("desk", "approver")
def notices() -> str:
    lists = _lists()
    which = request.args.get("which", "now")
    which = which if which in lists else "now"
    with looking() as by:
        rows = by.session.scalars(lists[which][1].limit(SHOWN)).all()
        tabs = {key: name for key, (name, _) in lists.items()}
        return render_template("notices/console_list.html", rows=rows, tabs=tabs, which=which)


# ---- one notice ------------------------------------------------------------------------------------------------------


@console.get("/notices/<int:number>")
@staff("desk", "approver")
def notice(number: int) -> str:
    with looking() as by:
        row = find(by, Notice, number)
        author = by.session.get(StaffMember, row.author_id) if row.author_id else None
        shown = current_site().house.say_in("notices", "one", {"notice": row})
        facts = {"row": row, "author": author, "preview": shown, "may_edit": _may_edit(row)}
        return render_template("notices/console_notice.html", **facts)


@console.route("/notices/new", methods=["GET", "POST"])
@staff("desk")
def write() -> Response | str:
    form = NoticeForm()
    made: list[Notice] = []

    def unit(by: Actor) -> None:
        facts = _words(form) | {"valid_from": form.valid_from.data, "valid_until": form.valid_until.data}
        made[:] = [actions.draft(by, **facts)]

    if form.validate_on_submit() and attempt(unit, form, "草稿存好了。请看看居民收到的样子。"):
        return redirect(url_for("notices_console.notice", number=made[0].id))
    return render_template("notices/console_write.html", form=form, row=None)


@console.route("/notices/<int:number>/edit", methods=["GET", "POST"])
@staff("desk", "approver")
def edit(number: int) -> Response | str:
    """Drafts are changed by those who write; what residents already see only by those who publish."""
    form = _filled(number)
    if form.validate_on_submit() and attempt(lambda by: _change(by, number, form), form, "改好了。"):
        return redirect(url_for("notices_console.notice", number=number))
    with looking() as by:
        return render_template("notices/console_write.html", form=form, row=find(by, Notice, number))


def _filled(number: int) -> NoticeForm:
    with looking() as by:
        row = find(by, Notice, number)
        if not _may_edit(row):
            abort(403)
        return NoticeForm(obj=row, bring="\n".join(row.bring))


def _change(by: Actor, number: int, form: NoticeForm) -> None:
    row = find(by, Notice, number)
    actions.edit(by, row, **_words(form))
    actions.set_days(by, row, form.valid_from.data, form.valid_until.data)


def _may_edit(row: Notice) -> bool:
    return signed_in().has("approver") or (signed_in().has("desk") and row.state == "draft")


def _words(form: NoticeForm) -> dict[str, Any]:
    names = ("title", "category", "source", "summary", "body", "source_number")
    return {name: form[name].data or "" for name in names} | {"bring": lines_of(form.bring.data)}


@console.post("/notices/<int:number>/publish")
@staff("approver")
def publish(number: int) -> Response:
    attempt(lambda by: actions.publish(by, find(by, Notice, number)), done="发布了。居民现在问得到。")
    return redirect(url_for("notices_console.notice", number=number))


@console.post("/notices/<int:number>/withdraw")
@staff("approver")
def withdraw(number: int) -> Response:
    attempt(lambda by: actions.withdraw(by, find(by, Notice, number)), done="撤回了。居民问不到了。")
    return redirect(url_for("notices_console.notice", number=number))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today("approver")
def to_publish(by: Actor) -> Card:
    drafts = by.session.scalars(_lists()["draft"][1]).all()
    lines = [Line(row.title, _address(row), row.changed_at, row.category) for row in drafts[:SHOWN_TODAY]]
    return Card("等审核的通知", len(drafts), url_for("notices_console.notices", which="draft"), lines)


@console.today("desk", "approver")
def soon_over(by: Actor) -> Card:
    """A notice that ends within days is renewed now, or not at all."""
    last = clock.today() + timedelta(days=3)
    ending = current_notices().where(Notice.valid_until <= last).order_by(None).order_by(Notice.valid_until)
    rows = by.session.scalars(ending).all()
    lines = [Line(row.title, _address(row), mark=f"{row.valid_until:%m-%d}止") for row in rows[:SHOWN_TODAY]]
    address = url_for("notices_console.notices")
    return Card("三天内到期的通知", len(rows), address, lines, nothing="这三天没有通知到期。")


def _address(row: Notice) -> str:
    return url_for("notices_console.notice", number=row.id)

"""常用话: the words that staff say every day, written and retired by themselves."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.channels.console import attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, sentence, words
from handlers.desk import quick
from handlers.desk.console import console
from models.desk import QuickReply, quick_replies


class QuickForm(ConsoleForm):
    title = words("名称", quick.LONGEST_TITLE, hint="按钮上的字,比如“带身份证”")
    text = sentence("内容", quick.LONGEST_TEXT, rows=3, hint="写{姓名}的地方会换成居民的姓名")


@console.route("/talks/quick", methods=["GET", "POST"])
@staff("desk")
def quick_list() -> Response | str:
    form = QuickForm()
    if form.validate_on_submit() and attempt(
        lambda by: quick.add(by, form.title.data, form.text.data), form, "加好了,回复居民时点一下就能用。"
    ):
        return redirect(url_for("desk_console.quick_list"))
    with looking() as by:
        rows = by.session.scalars(quick_replies()).all()
        retired = by.session.scalars(quick_replies(retired=True)).all()
        return render_template("desk/console_quick.html", form=form, rows=rows, retired=retired, one=None)


@console.route("/talks/quick/<int:number>", methods=["GET", "POST"])
@staff("desk")
def quick_one(number: int) -> Response | str:
    with looking() as by:
        row = find(by, QuickReply, number)
        form = QuickForm(obj=row)
    if form.validate_on_submit() and attempt(
        lambda by: quick.change(by, find(by, QuickReply, number), form.title.data, form.text.data),
        form,
        "改好了。",
    ):
        return redirect(url_for("desk_console.quick_list"))
    return render_template("desk/console_quick.html", form=form, rows=[], retired=[], one=row)


@console.post("/talks/quick/<int:number>/retire")
@staff("desk")
def quick_retire(number: int) -> Response:
    attempt(lambda by: quick.retire(by, find(by, QuickReply, number)), done="收起来了,随时可以再用。")
    return redirect(url_for("desk_console.quick_list"))


@console.post("/talks/quick/<int:number>/back")
@staff("desk")
def quick_back(number: int) -> Response:
    attempt(lambda by: quick.bring_back(by, find(by, QuickReply, number)), done="又可以用了。")
    return redirect(url_for("desk_console.quick_list"))

"""Taking a matter in at the console, for who telephones or comes to the window and has no WeChat."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField

from app.channels.console import attempt, staff
from app.channels.console_forms import NO_PHONE, ConsoleForm, choices, sentence, words
from app.understanding.phone import phone_in
from handlers.matters import actions, sentences
from handlers.matters.console import console
from models.identity import Actor
from models.matters import KINDS, Matter


class TakeForm(ConsoleForm):
    kind = SelectField("哪一种", choices=choices({kind: kind for kind in KINDS}))
    text = sentence("居民说的", sentences.LONGEST, rows=4, hint="照居民的话写;身份证号不用记")
    where = words("在哪里", sentences.LONGEST_PLACE, needed=False, hint="写小区和楼号,就能找到网格员")
    phone = words("电话", 20, needed=False, hint="有电话,居民凭受理号和后四位就能查")


@console.route("/matters/new", methods=["GET", "POST"])
@staff("desk")
def take_in() -> Response | str:
    form = TakeForm()
    phone = phone_in(form.phone.data or "")

    def unit(by: Actor) -> Matter:
        said = actions.Report(form.text.data, form.kind.data, "named", form.where.data or "", phone=phone)
        return actions.report(by, said).matter

    if form.validate_on_submit():
        if form.phone.data and phone is None:
            form.phone.errors = [NO_PHONE]
        elif made := attempt(unit, form):
            flash(f"记下了。请把受理号告诉居民:{made.it.number}。", "success")
            return redirect(url_for("matters_console.matter", number=made.it.id))
    return render_template("matters/console_new.html", form=form)

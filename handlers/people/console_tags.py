"""标签, with what each is for and until when; and 身后事, where a second person decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import DateField
from wtforms.validators import InputRequired

from app import audit, clock
from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm, words
from handlers.people import deaths, tags
from handlers.people.console import console, under
from models.counting import COUNTED
from models.deaths import DeathReport, reports
from models.identity import Actor
from models.tags import Tag, all_tags, counted_by_tag

SHOWN = 50


class TagForm(ConsoleForm):
    name = words("标签", 20, hint="比如:巡逻队。不能写民族、信仰、困难、健康这些")
    purpose = words("用来做什么", 80, hint="本人看得到这句话")
    until = DateField(
        "用到哪天", [InputRequired(NEEDED)], default=lambda: clock.today() + timedelta(days=180)
    )


class RenewForm(ConsoleForm):
    until = DateField("用到哪天", [InputRequired(NEEDED)])


@console.route("/tags", methods=["GET", "POST"])
@staff("desk")
def all_of_the_tags() -> Response | str:
    under("居民")
    form = TagForm()
    if form.validate_on_submit() and attempt(
        lambda by: tags.make_tag(by, form.name.data, form.purpose.data, form.until.data), form, "标签建好了。"
    ):
        return redirect(url_for("people_console.all_of_the_tags"))
    with looking() as by:
        rows = by.session.scalars(all_tags()).all()
        counted = counted_by_tag(by.session, rows)
        half = (clock.today() + timedelta(days=180)).isoformat()
        return render_template(
            "people/console_tags.html", form=form, rows=rows, counted=counted, half=half, most=COUNTED
        )


@console.post("/tags/<int:number>/renew")
@staff("desk")
def renew_tag(number: int) -> Response:
    form = RenewForm()
    if form.validate():
        attempt(
            lambda by: tags.renew_tag(by, find(by, Tag, number), form.until.data), done="延到新的日子了。"
        )
    return redirect(url_for("people_console.all_of_the_tags"))


@console.post("/tags/<int:number>/end")
@staff("desk")
def end_tag(number: int) -> Response:
    attempt(
        lambda by: tags.end_tag(by, find(by, Tag, number)), done="停用了。30天内可以延期再用,以后就删掉。"
    )
    return redirect(url_for("people_console.all_of_the_tags"))


# ---- the deceased ----------------------------------------------------------------------------------------------


@console.get("/deceased")
@staff("desk")
def deceased() -> str:
    """Names of the dead and of who spoke for them: that the list was opened is written down."""
    under("居民")

    def unit(by: Actor) -> str:
        rows = by.session.scalars(reports().limit(SHOWN)).all()
        audit.note(by, "people.read_deceased", None, count=len(rows))
        return render_template("people/console_deceased.html", rows=rows, mine=by.staff.id if by.staff else 0)

    return as_staff(unit)


@console.post("/deceased/<int:number>/decide")
@staff("desk", fresh=True)
def decide(number: int) -> Any:
    """A yes deletes, or shows the copy that is handed over, once."""
    agreed, copies = request.form.get("agreed") == "yes", []

    def work(by: Actor) -> None:
        copies.append(deaths.decide_death(by, find(by, DeathReport, number), agreed))

    if attempt(work, done="定了。" if agreed else "没有同意,什么也没有改。") and copies[-1]:
        return as_staff(lambda _: render_template("people/console_copy.html", kept=copies[-1]))
    return redirect(url_for("people_console.deceased"))

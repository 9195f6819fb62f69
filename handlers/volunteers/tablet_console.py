"""Tablets on the wall, for the staff: which hang where, when each last asked, another device, shut off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import SelectField

from app.channels.console import Card, Line, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, words
from app.feature import Waits
from app.links import link_to
from handlers.volunteers import tablets
from handlers.volunteers.codes import picture
from handlers.volunteers.console import LEADERS, console
from models import tablets as model
from models.identity import Actor
from models.tablets import WallTablet

SHOWN_TODAY = 4
SHOWN_WORDS = {"codes": "活动的签到码", "line": "大厅叫号屏", "numbers": "大厅取号机"}


class TabletForm(ConsoleForm):
    name = words("叫什么", 20, hint="例如:一楼大厅")
    place = words("挂在哪里", 40, hint="签到码:要和活动的地点写得一样", list="places")
    shows = SelectField("显示什么", choices=choices(SHOWN_WORDS), default="codes")


@console.route("/tablets", methods=["GET", "POST"])
@staff(*LEADERS)
def show_tablets() -> Response | str:
    form = TabletForm()
    if form.validate_on_submit() and attempt(
        lambda by: tablets.add(by, name=form.name.data, place=form.place.data, shows=form.shows.data),
        form,
        "加上了。请给它一个开机码,在平板上打开一次。",
    ):
        return redirect(url_for(".show_tablets"))
    return _page(form)


@console.post("/tablets/<int:number>/code")
@staff(*LEADERS)
def give_code(number: int) -> Response | str:
    """Shown on this page once: nobody can look it up again."""
    code = attempt(lambda by: tablets.issue_code(by, find(by, WallTablet, number)))
    return _page(TabletForm(formdata=None), number, code.it) if code else redirect(url_for(".show_tablets"))


@console.post("/tablets/<int:number>/revoke")
@staff(*LEADERS)
def revoke_tablet(number: int) -> Response:
    attempt(
        lambda by: tablets.revoke(by, find(by, WallTablet, number)), done="停用了,那台平板什么也不再显示。"
    )
    return redirect(url_for(".show_tablets"))


def _page(form: TabletForm, number: int | None = None, code: str = "") -> str:
    with looking() as by:
        rows = by.session.scalars(model.tablets()).all()
        silent = {one.id for one in tablets.silent(by)}
        facts: dict[str, Any] = {
            "rows": rows,
            "silent": silent,
            "words": SHOWN_WORDS,
            "form": form,
            "fresh": number,
            "code": code,
        }
        facts |= {"places": model.places_known(by.session)}
        if code:
            facts["link"] = link_to(url_for("volunteers_pages.open_wall", code=code))
            facts |= {
                "address": link_to(url_for("volunteers_pages.wall")),
                "picture": picture(facts["link"]),
            }
        return render_template("volunteers/console_tablets.html", **facts)


# ---- what is silent --------------------------------------------------------------------------------------------------


@console.today("desk", "leader")
def silent_today(by: Actor) -> Card:
    rows, address = tablets.silent(by), url_for("volunteers_console.show_tablets")
    lines = [Line(f"{one.name},{one.place}", address, one.seen_at, urgent=True) for one in rows[:SHOWN_TODAY]]
    return Card("没有动静的签到平板", len(rows), address, lines, nothing="没有。", urgent=bool(rows))


def _how_many(session: Session, since: datetime | None) -> int:
    return len(model.silent_tablets(session, since))


waits = (Waits("没有动静的签到平板", ("desk", "leader"), _how_many),)

"""The staff's page 时长: what waits for a yes, who was served and has not answered, objections, what differs.

One record is in console_one.py. Names stand here, so that somebody was looked for, and each record that was opened, is
written down."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import Select
from werkzeug.wrappers import Response
from wtforms import HiddenField

from app import audit, clock
from app.channels.console import Card, Console, Line, as_staff, attempt, looking, staff
from app.channels.console_forms import ConsoleForm, day, moment, sentence, words
from app.channels.lists import asked_page
from app.flags import flag_words
from app.understanding.numbers import number_in
from handlers.hours import actions, told
from handlers.hours.sentences import LONGEST, LONGEST_WHAT, minutes_in
from handlers.hours.standing import doubts
from handlers.people import actions as people
from models import hours as model
from models.base import count_rows
from models.hours import ServiceHours
from models.hours_lists import (
    answer_day,
    differing,
    disputed,
    held_back,
    in_window,
    posted,
    to_confirm,
    unanswered_by_served,
    waiting_for_served,
)
from models.identity import Actor, Person

COORDINATORS = ("desk", "approver", "leader")
SHOWN, SHOWN_TODAY, MOST_AT_ONCE = 40, 5, 200
LISTS = {
    "confirm": "等确认",
    "served": "等被帮的人",
    "dispute": "有异议",
    "differ": "记录和入账不一致",
    "held": "入不了账",
    "window": "三天内可提异议",
    "posted": "已入账",
}
WHO = "姓名、手机号或“居民12”"

console = Console("hours_console", __name__)


class WriteForm(ConsoleForm):
    who = words("谁帮的忙", 40, hint=WHO)
    what = words("做了什么", LONGEST_WHAT, hint="比如:修水管、陪去医院")
    on = day("哪天")
    since = moment("几点开始", hint="路上的时间不算")
    until = moment("几点结束")
    served = words("给谁帮的忙", 40, needed=False, hint=f"填了就请他核对。{WHO}")
    place = words("在哪里", 40, needed=False)
    reason = sentence("为什么补记", LONGEST, rows=2, hint="谁说的、谁看见的")
    once = HiddenField(default=lambda: secrets.token_urlsafe(12))


class FindForm(ConsoleForm):
    who = words("按人找", 40, hint=WHO)


class TermsForm(ConsoleForm):
    most = words("一个人一天超过多少分钟要看", 4, hint="默认 480 分钟", inputmode="numeric")
    days = words("被帮的人几天不回话就打电话", 2, hint="默认 3 天", inputmode="numeric")


# ---- lists -----------------------------------------------------------------------------------------------------------


def _list(which: str) -> Select[ServiceHours]:
    lists = {
        "confirm": to_confirm,
        "served": waiting_for_served,
        "dispute": disputed,
        "differ": differing,
        "held": held_back,
        "window": in_window,
        "posted": posted,
    }
    return lists.get(which, to_confirm)()


@console.get("/hours")
@staff(*COORDINATORS)
def lists() -> str:
    """What waits, doubtful ones first; or the records of one person."""
    which, page = request.args.get("which", "confirm"), asked_page()
    which = which if which in LISTS else "confirm"

    def unit(by: Actor) -> str:
        person = by.session.get(Person, request.args.get("person", 0, int))
        wanted = model.hours_of(person) if person is not None else _list(which)
        if person is not None:
            audit.note(by, "hours.search", person)
        found = by.session.scalars(wanted.offset((page - 1) * SHOWN).limit(SHOWN + 1)).all()
        rows = list(found[:SHOWN])
        if which == "confirm" and person is None:
            rows.sort(key=lambda row: not doubts(row))
        facts: dict[str, Any] = {"which": which, "rows": rows, "page": page, "more": len(found) > SHOWN}
        facts |= {"plain": [row.id for row in rows if not doubts(row)], "person": person}
        facts |= {"counts": {key: count_rows(by.session, _list(key)) for key in LISTS if key != "posted"}}
        facts |= {"late": _late(by), "answer_day": answer_day, "today": clock.today()}
        return render_template(
            "hours/console_list.html", lists=LISTS, find=FindForm(formdata=None), **facts, **SAID
        )

    return as_staff(unit)


def _reasons(row: ServiceHours) -> list[str]:
    return flag_words(doubts(row))


SAID: dict[str, Any] = {"state_words": told.state_words, "reasons": _reasons, "held_words": told.HELD_BACK}


def _late(by: Actor) -> set[int]:
    """Records whose served person has not answered in time."""
    days = model.terms(by.session).served_days
    return {row.id for row in by.session.scalars(unanswered_by_served(clock.now(), days).limit(MOST_AT_ONCE))}


@console.post("/hours/find")
@staff(*COORDINATORS)
def find_person() -> Response:
    form = FindForm()
    if form.validate_on_submit() and (found := attempt(lambda by: people.the_one(by, form.who.data))):
        return redirect(url_for(".lists", person=found.it.id))
    return redirect(url_for(".lists"))


@console.post("/hours/confirm")
@staff(*COORDINATORS)
def confirm_plain() -> Response:
    """Those of the page that nobody needs to look at."""
    typed = request.form.get("rows", "").split(",")[:MOST_AT_ONCE]
    numbers = {number for one in typed if (number := number_in(one))}

    def unit(by: Actor) -> int:
        rows = to_confirm().where(ServiceHours.id.in_(numbers))
        return actions.confirm_plain(by, by.session.scalars(rows).all())

    if done := attempt(unit):
        flash(f"确认了 {done.it} 条,三天里没有异议就入账。", "success")
    return redirect(url_for(".lists"))


# ---- writing down ----------------------------------------------------------------------------------------------------


@console.route("/hours/new", methods=["GET", "POST"])
@staff("desk")
def write() -> Response | str:
    """A service that no session saw."""
    form = WriteForm()

    def unit(by: Actor) -> ServiceHours:
        served = people.the_one(by, form.served.data) if form.served.data else None
        return actions.write_down(
            by,
            people.the_one(by, form.who.data),
            (clock.at(form.on.data, form.since.data), clock.at(form.on.data, form.until.data)),
            form.what.data,
            reason=form.reason.data,
            once=form.once.data[:30],
            place=form.place.data or "",
            served=served,
        )

    if form.validate_on_submit() and (made := attempt(unit, form, "记下了。")):
        return redirect(url_for(".one", number=made.it.id))
    return render_template("hours/console_write.html", form=form)


@console.route("/hours/terms", methods=["GET", "POST"])
@staff("approver")
def terms() -> Response | str:
    with looking() as by:
        now = model.terms(by.session)
        form = TermsForm(data={"most": str(now.most_a_day), "days": str(now.served_days)})

    def unit(by: Actor) -> None:
        most, days = minutes_in(form.most.data), minutes_in(form.days.data)
        actions.change_terms(by, most_a_day=most, served_days=days)

    if form.validate_on_submit() and attempt(unit, form, "改好了。"):
        return redirect(url_for(".lists"))
    return render_template("hours/console_terms.html", form=form)


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today(*COORDINATORS)
def to_do(by: Actor) -> Card:
    """Objections first, then what differs, then what waits for a yes or a telephone call."""
    days = model.terms(by.session).served_days
    groups = [
        ("有异议", disputed()),
        ("和入账不一致", differing()),
        ("被帮的人没回话", unanswered_by_served(clock.now(), days)),
        ("等确认", to_confirm()),
    ]
    lines = [
        Line(
            f"{row.what} {row.minutes}分钟",
            url_for("hours_console.one", number=row.id),
            row.objected_at or row.started_at,
            mark,
        )
        for mark, rows in groups
        for row in by.session.scalars(rows.limit(SHOWN_TODAY))
    ]
    total = sum(count_rows(by.session, rows) for _, rows in groups)
    overdue = any(
        (answer_day(row) or clock.today()) < clock.today() for row in by.session.scalars(disputed().limit(1))
    )
    return Card("志愿时长", total, url_for("hours_console.lists"), lines[:SHOWN_TODAY], urgent=overdue)

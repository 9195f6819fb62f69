"""Ordering for somebody at the counter or on the telephone, who takes a printed slip home."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField

from app.channels.console import as_staff, attempt, find, looking, staff
from app.channels.console_forms import NOBODY_OF_THESE, NewcomerForm, choices, words
from app.words import day_words
from handlers.circle import actions
from handlers.circle.console import WHO, console
from handlers.people import actions as people
from models.appointments import Contact
from models.circle import home_services
from models.circle_fit import HalfDay, free_halves
from models.identity import Actor, Person
from models.people import Purpose
from models.plans import Service

PARTS = {"am": "上午", "pm": "下午"}


class OrderForm(NewcomerForm):
    half = SelectField("哪个半天", choices=[])
    address = words("门牌", 60, hint="比如:东府佳苑5号楼2单元301")
    note = words("备注", 60, needed=False, hint="师傅看得到,比如:耳朵背,敲门大声点")


@console.get("/circle/new")
@staff(*WHO)
def which() -> str:
    with looking() as by:
        rows = by.session.scalars(home_services()).all()
        return render_template("circle/console_which.html", rows=rows)


@console.route("/circle/new/<int:number>", methods=["GET", "POST"])
@staff(*WHO)
def order(number: int) -> Response | str:
    """One form that grows: the phone, then whose it is, then the half day is taken."""
    form = OrderForm()
    found: dict[str, str] = {}
    with looking() as by:
        service = find(by, Service, number)
        halves = [one.code for one in free_halves(by.session, service)]
        name = service.name
    form.half.choices = choices({one: _said(one) for one in halves})
    if form.validate_on_submit():
        found = as_staff(lambda by: _found(by, form.phone.data))
        asked_before = form.offer({**found, "0": NOBODY_OF_THESE})
        if asked_before and form.says_who(found):
            made = attempt(lambda by: _order(by, number, form, found), form, "叫好了,正在问师傅。")
            if made:
                return redirect(url_for("circle_console.job", number=made.it))
    asked = form.is_submitted() and not form.phone.errors
    return render_template(
        "circle/console_order.html", form=form, name=name, found=found, asked=asked, halves=halves
    )


def _said(code: str) -> str:
    half = HalfDay.read(code)
    return f"{day_words(half.day)}{PARTS[half.part]}"


def _found(by: Actor, phone: str) -> dict[str, str]:
    rows = people.find_by_phone(by, phone, purpose="booking")
    return {str(one.id): one.name or f"居民{one.id}号" for one in rows}


def _order(by: Actor, number: int, form: OrderForm, found: dict[str, str]) -> int:
    person = _person(by, form, found)
    contact = Contact(form.name.data or person.name, form.phone.data, form.address.data)
    service, half = find(by, Service, number), HalfDay.read(form.half.data)
    job = actions.order(by, service, half, contact, for_=person, words=form.note.data or None)
    return job.id


def _person(by: Actor, form: OrderForm, found: dict[str, str]) -> Person:
    if form.person.data in found:
        return find(by, Person, int(form.person.data))
    purposes: tuple[Purpose, ...] = ("service",) if form.agreed.data else ()
    return people.register(by, name=form.name.data or "", phone=form.phone.data, purposes=purposes)

"""Who waits for what: the lines of all services at the desk, moved or ended with a reason, answered for whoever asks by
telephone, and joined on behalf."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import Select, select
from werkzeug.wrappers import Response
from wtforms import SelectField

from app import audit, clock
from app.channels.console import Card, Line, as_staff, attempt, find, looking, staff
from app.channels.console_forms import NOBODY_OF_THESE, NewcomerForm, choices, words
from app.channels.lists import asked_page
from handlers.appointments import console_book, waiting
from handlers.appointments.console import all_services, console
from handlers.appointments.own_line import wished_words
from handlers.appointments.queueing import meant
from handlers.appointments.wished import ANY, free_by_half, wished_of, wishes_of
from models.appointments import Contact
from models.board import with_wechat
from models.identity import Actor
from models.plans import Service
from models.waiting import OPEN, SlotWait
from models.waiting_offers import is_live

ON_A_PAGE, SHOWN_TODAY = 30, 6
MOVED = {"frail": "年老体弱", "urgent": "事情急", "mistake": "上次排错了", "other": "其他"}
REMOVED = {"asked": "本人说不等了", "served": "已经办好了", "mistake": "排错了", "other": "其他"}
ON_LIST = "排上了。有位子时,有微信的会收到消息,没有微信的列在“排队等位”里,请打电话。"


class WaitForm(NewcomerForm):
    service = SelectField("等哪个服务", choices=[], coerce=int)
    wish = SelectField("等哪个时间", choices=[], validate_choice=False)
    address = words("上门的地址", 100, needed=False)


@console.get("/appointments/waiting")
@staff("desk", "approver")
def waiting_line() -> str:
    """Names and phones stand here, so looking is written down."""
    only, page = request.args.get("service", type=int), asked_page()

    def unit(by: Actor) -> str:
        found = _lines(only).limit(ON_A_PAGE + 1).offset(ON_A_PAGE * (page - 1))
        rows = by.session.scalars(found).all()
        shown = [(row, wished_words(row), is_live(row)) for row in rows[:ON_A_PAGE]]
        audit.note(by, "appointments.read_line", None, count=len(shown))
        facts: dict[str, Any] = {"rows": shown, "more": len(rows) > ON_A_PAGE, "page": page, "only": only}
        facts |= {"services": by.session.scalars(all_services()).all(), "moved": MOVED, "removed": REMOVED}
        facts["reachable"] = with_wechat(by.session, [row.person_id for row in rows])
        return render_template("appointments/console_waiting.html", now=clock.now(), **facts)

    return as_staff(unit)


def _lines(only: int | None) -> Select[SlotWait]:
    found = select(SlotWait).join(Service, Service.id == SlotWait.service_id).where(SlotWait.state.in_(OPEN))
    found = found if only is None else found.where(SlotWait.service_id == only)
    return found.order_by(Service.position, Service.id, SlotWait.line, SlotWait.id)


@console.post("/appointments/waiting/<int:number>/front")
@staff("desk", "approver")
def wait_to_front(number: int) -> Response:
    reason = request.form.get("reason", "")
    return _done(number, lambda by, row: waiting.move_to_front(by, row, reason), "提到最前面了。")


@console.post("/appointments/waiting/<int:number>/remove")
@staff("desk", "approver")
def wait_remove(number: int) -> Response:
    reason = request.form.get("reason", "")
    return _done(number, lambda by, row: waiting.remove(by, row, reason), "撤掉了,有微信的本人会收到消息。")


@console.post("/appointments/waiting/<int:number>/pass")
@staff("desk", "approver")
def wait_pass(number: int) -> Response:
    return _done(number, waiting.let_pass, "好的,留给下一位了。")


@console.post("/appointments/waiting/<int:number>/take")
@staff("desk", "approver")
def wait_take(number: int) -> Response:
    """On the telephone they said yes."""
    if booked := attempt(lambda by: waiting.take(by, find(by, SlotWait, number)), done=console_book.BOOKED):
        return redirect(url_for("appointments_console.one", number=booked.it.id))
    return _back()


def _done(number: int, step: Callable[[Actor, SlotWait], Any], words: str) -> Response:
    attempt(lambda by: step(by, find(by, SlotWait, number)), done=words)
    return _back()


def _back() -> Response:
    only = request.form.get("service") or None
    return redirect(url_for("appointments_console.waiting_line", service=only))


# ---- on behalf -----------------------------------------------------------------------------------------------------


@console.route("/appointments/waiting/new", methods=["GET", "POST"])
@staff("desk", "approver")
def wait_new() -> Response | str:
    """For somebody at the counter or on the telephone: the service, the wish, the phone, and whose it is."""
    form, found = WaitForm(), {}
    with looking() as by:
        services = by.session.scalars(all_services().where(Service.is_open)).all()
        form.service.choices = choices({str(one.id): one.name for one in services})
        if not services:
            flash("还没有开着的服务。", "warning")
            return redirect(url_for("appointments_console.waiting_line"))
        chosen = form.service.data or request.args.get("service", type=int) or services[0].id
        form.service.data = chosen  # closed meanwhile: said at the field, and the wishes are any service's
        form.wish.choices = choices(
            _wishes(by, next((one for one in services if one.id == chosen), services[0]))
        )
    if form.validate_on_submit():
        found = as_staff(lambda by: console_book.found_by_phone(by, form.phone.data))
        asked_before = form.offer({**found, "0": NOBODY_OF_THESE})
        if asked_before and form.says_who(found):
            made = attempt(lambda by: _wait(by, form, found), form, ON_LIST)
            if made:
                return redirect(url_for("appointments_console.waiting_line", service=form.service.data))
    return render_template(
        "appointments/console_wait.html", form=form, found=found, asked=form.is_submitted()
    )


def _wishes(by: Actor, service: Service) -> dict[str, str]:
    found = {}
    for code in wishes_of(free_by_half(by.session, service)):
        wished = wished_of(by.session, service, code)
        if wished is not None:
            row = SlotWait(slot=wished.slot, first=wished.first, last=wished.last, half=wished.half)
            found[code] = "哪天有空都行" if code == ANY else wished_words(row)
    return found


def _wait(by: Actor, form: WaitForm, found: dict[str, str]) -> SlotWait:
    service = find(by, Service, form.service.data or 0)
    contact = Contact(form.name.data or None, form.phone.data, form.address.data or None)
    wished = meant(by, service, form.wish.data or ANY)
    return waiting.wait(by, service, wished, contact=contact, for_=console_book.person_of(by, form, found))


# ---- 今天 ----------------------------------------------------------------------------------------------------------


@console.today("desk")
def seats_kept_today(by: Actor) -> Card:
    """Seats that are kept for people whom no message reaches: somebody has to telephone."""
    offered = select(SlotWait).where(SlotWait.state == "offered").order_by(SlotWait.offered_until)
    rows = by.session.scalars(offered).all()
    reachable = with_wechat(by.session, [row.person_id for row in rows])
    untold = [row for row in rows if row.person_id not in reachable]
    address = url_for("appointments_console.waiting_line")
    lines = [
        Line(f"{row.service.name} {row.visitor_name or ''}", address, row.offered_until, urgent=True)
        for row in untold[:SHOWN_TODAY]
    ]
    return Card("有位子了,要打电话问", len(untold), address, lines, nothing="没有。", urgent=bool(untold))

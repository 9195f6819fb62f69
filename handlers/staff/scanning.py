"""The computer's side of a scan: a code, six digits and a number on the screen, and every two seconds the question
whether the phone has answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.access import open_to
from app.channels import console_login
from app.channels.console import as_staff, attempt, current_site, staff
from app.channels.console_forms import NEEDED, ConsoleForm
from app.channels.console_login import scan_cookie, signed_in
from app.links import link_to
from app.understanding.numbers import number_in
from app.wechat.capabilities import Capability
from handlers.staff import scans
from handlers.staff.console import console, way_back
from handlers.staff.qr import drawn
from models import staff_scan
from models.identity import Actor
from models.refusal import Refusal
from models.staff_scan import Purpose, StaffScan

T = TypeVar("T")
OVER = "这个码过期了,或者用过了。"
WRONG = "数字不对,这次作废了。请重新绑定,照着自己手机上的数字填。"


class NumberForm(ConsoleForm):
    number = StringField(
        "手机上显示的两位数",
        [InputRequired(NEEDED), Length(max=4)],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


# ---- beginning: a POST, so that no page that is merely looked at makes codes -----------------------------------------


@console.post("/sign-in/scan")
@open_to("everyone")
def ask_to_enter() -> Response:
    if signed_in().is_authenticated:
        return redirect(url_for("console.today"))
    return _begin("enter")


@console.post("/again/scan")
@staff()
def ask_to_prove() -> Response:
    return _begin("prove")


@console.post("/mine/wechat")
@staff(fresh=True)
def ask_to_bind() -> Response:
    return _begin("bind")


def _begin(purpose: Purpose) -> Response:
    asking: dict[str, Any] = {"address": request.remote_addr or "", "browser": request.user_agent.string}
    asking |= {"older": scan_cookie(), "here": _session_here()}
    try:
        cookie = _as_anybody(lambda by: scans.ask(by, purpose, **asking))
    except Refusal as why:
        return _sorry(current_site().house.refusal_words(why), 429)
    return console_login.keep_scan_cookie(redirect(_screen()), cookie)


# ---- the screen ------------------------------------------------------------------------------------------------------


@console.get("/scan")
@open_to("everyone")
def scan() -> Response | str:
    """The code that this browser asked for; nothing in the address says which."""
    facts = _facts()
    return _sorry(OVER, 410) if facts is None else render_template("staff/console_scan.html", **facts)


@console.post("/scan/part")
@open_to("everyone")
def scan_part() -> Response | str:
    """Asked by the page's script, and by the button for who has none: is there an answer? Lets the browser in."""
    facts = _facts()
    if facts is None:
        return _sorry(OVER, 200 if _polls() else 410)
    if facts["state"] == "approved":
        return _let_in(facts["purpose"])
    if not _polls():
        return redirect(_screen())
    if request.form.get("seen") == facts["state"]:
        return FlaskResponse(status=204)
    return render_template("staff/console_scan_part.html", **facts)


def _let_in(purpose: str) -> Response:
    """A session of its own for who signs in, a mark in the session for who proves it again."""
    if purpose == "prove":
        proved = as_staff(lambda by: _prove(by, signed_in().session_id))
        return console_login.drop_scan_cookie(_go()) if proved else _sorry(OVER, 410)
    secret = current_site().database.writing(_enter)
    if secret is None:
        return _sorry(OVER, 410)
    return console_login.drop_scan_cookie(console_login.keep_cookie(_go(), secret))


def _enter(database: Session) -> str | None:
    row = _row(database)
    member = scans.enter(Actor(database, channel="console"), row) if row is not None else None
    return None if member is None else console_login.start_session(database, member.id, possession=True)


def _prove(by: Actor, here: int) -> bool:
    row = _row(by.session)
    return row is not None and scans.prove(by, row, here)


@console.post("/scan/number")
@staff()
def bind_wechat() -> Response:
    """Whoever is signed in types the number that their phone shows."""
    form, here, right = NumberForm(), signed_in().session_id, []

    def unit(by: Actor) -> None:
        row = _row(by.session)
        if row is None:
            raise Refusal("staff.scan_over")
        right.append(scans.bind(by, row, _number(form), here))

    if attempt(unit):
        flash(*("微信绑定好了。以后可以扫码进工作台。", "success") if right[-1] else (WRONG, "danger"))
    return console_login.drop_scan_cookie(redirect(url_for("staff_console.mine")))


def _number(form: NumberForm) -> int:
    return number_in((form.number.data or "").strip()) or 0


# ---- what they share -------------------------------------------------------------------------------------------------


def _as_anybody(work: Callable[[Actor], T]) -> T:
    """As the one who is signed in, or as nobody yet."""
    if signed_in().is_authenticated:
        return as_staff(work)
    return current_site().database.writing(lambda s: work(Actor(s, channel="console")))


def _session_here() -> int | None:
    return signed_in().session_id if signed_in().is_authenticated else None


def _row(database: Session) -> StaffScan | None:
    """What this browser asked for. A code of a session shows itself in that session only."""
    row = staff_scan.of_browser(database, scan_cookie())
    return row if row is not None and row.is_live and row.session_id in (None, _session_here()) else None


def _facts() -> dict[str, Any] | None:
    """What the screen shows; the number of a binding is the phone's to show."""
    with current_site().database.reading() as database:
        row = _row(database)
        if row is None:
            return None
        number = None if row.purpose == "bind" else row.number
        facts = {"purpose": row.purpose, "state": row.state, "number": number}
    cookie, can_scan = scan_cookie(), current_site().main.can(Capability.OAUTH)
    address = link_to(url_for("staff_pages.scanned", key=staff_scan.key_of(cookie)))
    facts |= {"digits": staff_scan.digits_of(cookie), "address": address, "back": way_back()}
    return facts | {"picture": drawn(address) if can_scan else None, "form": NumberForm(formdata=None)}


def _screen() -> str:
    return url_for("staff_console.scan", back=way_back())


def _polls() -> bool:
    return request.headers.get("HX-Request") == "true"


def _go() -> Response:
    """On to the page that was asked for; the page's script is told in a header."""
    return FlaskResponse(headers={"HX-Redirect": way_back()}) if _polls() else redirect(way_back())


def _sorry(words: str, status: int) -> Response:
    inside = signed_in().is_authenticated
    again = url_for("staff_console.mine" if inside else "staff_console.sign_in")
    name = "staff/console_scan_over_part.html" if _polls() else "staff/console_scan_over.html"
    return make_response(render_template(name, words=words, again=again), status)

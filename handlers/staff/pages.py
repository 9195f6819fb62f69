"""The phone's side of a scan: which computer asks, which number stands on its screen, and yes or no."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from app.channels import page_login
from app.channels.pages import as_resident, current_site, for_residents
from app.database import run_in_savepoint
from handlers.staff import scans
from models.identity import Actor
from models.refusal import Refusal
from models.staff_scan import StaffScan

pages = Blueprint("staff_pages", __name__)


def for_phones(view: Callable[[str], Response]) -> Callable[..., Response]:
    """A page for whoever WeChat has just said is looking: it opens a computer, so nothing weaker will do."""

    @for_residents
    @wraps(view)
    def guarded(key: str) -> Response:
        if page_login.vouched_lately():
            return view(key)
        return page_login.ask_wechat_again({"key": key}) or _page(
            "sorry", 403, words=_words("staff.only_in_wechat")
        )

    return guarded


def _words(code: str) -> str:
    return current_site().house.refusal_words(Refusal(code))


@pages.get("/staff/<key>")
@for_phones
def scanned(key: str) -> Response:
    return _answer(key, lambda by, row: _ask(by, row, key))


@pages.post("/staff/<key>/number")
@for_phones
def picked(key: str) -> Response:
    """The number that was tapped; a wrong one ends it."""
    number = request.form.get("number", 0, int)

    def unit(by: Actor, row: StaffScan) -> Response:
        if not scans.pick_number(by, row, number):
            return _page("wrong")
        return _page("sure", row=row, key=key)

    return _answer(key, unit)


@pages.post("/staff/<key>/yes")
@for_phones
def agreed(key: str) -> Response:
    def unit(by: Actor, row: StaffScan) -> Response:
        if row.purpose == "bind":
            return _page("type", number=scans.agree_to_bind(by, row))
        scans.approve(by, row)
        return _page("done")

    return _answer(key, unit)


@pages.post("/staff/<key>/no")
@for_phones
def refused(key: str) -> Response:
    def unit(by: Actor, row: StaffScan) -> Response:
        scans.refuse(by, row)
        return _page("refused")

    return _answer(key, unit)


def _ask(by: Actor, row: StaffScan, key: str) -> Response:
    """The next question: the number first, then whether it is really them. Who answered already reads it again."""
    mine = row.identity_id is not None and by.identity is not None and row.identity_id == by.identity.id
    if row.state != "asked" and not mine:
        raise Refusal("staff.scan_over")
    if row.state == "approved":
        return _page("done")
    if row.purpose == "bind":
        return _page("type", number=row.number) if mine else _page("bind", row=row, key=key)
    return _page("sure" if mine else "number", row=row, key=key)


def _answer(key: str, unit: Callable[[Actor, StaffScan], Response]) -> Response:
    """The next page, or why not, in one unit of work."""

    def whole(by: Actor) -> Response:
        try:
            return run_in_savepoint(by.session, lambda: unit(by, scans.open_code(by, key)))
        except Refusal as why:
            return _page("sorry", 409, words=current_site().house.refusal_words(why))

    return as_resident(whole)


def _page(step: str, status: int = 200, **facts: object) -> Response:
    return make_response(render_template("staff/page_scan.html", step=step, **facts), status)

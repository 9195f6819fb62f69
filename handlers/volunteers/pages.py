"""Pages of check-in: the link behind the code that turns over, and the leader's screen. One's own hours are a page of
handlers/hours."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.channels.page_sdk import let_sdk_run, sdk_script
from app.channels.pages import (
    act,
    as_resident,
    current_site,
    for_everybody,
    for_residents,
    there_or_404,
)
from app.database import run_in_savepoint
from app.links import link_to
from handlers.activities import actions as activities
from handlers.volunteers import actions
from handlers.volunteers.actions import Outcome
from handlers.volunteers.codes import drawn
from handlers.volunteers.trust import Seen
from models import place_code, stays
from models.activities import ActivitySession
from models.activities_heads import missing_heads
from models.identity import Actor
from models.place_code import PlaceCode
from models.refusal import Refusal
from models.volunteers import Attendance

DEVICE, DEVICE_KEPT = "phone", 400 * 24 * 3600
MARK = re.compile(r"[0-9a-f]{32}")

pages = Blueprint("volunteers_pages", __name__)


# ---- the link on the screen ------------------------------------------------------------------------------------------


@pages.get("/checkin/<token>")
@for_residents
def check_in(token: str) -> Response:
    """Opening the link IS the check-in: one scan, one big page. It may change things although it is a GET because the
    link works for a minute, for a person whom WeChat vouches for, and opened again it is the same record."""

    def unit(by: Actor) -> Outcome:
        held = place_code.session_of_token(by.session, token)
        if held is None:
            raise Refusal("volunteers.no_such_session")
        nonce = f"link:{sha256(token.encode()).hexdigest()}"
        return actions.check(by, held, token=token, nonce=nonce, seen=Seen(device))

    device, script = _device(), sdk_script()
    answer = let_sdk_run(_show(unit, token, script), script)
    answer.set_cookie(
        DEVICE, device, max_age=DEVICE_KEPT, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return answer


def _device() -> str:
    """This phone's own mark; a new one where it has none, or something that is none of ours."""
    kept = request.cookies.get(DEVICE, "")
    return kept if MARK.fullmatch(kept) else secrets.token_hex(16)


@pages.post("/left/<int:stay>")
@for_residents
def left(stay: int) -> Response:
    """Somebody who forgot to check out elsewhere says that they have left there."""

    def unit(by: Actor) -> Outcome:
        attendance = by.session.get(Attendance, stay)
        if attendance is None:
            raise Refusal("volunteers.not_in")
        return actions.leave_without_code(by, attendance)

    return _show(unit)


def _show(unit: Callable[[Actor], Outcome], token: str = "", script: str | None = None) -> Response:
    """The outcome as a page, or why not, both in the one unit of work."""

    def whole(by: Actor) -> Response:
        try:
            outcome = run_in_savepoint(by.session, lambda: unit(by))
        except Refusal as why:
            return _sorry(why)
        if outcome.kind == "undone":
            return _sorry(Refusal("volunteers.was_undone"))
        return make_response(
            render_template("volunteers/page_result.html", outcome=outcome, token=token, script=script)
        )

    return as_resident(whole)


def _sorry(why: Refusal) -> Response:
    words = current_site().house.refusal_words(why)
    reason = why.code.rpartition(".")[2]
    page = render_template("volunteers/page_refused.html", reason=reason, words=words, **why.facts)
    return make_response(page, 409)


# ---- the leader's phone -------------------------------------------------------------------------------------------


@pages.post("/leading/<int:number>/close")
@for_residents
def close(number: int) -> AnyResponse:
    """End a session from the page on which its leader has the roster. Heads that do not match ask once more."""

    def work(by: Actor) -> str:
        leader = activities.as_leader(by)
        held = there_or_404(activities.session_led(by, number))
        if missing_heads(by.session, held) and not request.form.get("sure"):
            raise Refusal("volunteers.heads_differ")
        actions.close_session(leader, held)
        return url_for("activities_pages.lead", number=number, done="close")

    return act(work)


# ---- the leader's screen ---------------------------------------------------------------------------------------------


@pages.get("/screen/<int:number>/<ticket>")
@for_everybody
def screen(number: int, ticket: str) -> Response:
    """Opened in the leader's own browser, without WeChat: the ticket in the address is the proof."""
    with current_site().database.reading() as session:
        held = _led_with(session, number, ticket)
        facts = {
            "session": held,
            "ticket": ticket,
            "code": code_now(held),
            "here": how_many_here(session, held),
        }
        return make_response(render_template("volunteers/page_screen.html", **facts))


@pages.get("/screen/<int:number>/<ticket>/code")
@for_everybody
def screen_code(number: int, ticket: str) -> dict[str, Any]:
    """What the screen asks for every few seconds; empty digits when there is nothing to show any more."""
    with current_site().database.reading() as session:
        held = _led_with(session, number, ticket)
        code, here = code_now(held), how_many_here(session, held)
    if code is None:
        return {"digits": "", "here": here}
    picture = url_for("volunteers_pages.screen_qr", number=number, ticket=ticket, of=code.digits)
    return {"digits": code.digits, "picture": picture, "seconds_left": code.seconds_left, "here": here}


@pages.get("/screen/<int:number>/<ticket>/qr.svg")
@for_everybody
def screen_qr(number: int, ticket: str) -> Response:
    with current_site().database.reading() as session:
        code = code_now(_led_with(session, number, ticket))
    if code is None:
        abort(404)
    link = link_to(url_for("volunteers_pages.check_in", token=code.token))
    return Response(drawn(link), mimetype="image/svg+xml")


def _led_with(session: Session, number: int, ticket: str) -> ActivitySession:
    held = session.get(ActivitySession, number)
    if held is None or not place_code.ticket_is_right(held, ticket, clock.now()):
        abort(404)
    return held


def code_now(held: ActivitySession) -> PlaceCode | None:
    now = clock.now()
    return None if stays.has_ended(held, now) or now < held.opens_at else place_code.code_at(held, now)


def how_many_here(session: Session, held: ActivitySession) -> int:
    """How many people are checked in at this moment."""
    still = (Attendance.session_id == held.id, Attendance.left_at.is_(None))
    return session.scalar(select(func.count()).where(*still)) or 0

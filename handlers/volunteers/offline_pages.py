"""The leader's page without a network: how to get its link, the page itself, and what its phone asks for.

The page is opened in the phone's own browser, because the one inside WeChat keeps nothing offline on iPhones. The link
stands behind the # of the address, which browsers send to nobody; so the page itself is the same for everybody, holds
no name, and may lie on the phone. What the phone then asks for is proved by the link and the phone's own secret.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import segno
from flask import Response, abort, current_app, make_response, render_template, request, url_for
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.channels.pages import (
    act,
    as_resident,
    current_site,
    for_everybody,
    for_residents,
    there_or_404,
)
from app.database import Busy, run_in_savepoint
from app.links import link_to
from app.static_files import FOLDER
from handlers.activities import actions as activities
from handlers.volunteers import offline, offline_sync
from handlers.volunteers.offline_records import LARGEST, Batch
from handlers.volunteers.offline_sync import PER_UNIT, Taken
from handlers.volunteers.pages import pages
from models import leader_devices as model
from models.activities import ActivitySession
from models.identity import Actor
from models.leader_devices import LeaderDevice
from models.refusal import Refusal

Answer = tuple[dict[str, Any], int]

MINUTE = 60
MOST_ASKS = 120
STATUS = {
    "volunteers.offline_unknown": 403,
    "activities.not_leader": 403,
    "volunteers.offline_other_phone": 409,
    "volunteers.offline_over": 410,
    "volunteers.offline_let_go": 410,
    "volunteers.offline_too_often": 429,
    "volunteers.offline_busy": 503,
}


# ---- the link, for the leader ----------------------------------------------------------------------------------------


@pages.get("/leading/<int:number>/offline")
@for_residents
def offline_link(number: int) -> str:
    """How to open it, or which phone it is open on."""

    def look(by: Actor) -> str:
        leader, held = activities.as_leader(by), there_or_404(activities.session_led(by, number))
        device = model.live_device(by.session, held, leader.person, leader.staff)
        address = offline_address(device) if device is not None and device.secret_index is None else None
        facts = {"held": held, "device": device, "address": address, "until": model.until(held)}
        return render_template("volunteers/page_offline_link.html", qr=address and drawn(address), **facts)

    return as_resident(look)


@pages.post("/leading/<int:number>/offline")
@for_residents
def offline_make(number: int) -> AnyResponse:
    """A link; the one that there is, where there is one."""
    return _do(number, offline.make_link)


@pages.post("/leading/<int:number>/offline/let-go")
@for_residents
def offline_let_go(number: int) -> AnyResponse:
    """Another phone from now on: the old link goes, a new one is made."""

    def work(by: Actor, held: ActivitySession) -> None:
        device = model.live_device(by.session, held, by.person, by.staff)
        if device is not None:
            offline.let_go(by, device)
        offline.make_link(by, held)

    return _do(number, work)


def _do(number: int, work: Callable[[Actor, ActivitySession], object]) -> AnyResponse:
    def unit(by: Actor) -> str:
        work(activities.as_leader(by), there_or_404(activities.session_led(by, number)))
        return url_for("volunteers_pages.offline_link", number=number)

    return act(unit)


def offline_address(device: LeaderDevice) -> str:
    page = url_for("volunteers_pages.offline_page", number=device.session_id)
    return link_to(f"{page}#{device.link}")


def drawn(address: str) -> str:
    """A code for another phone's camera, as an image that needs no request: the address would stand in a log."""
    uri: str = segno.make(address, error="m", micro=False).svg_data_uri(border=2, scale=4)
    return uri


# ---- the page --------------------------------------------------------------------------------------------------------


@pages.get("/offline/<int:number>/")
@for_everybody
def offline_page(number: int) -> str:
    """The same for everybody. Inside WeChat it only says how to get out of there."""
    if "MicroMessenger" in request.user_agent.string:
        return render_template("volunteers/page_offline_wechat.html")
    return render_template("volunteers/page_offline.html", number=number)


@pages.get("/offline/worker.js")
@for_everybody
def offline_worker() -> Response:
    """The service worker. It lies here, and not with the other scripts, because it rules only what is below it."""
    script = (FOLDER / "leader_worker.js").read_text("utf-8")
    return Response(script, mimetype="text/javascript")


# ---- what its phone asks for -----------------------------------------------------------------------------------------


@pages.post("/offline/<int:number>/roster")
@for_everybody
def offline_roster(number: int) -> Response:
    """The list. The first phone that asks with this link is the one that may."""

    def unit(session: Session) -> Answer:
        by, device = offline.enter(session, number, *_shown(), first=True)
        _not_too_often(device)
        return offline.roster(by, device), 200

    return _json(*_writing(unit))


@pages.post("/offline/<int:number>/sync")
@for_everybody
def offline_bring(number: int) -> Response:
    """Records, at most five hundred, written a few at a time: what is not in the answer was not written and is to be
    sent again."""
    request.max_content_length = LARGEST
    try:
        batch = Batch.model_validate(request.get_json(silent=True))
    except ValidationError:
        abort(400)
    results: list[dict[str, str]] = []
    for first in range(0, max(len(batch.records), 1), PER_UNIT):
        said, status = _bring(number, batch, first)
        if status != 200:
            return _json({"results": results}, 200) if results else _json(said, status)
        results += said["results"]
    return _json({"results": results}, 200)


def _bring(number: int, batch: Batch, first: int) -> Answer:
    def unit(session: Session) -> Answer:
        by, device = offline.enter(session, number, *_shown())
        if first == 0:
            _not_too_often(device)
        taken = offline_sync.take(by, device, batch, batch.records[first : first + PER_UNIT])
        return {"results": [_told(one) for one in taken]}, 200

    return _writing(unit)


def _told(one: Taken) -> dict[str, str]:
    why = {"why": current_site().house.refusal_words(one.why)} if one.why is not None else {}
    return {"nonce": one.nonce, "kind": one.kind} | why


def _shown() -> tuple[str, str]:
    """ "Leader <link> <secret>" in the header Authorization."""
    kind, _, rest = request.headers.get("Authorization", "").partition(" ")
    link, _, secret = rest.partition(" ")
    return (link, secret) if kind == "Leader" and 32 <= len(secret) <= 128 else ("", "")


def _not_too_often(device: LeaderDevice) -> None:
    limiter = current_app.extensions["api"]["limiter"]
    if not limiter.allow(f"offline:{device.secret_index}", limit=MOST_ASKS, seconds=MINUTE):
        raise Refusal("volunteers.offline_too_often")


def _writing(unit: Callable[[Session], Answer]) -> Answer:
    """One unit. Where a rule says no, the page shows the words and decides by the code what it may still do."""

    def whole(session: Session) -> Answer:
        try:
            return run_in_savepoint(session, lambda: unit(session))
        except Refusal as why:
            return _no(why)

    try:
        return current_site().database.writing(whole)
    except Busy:
        return _no(Refusal("volunteers.offline_busy"))


def _no(why: Refusal) -> Answer:
    words = current_site().house.refusal_words(why)
    return {"code": why.code, "words": words}, STATUS.get(why.code, 409)


def _json(said: dict[str, Any], status: int) -> Response:
    return make_response(said, status)

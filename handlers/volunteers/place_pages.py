"""Telling where one is, after a check-in: by choice, for a day, and only for the leader's second look."""

from __future__ import annotations

import math

from flask import Response, abort, jsonify, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from app.channels.page_sdk import is_ours, signature
from app.channels.pages import act, for_residents, looking_on
from handlers.volunteers.pages import pages
from handlers.volunteers.places import tell_place as tell
from models.activities import ActivitySession
from models.identity import Actor
from models.refusal import Refusal
from models.spots import Spot
from models.volunteers import Attendance


@pages.post("/checkin/<int:number>/place")
@for_residents
def tell_place(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        held, spot = by.session.get(ActivitySession, number), _spot()
        if held is None:
            abort(404)
        if spot is None or not request.form.get("agree"):
            raise Refusal("volunteers.no_place")
        tell(by, held, spot)
        return url_for(".place_told", number=number)

    return act(work)


@pages.get("/checkin/<int:number>/place")
@for_residents
def place_told(number: int) -> str:
    """Whether it was near; nothing of the place itself is shown again."""

    def look(by: Actor) -> str:
        mine = Attendance.session_id == number, Attendance.person_id == by.me.id
        stay = by.session.scalar(select(Attendance).where(*mine).order_by(Attendance.came_at.desc()).limit(1))
        if stay is None:
            abort(404)
        return render_template("volunteers/page_place.html", stay=stay, far="place_far" in stay.flags)

    return looking_on(look)


@pages.get("/checkin/<token>/sdk.json")
@for_residents
def place_sdk(token: str) -> Response:
    """The signature of the page after a check-in, for the browser that shows it."""
    page = request.args.get("page", "")
    if not is_ours(page, url_for(".check_in", token=token)):
        abort(404)
    signed = signature(page)
    return jsonify(signed) if signed else Response(status=503)


def _spot() -> Spot | None:
    """What the phone said; None for anything that is no place on earth."""
    try:
        lat, lng, accuracy = (float(request.form.get(name, "")) for name in ("lat", "lng", "accuracy"))
    except ValueError:
        return None
    is_real = all(map(math.isfinite, (lat, lng, accuracy))) and abs(lat) <= 90 and abs(lng) <= 180
    return Spot(lat, lng, accuracy) if is_real else None

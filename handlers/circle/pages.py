"""身边服务 as a page: what is a walk away, from a place that is chosen or sent, open now or when. For everybody.

A place that a phone sends comes by form and is used for one page; it stands in no address and in no log.
"""

from __future__ import annotations

from typing import Any

from flask import Response, abort, jsonify, make_response, render_template, request, url_for
from sqlalchemy.orm import Session

from app.channels.page_sdk import is_ours, let_sdk_run, sdk_script, signature
from app.channels.pages import Pages, card, current_site, for_everybody
from models.circle import home_services
from models.circle_places import Landmark, Point, around, landmarks
from models.plans import open_services

FILTERS = {"": "全部", "open": "现在开着", "home": "能上门"}

pages = Pages("circle_pages", __name__)


@pages.get("/circle")
@card("身边服务")
@for_everybody
def show_circle() -> Response:
    chosen = request.args.get("from", 0, type=int)
    with current_site().database.reading() as session:
        landmark = session.get(Landmark, chosen) if 0 < chosen < 2**31 else None
        point = Point(landmark.lat, landmark.lng) if landmark else None
        return _page(session, point, landmark)


@pages.post("/circle")
@for_everybody
def show_near() -> Response:
    """From where the phone is."""
    lat, lng = (request.form.get(name, type=float) for name in ("lat", "lng"))
    if lat is None or lng is None or not (-90 <= lat <= 90 and -180 <= lng <= 180):
        abort(400)
    with current_site().database.reading() as session:
        return _page(session, Point(lat, lng), None)


def _page(session: Session, point: Point | None, landmark: Landmark | None) -> Response:
    chosen = request.values.get("which", "")
    which, script = chosen if chosen in FILTERS else "", sdk_script()
    rows = around(session, session.scalars(open_services("circle")).all(), point)
    comes = {one.id for one in session.scalars(home_services())}
    if which:
        rows = [one for one in rows if (one.opening.is_now if which == "open" else one.service.id in comes)]
    facts: dict[str, Any] = {
        "within": [one for one in rows if one.is_within],
        "beyond": [one for one in rows if one.metres is not None and not one.is_within],
        "rows": [one for one in rows if one.metres is None],
        "comes": comes,
        "places": session.scalars(landmarks()).all(),
        "landmark": landmark,
        "sent": point is not None and landmark is None,
        "which": which,
        "filters": FILTERS,
        "script": script,
    }
    return let_sdk_run(make_response(render_template("circle/page_near.html", **facts)), script)


@pages.get("/circle/sdk")
@for_everybody
def circle_sdk() -> Response:
    """WeChat's signature for this page, so that a phone may be asked where it is."""
    page = request.args.get("page", "")
    signed = signature(page) if is_ours(page, url_for(".show_circle")) else None
    return jsonify(signed) if signed else abort(404)

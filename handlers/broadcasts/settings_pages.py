"""通知设置 as a page: which topics come, and WeChat's own button to allow some more subscription notices.

The page works without JavaScript and outside WeChat; then it says how else. With it the browser shows WeChat's button
and sends on what WeChat answered there: a remembered "always" shows no popup, and WeChat itself tells us nothing of it.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Response, abort, jsonify, make_response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.cards import Card, cards_to_ask
from app.channels.page_sdk import is_ours, let_sdk_run, sdk_script, signature
from app.channels.pages import act, card, current_site, for_residents, looking_on
from app.wechat.capabilities import Capability
from handlers.broadcasts import settings
from handlers.broadcasts.pages import pages
from handlers.people import actions as people
from models.identity import Actor
from models.topics import TOPICS, unwanted_by

LONGEST_ANSWER = 4000
MOST_ASKED = 5  # wx-open-subscribe takes so many templates


@pages.get("/settings")
@card("通知设置", on_home=False)
@for_residents
def wishes() -> Response:
    script = sdk_script()

    def look(by: Actor) -> str:
        off, cards = unwanted_by(by.session, by.me), cards_of(by)
        facts: dict[str, Any] = {"topics": [(topic, topic not in off) for topic in TOPICS]}
        facts |= {"agreed": people.has_consent(by, "notices"), "script": script if cards else None}
        facts |= {"cards": cards, "left": settings.still_allowed(by.session, by.me, cards)}
        return render_template("broadcasts/page_settings.html", **facts)

    return let_sdk_run(make_response(looking_on(look)), script)


@pages.post("/settings")
@for_residents
def keep_wishes() -> AnyResponse:
    def work(by: Actor) -> str:
        settings.choose_all(by, request.form.getlist("topic"))
        return url_for("broadcasts_pages.wishes", done="topics")

    return act(work)


@pages.post("/settings/agree")
@for_residents
def agree() -> AnyResponse:
    def work(by: Actor) -> str:
        people.give_consent(by, "notices")
        return url_for("broadcasts_pages.wishes", done="agreed")

    return act(work)


@pages.post("/settings/allowed")
@for_residents
def allowed() -> AnyResponse:
    """What WeChat's button gave back on this page."""

    def work(by: Actor) -> str:
        known = {one.template_id for one in cards_of(by)}
        said = {name: yes for name, yes in _answers().items() if name in known}
        yes = settings.note_answers(by, said, "page")
        return url_for("broadcasts_pages.wishes", done="allowed" if yes else "refused")

    return act(work)


@pages.get("/settings/sdk")
@for_residents
def sdk() -> Response:
    """The signature of the settings page, for the browser that shows it."""
    page = request.args.get("page", "")
    if not is_ours(page, url_for("broadcasts_pages.wishes")):
        abort(404)
    signed = signature(page)
    return jsonify(signed) if signed else Response(status=503)


def cards_of(by: Actor) -> list[Card]:
    """The subscription notices that WeChat's button asks for on this account's pages."""
    site = current_site()
    app = f"oa:{site.main.app.name}"
    if by.identity is None or by.identity.app != app or not site.main.can(Capability.BIZSEND):
        return []
    return cards_to_ask(site.settings, site.words, by.session, app)[:MOST_ASKED]


def _answers() -> dict[str, bool]:
    """{template: yes} of what the button says: {"id": "{\\"status\\":\\"accept\\"}"}, as WeChat writes it."""
    try:
        told = json.loads(request.form.get("details", "")[:LONGEST_ANSWER])
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {str(name): _status(one) == settings.YES for name, one in told.items()}


def _status(one: Any) -> str:
    try:
        inner = json.loads(one) if isinstance(one, str) and one.startswith("{") else one
    except (ValueError, RecursionError):
        return ""
    return str(inner.get("status", "")) if isinstance(inner, dict) else str(inner)

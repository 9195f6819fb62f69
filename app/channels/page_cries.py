"""A cry for help typed into a page: kept by the confidential lane before anything else sees it, and answered at once
with the number to call (as app/reception.py does in the chat)."""

from __future__ import annotations

import secrets

from flask import Response, g, make_response, render_template, request

from app.channels.page_login import current_site
from app.dialogue import Guard
from models.identity import Identity


def cry_for_help() -> Response | None:
    """The page with the fixed words, after what was typed was stored in the lane; None for everything else."""
    for text in request.form.values():
        if (page := answer_to_cry(text, g.identity_id)) is not None:
            return page
    return None


def answer_to_cry(text: str, identity_id: int | None) -> Response | None:
    """The same for words typed where nobody had to sign in: then there is no one to keep them for, but the number to
    call is said all the same."""
    site = current_site()
    for guard in site.house.guards:
        kind = guard.recognise(text)
        if kind is not None:
            if identity_id is not None:
                _keep(guard, kind, text, identity_id)
            words = site.words.say(f"{guard.feature}.{kind}")
            return make_response(render_template("_base/page_cry.html", words=words, is_kept=identity_id))
    return None


def _keep(guard: Guard, kind: str, text: str, identity_id: int) -> None:
    site = current_site()
    with site.database.reading() as session:
        identity = session.get_one(Identity, identity_id)
        app, openid = identity.app, identity.openid
    once = request.form.get("once") or secrets.token_hex(8)
    guard.receive(site.confidential, f"{app}|page:{openid}:{once}:{text}", app, openid, kind, text)

"""A cry for help typed into a page: kept by the confidential lane before anything else sees it, and answered at once
with the number to call (as app/reception.py does in the chat)."""

from __future__ import annotations

import secrets

from flask import Response, g, make_response, render_template, request

from app.channels.page_login import current_site
from models.identity import Identity


def cry_for_help() -> Response | None:
    """The page with the fixed words, after what was typed was stored in the lane; None for everything else."""
    site = current_site()
    for text in request.form.values():
        for guard in site.house.guards:
            kind = guard.recognise(text)
            if kind is not None:
                with site.database.reading() as session:
                    identity = session.get_one(Identity, g.identity_id)
                    app, openid = identity.app, identity.openid
                once = request.form.get("once") or secrets.token_hex(8)
                guard.receive(
                    site.confidential, f"{app}|page:{openid}:{once}:{text}", app, openid, kind, text
                )
                words = site.words.say(f"{guard.feature}.{kind}")
                return make_response(render_template("_base/page_cry.html", words=words))
    return None

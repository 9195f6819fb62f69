"""Forms of residents' pages: sent twice they work once, and what was typed is never lost.

After a form has done its work the browser goes on to another page, so that going back or loading again sends nothing.
A rule that says no shows the same page again with its words beside the field that it is about.
"""

from __future__ import annotations

import json
import secrets
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from flask import Response, abort, current_app, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app import privacy
from app.channels.page_cries import cry_for_help
from app.channels.page_login import current_site
from app.database import run_in_savepoint
from app.understanding.lines import as_seen
from app.understanding.phone import mask_id_numbers
from app.words import TEMPLATES
from models import idempotency
from models.identity import Actor, Identity
from models.refusal import Refusal

LONGEST_LINE = 200
Sorry = Callable[[Actor, Refusal], str]


def once_key() -> str:
    """Stands hidden in every form that does something."""
    return secrets.token_urlsafe(12)


def act(work: Callable[[Actor], str], sorry: Sorry | None = None) -> AnyResponse:
    """Do what this form asks and go on to the address that `work` returns; the same form again goes there too and does
    nothing. Where a rule says no, nothing is done and `sorry(by, why)` is the page (else one with its words). Words
    of need go the confidential way first, whatever the form is about."""
    if (page := cry_for_help()) is not None:
        return page
    key = privacy.keyring().blind("page.form", _said())

    def unit(database: Any) -> AnyResponse:
        identity = database.get_one(Identity, g.identity_id)
        row, is_new = idempotency.take(database, identity.id, f"page:{key}", key)
        if not is_new and row.body:
            return redirect(row.body, 303)
        by = Actor(database, identity.person, identity, channel="page")
        try:
            address = run_in_savepoint(database, lambda: work(by))
        except Refusal as why:
            idempotency.give_up(database, identity.id, f"page:{key}")
            return _refused(by, why, sorry)
        row.status, row.body = 303, address
        return redirect(address, 303)

    return current_site().database.writing(unit)


def _said() -> str:
    """The whole form with its hidden key: another word in it makes it another form."""
    return json.dumps([request.path, sorted(request.form.items(multi=True))])


def _refused(by: Actor, why: Refusal, sorry: Sorry | None) -> Response:
    return make_response(sorry(by, why) if sorry else refused_page(why), 409)


def refused_page(why: Refusal, back: str | None = None) -> str:
    """A page of its own for a rule that says no, with what to do next."""
    return render_template("_base/page_refused.html", words=refusal_words(why), code=why.code, back=back)


def line(name: str, most: int = LONGEST_LINE) -> str:
    """One typed line, without the spaces around it; an identity number is covered before anybody reads it."""
    return mask_id_numbers(" ".join(as_seen(request.form.get(name, "")).split()))[0][:most]


def sent_bytes(name: str) -> bytes:
    """The file that came with a form; b"" when none was chosen."""
    sent = request.files.get(name)
    return sent.read() if sent is not None and sent.filename else b""


def not_too_often(what: str, most: int, seconds: int) -> None:
    """So many times in so many seconds, in memory that is gone afterwards; then a page that says to wait (429)."""
    if not current_app.extensions["api"]["limiter"].allow(what, limit=most, seconds=seconds):
        abort(429)


def wrong_field(why: Refusal) -> str:
    """The field that a refusal is about: "appointments.bad_phone" is about `phone`."""
    return why.code.rpartition("_")[2]


def errors(why: Refusal | None, *fields: str) -> dict[str, str]:
    """{field: words} when the refusal is about one of these, {"": words} when it is about the whole."""
    if why is None:
        return {}
    about = wrong_field(why)
    return {about if about in fields else "": refusal_words(why)}


def refusal_words(why: Refusal) -> str:
    """The words of a page, where those of the chat ("回复 1") would lead nobody on."""
    site = current_site()
    own = page_words().get(why.code)
    return (
        site.words.fill(own, {"instead": why.instead, **why.facts}) if own else site.house.refusal_words(why)
    )


@cache
def page_words() -> Mapping[str, str]:
    return tomllib.loads((TEMPLATES / "_base" / "page_refusals.toml").read_text(encoding="utf-8"))

"""What everybody may read: who is posted (a covered name, hours, no place), and whether a proof is genuine.

A QR code carries a keyed proof that nobody can make up. Who types a number needs the first sign of the name as well,
and may try a few times only; wrong number and wrong name are one answer.
"""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, render_template, request, url_for
from flask import redirect as goes_to
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.channels.lists import asked_page
from app.channels.page_cries import answer_to_cry
from app.channels.page_forms import refusal_words
from app.channels.page_login import current_site, who_looks
from app.channels.pages import card, for_everybody, line, looking
from app.database import run_in_savepoint
from app.understanding.phone import mask_name
from handlers.certificates import actions
from handlers.certificates.chat import said_in
from handlers.certificates.pages import pages
from models.certificate_lists import numbered, posted_on_page
from models.certificates import Certificate, differs_now, hours_text, is_proof, terms
from models.identity import Actor, Identity
from models.refusal import Refusal

PER_PAGE = 20
A_WHILE = 600
SCANS, TYPED, TYPED_OF_ONE, OBJECTIONS = 60, 10, 10, 5


def _slowly(what: str, limit: int, who: str = "") -> None:
    """At most so often within ten minutes: from one address, or about one number."""
    counted = f"certificates:{what}:{who or request.remote_addr}"
    if not current_app.extensions["api"]["limiter"].allow(counted, limit=limit, seconds=A_WHILE):
        abort(429)


# ---- posted ----------------------------------------------------------------------------------------------------------


@pages.get("/certificates/posting")
@card("志愿证明公示", "公示", on_home=False)
@for_everybody
def posting_list() -> str:
    number = asked_page()

    def look(by: Actor) -> str:
        rows = posted_on_page().offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)
        found = by.session.scalars(rows).all()
        facts: dict[str, Any] = {"rows": found[:PER_PAGE], "more": len(found) > PER_PAGE, "page": number}
        return render_template("certificates/page_posting.html", **facts, **_facts(by))

    return looking(look)


def _facts(by: Actor) -> dict[str, Any]:
    unit = terms(by.session).unit
    return {"mask": mask_name, "hours": hours_text, "unit": unit, "done": request.args.get("done")}


@pages.get("/certificates/posting/<int:number>")
@for_everybody
def object_form(number: int) -> str:
    return looking(lambda by: _object_page(by, number))


def _object_page(by: Actor, number: int, wrong: dict[str, str] | None = None) -> str:
    row = _posted(by.session, number)
    typed = request.form if wrong else {}
    return render_template(
        "certificates/page_object.html", row=row, wrong=wrong or {}, typed=typed, **_facts(by)
    )


def _posted(session: Session, number: int) -> Certificate:
    row = session.scalar(posted_on_page().where(Certificate.id == number))
    if row is None:
        abort(404)
    return row


@pages.post("/certificates/posting/<int:number>")
@for_everybody
def object_now(number: int) -> Response | str | tuple[str, int]:
    """Anybody may say that something is not right, known to us or not; words of need come first."""
    _slowly("object", OBJECTIONS)
    words, known = request.form.get("text", ""), who_looks()
    if (page := answer_to_cry(words, known)) is not None:
        return page

    def unit(session: Session) -> str | None:
        identity = session.get_one(Identity, known) if known else None
        by = Actor(session, identity.person if identity else None, identity, channel="page")
        row = _posted(session, number)
        try:
            run_in_savepoint(session, lambda: actions.object_to(by, row, said_in(words), line("contact")))
        except Refusal as why:
            return refusal_words(why)
        return None

    refused = current_site().database.writing(unit)
    if refused is not None:
        return looking(lambda by: _object_page(by, number, {"text": refused})), 409
    return goes_to(url_for(".posting_list", done="object"), 303)


# ---- is it genuine? --------------------------------------------------------------------------------------------------


@pages.get("/certificates/verify/<number>/<proof>")
@for_everybody
def scanned(number: str, proof: str) -> str:
    """What the code on the paper leads to: nothing is typed."""
    _slowly("scan", SCANS)
    genuine = is_proof(number, proof)
    return looking(lambda by: _verified(by, number if genuine else ""))


@pages.get("/certificates/verify")
@card("核对志愿证明", on_home=False)
@for_everybody
def verify() -> str:
    return render_template("certificates/page_verify.html", wrong={}, typed={})


@pages.post("/certificates/verify")
@for_everybody
def verify_typed() -> str:
    number, initial = line("number", 24).upper().replace(" ", ""), line("initial", 2)
    _slowly("typed", TYPED)
    _slowly("number", TYPED_OF_ONE, number)
    return looking(lambda by: _verified(by, number, initial))


def _verified(by: Actor, number: str, initial: str | None = None) -> str:
    """`initial` None: the code was genuine, no name is asked for."""
    row = by.session.scalar(numbered(number)) if number else None
    first = _initial(row)
    if initial is not None and (row is None or not first or initial[:1] != first):
        row = None
    facts: dict[str, Any] = {"row": row, "initial": first if row else ""}
    facts["hours"] = hours_text(row.minutes or 0, terms(by.session).unit) if row else ""
    facts["differs"] = row is not None and (row.corrected_at is not None or differs_now(row))
    return render_template("certificates/page_verified.html", **facts)


def _initial(row: Certificate | None) -> str:
    return str(row.content["name"])[:1] if row is not None and row.content else ""

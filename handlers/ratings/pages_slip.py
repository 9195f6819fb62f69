"""Rating by a number slip on a page without a login: the six digits, or the code beside them, then three faces."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.channels.page_cries import answer_to_cry
from app.channels.page_forms import refusal_words
from app.channels.page_login import current_site, who_looks
from app.channels.pages import card, for_everybody, line, looking, not_too_often
from app.database import run_in_savepoint
from app.understanding.numbers import plain
from handlers.ratings import actions
from handlers.ratings.pages import pages
from handlers.ratings.sentences import LONGEST
from models.identity import Actor
from models.rating_slips import visit_with
from models.ratings import FACES
from models.refusal import Refusal

A_WHILE, FROM_ONE, IN_ALL = 600, 30, 300  # seconds, tries
NO_SLIP = {"code": "没有这个评价码:看看号条上的6位数字,办完以后两个星期里可以评。"}


def _slowly() -> None:
    """So many tries in ten minutes from one address, and from all together: digits are not to be tried out."""
    for who, most in ((request.remote_addr, FROM_ONE), ("all", IN_ALL)):
        not_too_often(f"ratings:slip:{who}", most, A_WHILE)


@pages.get("/rate")
@card("用号条评价", on_home=False)
@for_everybody
def slip_form() -> str:
    return render_template("ratings/page_slip_code.html", wrong={}, typed="", done=request.args.get("done"))


@pages.post("/rate")
@for_everybody
def slip_typed() -> Response:
    return redirect(url_for(".slip", code=plain(line("code", 12)).strip() or "0"), 303)


@pages.get("/rate/<code>")
@for_everybody
def slip(code: str) -> tuple[str, int]:
    """What the code on the slip leads to."""
    _slowly()
    return _faces(code, {})


def _faces(code: str, wrong: dict[str, str]) -> tuple[str, int]:
    def look(by: Actor) -> tuple[str, int]:
        visit = visit_with(by.session, code)
        if visit is None:
            return render_template(
                "ratings/page_slip_code.html", wrong=NO_SLIP, typed=code[:6], done=None
            ), 404
        facts: dict[str, Any] = {"visit": visit, "code": code, "faces": FACES, "typed": request.form}
        page = render_template("ratings/page_slip.html", longest=LONGEST, wrong=wrong, **facts)
        return page, 409 if wrong else 200

    return looking(look)


@pages.post("/rate/<code>")
@for_everybody
def rate_slip(code: str) -> Response | tuple[str, int]:
    """Words of need come first; who is looking is not read for anything else."""
    words = request.form.get("text", "")
    if (page := answer_to_cry(words, who_looks())) is not None:
        return page
    _slowly()
    face = request.form.get("face", 0, type=int)

    def unit(session: Session) -> dict[str, str]:
        by = Actor(session, channel="page")
        try:
            run_in_savepoint(session, lambda: actions.rate_by_slip(by, code, face, words))
        except Refusal as why:
            return {"face" if why.code == "ratings.no_such_face" else "": refusal_words(why)}
        return {}

    wrong = current_site().database.writing(unit)
    return _faces(code, wrong) if wrong else redirect(url_for(".slip_form", done=1), 303)

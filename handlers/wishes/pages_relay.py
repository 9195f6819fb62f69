"""Pages beside a promise: words to the other side, a picture for the staff, what a partner unit is asked for, and
whether all are treated alike."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from flask import Response, abort, g, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.channels.page_cries import cry_for_help
from app.channels.pages import (
    act,
    card,
    errors,
    for_everybody,
    for_residents,
    looking,
    looking_on,
    mine_or_404,
    not_too_often,
    sent_bytes,
)
from handlers.wishes import actions, sentences
from handlers.wishes.pages import pages
from handlers.wishes.relay import ready_words
from models import wish_counts
from models.identity import Actor
from models.refusal import Refusal
from models.wish_partners import WishAsk, asked_of, partner_of
from models.wish_proofs import MOST_PROOFS, count_proofs
from models.wish_words import words_heard
from models.wishes import Claim

MOST_HEARD, MOST_ASKED = 20, 20
MOST_AT_ONCE, A_WHILE = 6, 600

# ---- words across --------------------------------------------------------------------------------------------------


@pages.get("/wishes/talk/<int:number>")
@for_residents
def talk(number: int) -> str:
    return looking_on(lambda by: _talk(by, number))


def _talk(by: Actor, number: int, why: Refusal | None = None) -> str:
    promised, by_wisher = _side(by, number)
    facts: dict[str, Any] = {
        "row": promised,
        "by_wisher": by_wisher,
        "ready": ready_words(by_wisher=by_wisher),
    }
    facts["heard"] = by.session.scalars(words_heard(promised, by_wisher=by_wisher).limit(MOST_HEARD)).all()
    facts |= {"wrong": errors(why), "typed": request.form.get("text", ""), "sent": request.args.get("sent")}
    facts["open"] = promised.state in ("open", "done") and promised.wish.state in ("claimed", "done")
    return render_template("wishes/page_talk.html", longest=sentences.LONGEST_THANKS, **facts)


def _side(by: Actor, number: int) -> tuple[Claim, bool]:
    """The claim, and whether it is the wisher who looks; for anybody else it is not there."""
    promised = by.session.get(Claim, number)
    if promised is None or by.me.id not in (promised.person_id, promised.wish.wisher_id):
        abort(404)
    return promised, promised.wish.wisher_id == by.me.id


@pages.post("/wishes/talk/<int:number>")
@for_residents
def say_across(number: int) -> AnyResponse:
    def work(by: Actor) -> str:
        word = actions.send_word(by, _side(by, number)[0], request.form.get("text", ""))
        return url_for(".talk", number=number, sent=word.state)

    return act(work, lambda by, why: _talk(by, number, why))


# ---- a picture for the staff ---------------------------------------------------------------------------------------


@pages.get("/wishes/promised/<int:number>/photo")
@for_residents
def photo(number: int) -> str:
    return looking_on(lambda by: _photo(by, number))


def _photo(by: Actor, number: int, why: Refusal | None = None) -> str:
    row = mine_or_404(by, Claim, number)
    facts = {"row": row, "kept": count_proofs(by.session, row), "most": MOST_PROOFS}
    return render_template(
        "wishes/page_photo.html", wrong=errors(why, "photo"), done=request.args.get("done"), **facts
    )


@pages.post("/wishes/promised/<int:number>/photo")
@for_residents
def take_photo(number: int) -> AnyResponse:
    """Whose promise it is, then the picture, which takes its time, then the unit of work."""
    if (page := cry_for_help()) is not None:
        return page
    not_too_often(f"wishes:{g.identity_id}", MOST_AT_ONCE, A_WHILE)
    looking_on(lambda by: mine_or_404(by, Claim, number))
    try:
        picture = actions.clean_proof(sent_bytes("photo"))
    except Refusal as why:
        return Response(looking_on(lambda by, refused=why: _photo(by, number, refused)), 409)  # type: ignore[misc]

    def work(by: Actor) -> str:
        actions.keep_proof(by, mine_or_404(by, Claim, number), picture)
        return url_for(".photo", number=number, done="1")

    return act(work, lambda by, why: _photo(by, number, why))


# ---- partner units -------------------------------------------------------------------------------------------------


@pages.get("/wishes/unit")
@card("单位心愿", on_home=False)
@for_residents
def unit() -> str:
    return looking_on(_unit)


def _unit(by: Actor, why: Refusal | None = None) -> str:
    units = by.session.scalars(partner_of(by.me)).all()
    rows = by.session.scalars(asked_of(*units).limit(MOST_ASKED)).all()
    facts = {"units": units, "rows": rows, "wrong": errors(why), "done": request.args.get("done")}
    return render_template("wishes/page_unit.html", **facts)


@pages.post("/wishes/unit/<int:number>/<any(claim, decline):step>")
@for_residents
def answer_for_unit(number: int, step: str) -> AnyResponse:
    def work(by: Actor) -> str:
        ask = by.session.get(WishAsk, number)
        if ask is None or ask.partner.person_id != by.me.id:
            abort(404)
        if ask.state == "asked":
            (actions.promise_for_unit if step == "claim" else actions.decline)(by, ask)
        return url_for(".mine", done="claimed") if step == "claim" else url_for(".unit", done=step)

    return act(work, _unit)


# ---- whether all are treated alike ---------------------------------------------------------------------------------


@pages.get("/wishes/fair")
@for_everybody
def fair() -> str:
    """A year in groups so large that nobody is known by them."""

    def look(by: Actor) -> str:
        groups = {"是谁的心愿": attrgetter("for_whom"), "是什么心愿": attrgetter("category")}
        tables = wish_counts.tables_of_a_year(by.session, groups, public=True)
        return render_template("wishes/page_fair.html", tables=tables, shown=wish_counts.shown)

    return looking(look)

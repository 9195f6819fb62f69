"""评价 as pages: what can be rated, and three faces with a word. The address names a visit, never who was met."""

from __future__ import annotations

from flask import render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.channels.pages import Pages, act, card, errors, for_everybody, for_residents, looking_on, mine_or_404
from handlers.ratings import actions
from handlers.ratings.example import example
from handlers.ratings.sentences import LONGEST
from models.identity import Actor
from models.rating_fair import LEAST_SHOWN, PRIOR, WORTH
from models.ratings import FACES, Rating, RatingToken, open_tokens
from models.refusal import Refusal
from models.unindexed import unindexed

MOST = 20

pages = Pages("ratings_pages", __name__)


@pages.get("/ratings")
@card("评价")
@for_residents
def ratings() -> str:
    def look(by: Actor) -> str:
        rows = by.session.scalars(open_tokens(by.me).limit(MOST)).all()
        answered = select(Rating).where(Rating.person_id == by.me.id, Rating.answer.is_not(None))
        told = by.session.scalars(answered.order_by(unindexed(Rating.week).desc()).limit(MOST)).all()
        done = request.args.get("done") == "1"
        return render_template("ratings/page_list.html", rows=rows, told=told, done=done)

    return looking_on(look)


@pages.get("/ratings/how")
@card("评价怎么算", on_home=False)
@for_everybody
def how() -> str:
    """The formula in plain words, with an example that is reckoned now."""
    facts = {"worths": WORTH, "least": LEAST_SHOWN, "prior": PRIOR}
    return render_template("ratings/page_how.html", faces=FACES, shown=example(), **facts)


@pages.get("/ratings/<int:number>")
@for_residents
def one(number: int) -> str:
    return looking_on(lambda by: _one(by, number))


def _one(by: Actor, number: int, why: Refusal | None = None) -> str:
    token = mine_or_404(by, RatingToken, number)
    facts = {"token": token, "faces": FACES, "typed": request.form, "longest": LONGEST}
    return render_template("ratings/page_rate.html", wrong=errors(why, "face"), **facts)


@pages.post("/ratings/<int:number>")
@for_residents
def rate(number: int) -> Response:
    def work(by: Actor) -> str:
        token, named = mine_or_404(by, RatingToken, number), request.form.get("named") == "1"
        face = request.form.get("face", 0, type=int)
        actions.rate(by, token, face, request.form.get("text", ""), wants_answer=named)
        return url_for(".ratings", done=1)

    return act(work, lambda by, why: _one(by, number, why))

"""Guides as pages that anybody may read: by group, by search, and one card with its ticks, to be printed."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, abort, render_template, request, url_for
from sqlalchemy.orm import Session

from app.channels.page_cries import answer_to_cry
from app.channels.pages import Found, Pages, card, current_site, for_everybody
from app.house import normal
from handlers.guides.finding import Hit, is_sure, near, worth_asking
from models.forms import form_of_guide
from models.guides import TOPICS, GuideCard, answering_cards, service_of, topics_in_use

MOST_FOUND, ON_HOME = 5, 3
LONGEST_SEARCH = 40

pages = Pages("guides_pages", __name__)


@pages.get("/guides")
@card("办事指南", "要带什么")
@for_everybody
def show_cards() -> Response | str:
    """Groups first; a group's cards; or what a search finds."""
    words, topic = normal(request.args.get("q", "")[:LONGEST_SEARCH]), request.args.get("topic")
    if words and (page := answer_to_cry(words, None)) is not None:
        return page
    with current_site().database.reading() as session:
        found = near(session, words, MOST_FOUND) if words else []
        rows = list(session.scalars(answering_cards(topic))) if topic in TOPICS and not words else []
        return render_template(
            "guides/page_list.html",
            words=words,
            found=worth_asking(found) or found[:ON_HOME],
            sure=is_sure(found),
            topic=topic if topic in TOPICS else None,
            rows=rows,
            topics=topics_in_use(session),
        )


@pages.get("/guides/<int:number>")
@for_everybody
def show_card(number: int) -> str:
    """One card; a link lives longer than the card, which then says that it was put away."""
    with current_site().database.reading() as session:
        row = session.get(GuideCard, number)
        if row is None or row.state == "draft":
            abort(404)
        return render_template(
            "guides/page_one.html",
            row=row,
            service=service_of(session, row),
            form=form_of_guide(session, row.key),
        )


@pages.finds
def find_cards(session: Session, words: str) -> Sequence[Found]:
    return [_found(hit) for hit in worth_asking(near(session, words, ON_HOME))]


def _found(hit: Hit) -> Found:
    address = url_for("guides_pages.show_card", number=hit.card.id)
    return Found(hit.card.title, f"办事卡 · {hit.card.topic}", address)

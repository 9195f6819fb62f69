"""Ratings and suggestions for the mini-program: what I may rate, what neighbours suggested and what came of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from app.channels.api import Api, Problem, found, own
from app.channels.api.paging import page
from app.channels.api.schemas import Body, Page, PageQuery, Shown, Time, as_whole, left_out, line
from handlers.ratings import actions
from handlers.ratings.suggesting import Said
from models.diary import Suggestion, echoes, public_suggestions
from models.identity import Actor
from models.matters import Matter
from models.ratings import RatingToken, open_tokens

api = Api("ratings", "评价和幸福日志")


class VisitShown(Shown):
    """A visit that may be rated once, within two weeks."""

    id: int
    title: str = Field(examples=["高龄补贴"])
    at: date


class VisitPage(Page):
    """The newest first."""

    items: list[VisitShown]


class RatingGiven(Body):
    """`face`: 3 good, 2 so-so, 1 not good. Nobody learns who rated, unless `wants_answer` is told with words."""

    face: Annotated[int, Field(ge=1, le=3), BeforeValidator(as_whole)]
    text: Annotated[str, line(200, "椅子少,老人站着等")] = left_out()
    wants_answer: bool = left_out()


class RatingKept(Shown):
    """It was counted; which one it is nobody knows any more."""

    rated: bool


class SuggestionCard(Shown):
    """A neighbour's suggestion and the community's answer, read by two of the staff before it was public."""

    id: int
    words: str | None = Field(examples=["小区门口想要一条长凳"])
    reply: str | None = Field(examples=["长凳下个月装好"])
    shown_at: Time
    echoes: int


class SuggestionPage(Page):
    """The newest first."""

    items: list[SuggestionCard]


class Suggesting(Body):
    """In 4 to 500 characters. `may_show`: whether it may be public with its answer, without a name (usually it may)."""

    text: Annotated[str, line(500, "小区门口放一条长凳")]
    may_show: bool = left_out()


class SuggestionTaken(Shown):
    """It is a matter with a receipt: how far it is stands under /matters; until the end of `due` there is an answer."""

    matter_id: int
    receipt: str = Field(examples=["4182076"])
    due: date | None


@api.reads("/ratings", asks=PageQuery, gives=VisitPage)
def to_rate(by: Actor, asked: PageQuery) -> VisitPage:
    """What I may rate"""
    place = (RatingToken.at, RatingToken.id)
    rows, following = page(
        by.session, open_tokens(by.me), asked, place, lambda row: (row.at, row.id), newest_first=True
    )
    shown = [VisitShown(id=row.id, title=row.title, at=row.at) for row in rows]
    return VisitPage(items=shown, next=following)


@api.writes(
    "/ratings/<int:visit>",
    takes=RatingGiven,
    gives=RatingKept,
    status=201,
    refuses=("ratings.used", "ratings.too_long"),
)
def rate(by: Actor, said: RatingGiven, visit: int) -> RatingKept:
    """Rate a visit, once"""
    token = own(by.session, RatingToken, visit, by.me)
    words = said.text if said.told("text") else ""
    actions.rate(by, token, said.face, words, wants_answer=bool(said.wants_answer))
    return RatingKept(rated=True)


@api.reads("/suggestions", asks=PageQuery, gives=SuggestionPage, who="everyone")
def suggestions(by: Actor, asked: PageQuery) -> SuggestionPage:
    """Suggestions with their answers"""
    place = (Suggestion.shown_at, Suggestion.id)
    rows, following = page(
        by.session, public_suggestions(), asked, place, lambda row: (row.shown_at, row.id), newest_first=True
    )
    return SuggestionPage(items=[_card(by, row) for row in rows], next=following)


@api.writes(
    "/suggestions",
    takes=Suggesting,
    gives=SuggestionTaken,
    status=201,
    refuses=("matters.too_short", "matters.too_long", "matters.not_here", "matters.too_many"),
)
def suggest(by: Actor, said: Suggesting) -> SuggestionTaken:
    """Make a suggestion: it has a number and a last day at once"""
    may = said.may_show if said.told("may_show") else True
    made: Matter = actions.suggest(by, Said(said.text, may_show=may)).matter
    return SuggestionTaken(matter_id=made.id, receipt=made.receipt, due=made.due)


@api.writes("/suggestions/<int:suggestion>/echo", gives=SuggestionCard, refuses=("ratings.not_public",))
def echo(by: Actor, suggestion: int) -> SuggestionCard:
    """I think so too: counted once"""
    row = found(by.session, Suggestion, suggestion)
    if row.state != "public":
        raise Problem(404, "not_found")
    actions.echo(by, row)
    return _card(by, row)


def _card(by: Actor, row: Suggestion) -> SuggestionCard:
    facts = {"id": row.id, "words": row.words, "reply": row.reply, "shown_at": row.shown_at}
    count = echoes(by.session, [row]).get(row.id, 0)
    return SuggestionCard.model_validate({**facts, "echoes": count})

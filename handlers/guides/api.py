"""Guides for the mini-program: the cards of a topic, what some words mean, one card. Nobody logs in for them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from app.channels.api import Api, Problem, found
from app.channels.api.paging import page
from app.channels.api.schemas import Page, PageQuery, Shown, left_out, line
from handlers.guides.finding import near, worth_asking
from models.guides import GuideCard, Topic, answering_cards, service_of
from models.identity import Actor

MOST_FOUND = 5

api = Api("guides", "办事指南")


class GuideQuery(PageQuery):
    """`q` asks in free words and gives at most five, the nearest first; else the cards of a `topic`."""

    topic: Topic = left_out()
    q: Annotated[str, line(40, "低保要带什么")] = left_out()


class GuideShown(Shown):
    """`sample`: nobody of the office has confirmed it yet."""

    id: int
    title: str = Field(examples=["低保"])
    topic: Topic
    terms: str
    sample: bool


class GuideWhole(GuideShown):
    """An `overdue` card tells nothing but whom to call: then what it said before is left out."""

    overdue: bool
    who: str
    bring: list[str]
    hours: str
    place: str
    takes: str
    phone: str
    source: str
    review_by: date
    service_id: int | None = Field(description="what can be booked for it")


class GuidePage(Page):
    items: list[GuideShown]


@api.reads("/guides", asks=GuideQuery, gives=GuidePage, who="everyone")
def guides(by: Actor, asked: GuideQuery) -> GuidePage:
    """Matters, by topic or by free words"""
    if asked.told("q"):
        hits = worth_asking(near(by.session, asked.q, MOST_FOUND))
        return GuidePage(items=[shown(hit.card) for hit in hits], next=None)
    place = (GuideCard.id, GuideCard.id)
    rows, following = page(
        by.session, answering_cards(asked.topic), asked, place, lambda row: (row.id, row.id)
    )
    return GuidePage(items=[shown(row) for row in rows], next=following)


@api.reads("/guides/<int:guide>", gives=GuideWhole, who="everyone")
def guide(by: Actor, guide: int) -> GuideWhole:
    """One card"""
    row = found(by.session, GuideCard, guide)
    if not row.answers:
        raise Problem(404, "not_found")
    service = service_of(by.session, row)
    kept = ("who", "hours", "place", "takes", "bring")
    told = {name: type(getattr(row, name))() if row.is_overdue else getattr(row, name) for name in kept}
    always = {name: getattr(row, name) for name in ("phone", "source", "review_by")}
    more = {"overdue": row.is_overdue, "service_id": service.id if service else None}
    return GuideWhole.model_validate(shown(row).model_dump() | told | always | more)


def shown(row: GuideCard) -> GuideShown:
    told = {name: getattr(row, name) for name in ("id", "title", "topic", "terms")}
    return GuideShown.model_validate(told | {"sample": row.state == "sample"})

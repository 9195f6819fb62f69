"""Matters in chat: asked for in any words and from anywhere, by topic, or by "要带什么"; what was meant is asked back
when it is not sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.dialogue import Chat, Offer, Reply, Say
from app.links import link_to
from app.understanding.when import moment_in
from handlers.guides import actions
from handlers.guides.finding import Hit, is_sure, near, worth_asking
from models.desk import open_talk_of
from models.forms import form_of_guide
from models.guides import GuideCard, answering_cards, service_of, topics_in_use
from models.identity import Actor

BROKEN = re.compile(
    r"坏[了啦]|没人[修管扫收]"
)  # who says so wants it mended: "电梯坏了" asks for no new lift

chat = Chat("guides")
PER_PAGE, NEXT_PAGE = 6, 7
MOST_TOPICS, NEXT_TOPICS = 8, 9
BOOK, FILL_IN = "appointments.book", "forms.begin"


@chat.says("办事指南", "要带什么", "带什么", "要带啥", "办事卡")
def begin(resident: Actor, page: int = 0) -> Say:
    """Say it in your own words; or choose."""
    topics = topics_in_use(resident.session)
    if not topics:
        return Say("nothing_yet", words=("预约服务", "人工"))
    shown = topics[page * MOST_TOPICS : (page + 1) * MOST_TOPICS]
    more = len(topics) > (page + 1) * MOST_TOPICS
    offers: dict[int, Offer] = {n: of_topic.offer(topic=name) for n, name in enumerate(shown, 1)}
    if more:
        offers[NEXT_TOPICS] = begin.offer(page=page + 1)
    return Say("begin", topics=shown, more=more, first=page == 0, offers=offers)


@chat.offered()
def of_topic(resident: Actor, topic: str, page: int = 0) -> Say:
    found = answering_cards(topic).offset(page * PER_PAGE).limit(PER_PAGE + 1)
    cards = list(resident.session.scalars(found))
    offers: dict[int, Offer] = {n: one.offer(card=card) for n, card in enumerate(cards[:PER_PAGE], 1)}
    if len(cards) > PER_PAGE:
        offers[NEXT_PAGE] = of_topic.offer(topic=topic, page=page + 1)
    return Say("of_topic", topic=topic, cards=cards[:PER_PAGE], more=len(cards) > PER_PAGE, offers=offers)


@chat.offered()
def one(resident: Actor, card: GuideCard) -> Say:
    """A digit may be typed long after its list was shown: a card that was retired meanwhile says so."""
    return card_said(resident, card)


@chat.offered()
def chosen(resident: Actor, card: GuideCard, asked: str) -> Say:
    """From what was asked back: which card these words had meant is worth knowing."""
    if card.answers:
        actions.note(resident, asked, card)
    return card_said(resident, card)


@chat.offered()
def others(resident: Actor, card: GuideCard, asked: str) -> Say:
    """It was not this one: what else may be meant, and a person."""
    actions.note(resident, asked)
    rest = [hit for hit in near(resident.session, asked, 4) if hit.card.id != card.id][:3]
    offers: dict[int, Offer] = {n: chosen.offer(card=hit.card, asked=asked) for n, hit in enumerate(rest, 1)}
    offers[len(rest) + 1] = Offer.of_word("人工")
    return Say("others", cards=[hit.card for hit in rest], offers=offers)


def card_said(resident: Actor, card: GuideCard, asked: str = "") -> Say:
    """The whole of a card. An overdue one tells nothing but whom to call."""
    if not card.answers:
        return Say("guides.gone", title=card.title, offers={1: begin.offer(), 2: Offer.of_word("人工")})
    service = service_of(resident.session, card)
    offers: dict[int, Offer] = {3: Offer.of_word("人工")}
    offers[2] = others.offer(card=card, asked=asked) if asked else begin.offer()
    if service is not None:
        offers[1] = Offer(BOOK, {"service": service})
    form = form_of_guide(resident.session, card.key)
    if form is not None:
        offers[4] = Offer(FILL_IN, {"form": form})
    key = "guides.overdue" if card.is_overdue else "guides.card"
    more: dict[str, Any] = {
        "guessed": bool(asked),
        "link": link_to(f"/h5/guides/{card.id}"),
        "fills": form is not None,
    }
    return Say(key, offers=offers, card=card, books=service is not None, **more)


# ---- in one's own words ----------------------------------------------------------------------------------------------


@chat.listens("confirmed")
def confirmed_matter(resident: Actor, text: str) -> Reply:
    """What somebody of the office has put their name to comes before the card of a service."""
    hits = _sure(resident, text)
    if hits and hits[0].card.state == "confirmed" and not hits[0].card.is_overdue:
        return card_said(resident, hits[0].card, asked=text)
    return None


@chat.listens("guides")
def matter(resident: Actor, text: str) -> Reply:
    """A sample steps back behind a service of that name: what is open and when, the office has written itself."""
    hits = _sure(resident, text)
    if hits and hits[0].score < 100 and BROKEN.search(text):
        return None
    return card_said(resident, hits[0].card, asked=text) if hits else None


def _sure(resident: Actor, text: str) -> Sequence[Hit]:
    """Who names a time wants to come, and who waits for the staff already has their ear."""
    if "约" in text:
        return ()
    hits = near(resident.session, text)
    if not is_sure(hits) or _waits(resident):
        return ()
    names_a_time = hits[0].score < 100 and moment_in(text, clock.local(clock.now())) is not None
    return () if names_a_time else hits


@chat.guesses
def may_be_meant(resident: Actor, text: str) -> Sequence[tuple[str, Offer, float]]:
    hits = worth_asking(near(resident.session, text))
    return [_near_offer(hit, text) for hit in hits] if hits and not _waits(resident) else []


def _near_offer(hit: Hit, text: str) -> tuple[str, Offer, float]:
    return hit.card.title, chosen.offer(card=hit.card, asked=text), hit.score


@chat.hears_miss
def missed(resident: Actor, text: str) -> None:
    if knows_matters(resident.session):
        actions.note(resident, text)


def knows_matters(session: Session) -> bool:
    return session.scalar(answering_cards().with_only_columns(GuideCard.id).limit(1)) is not None


def _waits(resident: Actor) -> bool:
    return open_talk_of(resident.session, resident.me) is not None


chat.also_said(
    "办事指南", "要带什么", "带什么材料", "需要什么材料", "要准备啥", "办事要带啥", "材料清单", "能办什么事"
)

"""通知设置 for the mini-program: topics, and what its user answered when it asked for subscription messages."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.cards import cards_to_ask
from app.channels.api import Api, current_site
from app.channels.api.schemas import Body, Shown, line
from handlers.broadcasts import settings
from models.identity import Actor
from models.topics import TOPICS, unwanted_by

Topic = Literal["政策", "办事", "活动", "停水停电", "安全", "健康", "招聘", "其他"]
MOST_ASKED = 5  # wx.requestSubscribeMessage takes so many templates

api = Api("broadcasts", "通知设置")


class TopicShown(Shown):
    """Whether messages about this topic are wanted. What is urgent comes all the same."""

    topic: Topic
    wanted: bool


class Topics(Shown):
    """All topics."""

    items: list[TopicShown]


class TopicChosen(Body):
    """One topic, from now on."""

    topic: Topic
    wanted: bool


@api.reads("/me/topics", gives=Topics)
def topics(by: Actor) -> Topics:
    """What I want to be told about"""
    return _topics(by)


@api.writes("/me/topics", takes=TopicChosen, gives=Topics)
def choose(by: Actor, said: TopicChosen) -> Topics:
    """Want a topic, or not"""
    settings.choose(by, said.topic, wanted=said.wanted)
    return _topics(by)


def _topics(by: Actor) -> Topics:
    off = unwanted_by(by.session, by.me)
    rows = [{"topic": topic, "wanted": topic not in off} for topic in TOPICS]
    return Topics.model_validate({"items": rows})


class Answer(Body):
    """What wx.requestSubscribeMessage gave for one template."""

    template_id: Annotated[str, line(60, "news")]
    answer: Literal["accept", "reject", "ban", "filter"]


class Answered(Body):
    """The result of one tap, as the user gave it: also when WeChat remembered "always" and showed no popup."""

    answers: Annotated[list[Answer], Field(min_length=1, max_length=MOST_ASKED)]


class Grants(Shown):
    """`ask` are the templates for wx.requestSubscribeMessage, none when there is nothing to ask for; so many messages
    may still come (`left`), null when there is no end to them."""

    ask: list[str]
    left: int | None


@api.reads("/me/grants", gives=Grants)
def grants(by: Actor) -> Grants:
    """What may be asked for, and how many messages I still allow"""
    return _grants(by)


@api.writes("/me/grants", takes=Answered, gives=Grants)
def answered(by: Actor, said: Answered) -> Grants:
    """Report what the user answered when asked for subscription messages

    Templates that are not in `ask` are passed over.
    """
    known = _grants(by).ask
    told = {one.template_id: one.answer == settings.YES for one in said.answers if one.template_id in known}
    settings.note_answers(by, told, "page")
    return _grants(by)


def _grants(by: Actor) -> Grants:
    site = current_site()
    app = by.identity.app if by.identity else ""
    cards = cards_to_ask(site.settings, site.words, by.session, app)[:MOST_ASKED]
    left = settings.still_allowed(by.session, by.me, cards)
    return Grants(ask=[one.template_id for one in cards], left=left)

"""通知设置 in chat: which topics come, switched by a digit or in a sentence; and what WeChat tells of popups."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from app.dialogue import Go, Reply, Say
from app.wechat.grants import SubscriptionsAsked, SubscriptionsChanged
from handlers.broadcasts import settings
from handlers.broadcasts.chat import chat
from handlers.people import actions as people
from models.identity import Actor
from models.topics import TOPICS, unwanted_by

IN_AN_ARTICLE = 2
# What people call a topic, where they do not say its own name.
CALLED = {
    "停水": "停水停电",
    "停电": "停水停电",
    "停水停电的": "停水停电",
    "招工": "招聘",
    "工作": "招聘",
    "办事指南": "办事",
}
ABOUT = r"(?P<about>[\u4e00-\u9fff]{2,6}?)(?:类|这类|的)?"
OFF = (
    re.compile(
        rf"(?:退订|取消订阅|不收|不想收|不想要|别发|别给我发|关掉)(?:再)?{ABOUT}(?:通知|消息|信息)?(?:了)?"
    ),
    re.compile(rf"(?:不要|不要发|不用发){ABOUT}(?:通知|消息|信息)(?:了)?"),
)
ON = (
    re.compile(rf"(?:订阅|恢复|打开)(?:再)?{ABOUT}(?:通知|消息|信息)?"),
    re.compile(rf"(?:要收|想收|还要){ABOUT}(?:通知|消息|信息)?"),
)


@chat.says("通知设置", "订阅")
def wishes(resident: Actor) -> Say:
    off = unwanted_by(resident.session, resident.me)
    rows = [(topic, topic not in off) for topic in TOPICS]
    offers = {
        digit: switch.offer(topic=topic, wanted=not wanted) for digit, (topic, wanted) in enumerate(rows, 1)
    }
    agreed = people.has_consent(resident, "notices")
    return Say("wishes", offers=offers, rows=rows, agreed=agreed)


@chat.dialogue(title="通知设置")
async def switch(resident: Actor, topic: str, wanted: bool) -> Say:
    settings.choose(resident, topic, wanted=wanted)
    return _chosen(resident, topic, wanted)


@switch.undo
def switch_back(resident: Actor, topic: str, wanted: bool, **_: object) -> Say:
    settings.choose(resident, topic, wanted=not wanted)
    return _chosen(resident, topic, not wanted)


def _chosen(resident: Actor, topic: str, wanted: bool) -> Say:
    """It says what still comes."""
    off = unwanted_by(resident.session, resident.me)
    left = "、".join(one for one in TOPICS if one not in off)
    agreed = people.has_consent(resident, "notices")
    return Say("wish_kept", topic=topic, wanted=wanted, left=left, agreed=agreed, offers={1: wishes.offer()})


@chat.listens("guides")
def switched_in_a_sentence(_resident: Actor, text: str) -> Reply:
    """ "退订 政策", "不要活动通知", "订阅 招聘"."""
    words = re.sub(r"[\s,,。.]", "", text)
    for shapes, wanted in ((OFF, False), (ON, True)):
        for shape in shapes:
            said = shape.fullmatch(words)
            topic = said and _topic(said["about"])
            if topic:
                return Go(switch.offer(topic=topic, wanted=wanted))
    return None


def _topic(about: str) -> str | None:
    return about if about in TOPICS else CALLED.get(about)


# ---- what WeChat tells of popups ---------------------------------------------------------------------------------


@chat.event("subscribe_msg_popup_event")
def asked(resident: Actor, push: SubscriptionsAsked) -> Reply:
    """In an article, or on a page of ours, which then tells of it too."""
    for place in ("article", "popup"):
        mine = [one for one in push.grants if (one.popup == IN_AN_ARTICLE) == (place == "article")]
        answers = {one.template_id: one.accepted for one in mine}
        settings.note_answers(resident, answers, "article" if place == "article" else "popup", _at(push))
    return None


@chat.event("subscribe_msg_change_event")
def changed(resident: Actor, push: SubscriptionsChanged) -> Reply:
    ended = [one.template_id for one in push.grants if not one.accepted]
    settings.note_ended(resident, ended, _at(push))
    return None


def _at(push: SubscriptionsAsked | SubscriptionsChanged) -> datetime:
    return datetime.fromtimestamp(push.created, UTC)


chat.also_said("通知设置", "设置通知", "通知设定", "消息设置", "订阅设置", "订阅通知", "选通知", "收哪些通知")

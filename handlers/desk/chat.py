"""Asking for a person, and everything that people send which no rule can read: pictures, voice, files, stickers."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from app import clock
from app.dialogue import Chat, Offer, Quiet, Reply, Say
from app.talks import is_sentence
from handlers.desk import actions
from models.conversation import Conversation
from models.desk import DeskTalk, is_idle, open_talk_of
from models.identity import Actor
from models.office_hours import is_office_time, next_opening, runs_of, week_of
from models.refusal import Refusal

chat = Chat("desk")
END_WORDS = frozenset({"结束", "谢谢再见", "不聊了", "不用了"})
PLAIN_NAMES = {"image": "照片", "video": "视频", "shortvideo": "视频", "link": "链接", "file": "文件"}
LONGEST = 500
ASKED_WITH_WORDS = re.compile(r"(?:转?人工|客服|找人|找工作人员)[\s,:;。、]+(\S.*)", re.DOTALL)


@chat.always("人工", "找人", "有人吗", "客服", "转人工", "找工作人员", "有没有人", "有人没有", "有人没")
def ask(resident: Actor) -> Say:
    actions.ask_for_person(resident, "asked")
    return Say("coming") if is_open(resident) else Say("coming_later", opens=opens_next(resident))


def is_open(resident: Actor) -> bool:
    return is_office_time(resident.session, clock.now())


def opens_next(resident: Actor) -> datetime | None:
    """From when on there is somebody again, as far as the plan knows."""
    return next_opening(resident.session, clock.now())


def office_week(resident: Actor) -> Any:
    """The hours of the office for the filter `week`."""
    return runs_of(week_of(resident.session))


@chat.says("找人帮忙", "帮忙")
def help_wanted(resident: Actor) -> Say:
    return Say(
        "help_wanted", offers={1: ask.offer(), 2: Offer.of_word("预约服务"), 3: Offer.of_word("说事反映")}
    )


@chat.takes_over
def staff_is_talking(resident: Actor, text: str) -> Reply:
    """While somebody of the staff talks with this resident the bot is quiet; "结束" gives the word back to it."""
    talk = open_talk_of(resident.session, resident.me)
    if talk is None or talk.state != "talking":
        if talk is not None and (refused := _first_words(resident, talk, text)):
            return refused
        return _asked_with_words(resident, text)
    if is_idle(talk, clock.now()):
        actions.close(resident, talk)
        return None
    if text in END_WORDS:
        actions.close(resident, talk)
        return Say("desk.ended")
    return _tell(resident, talk, text) or Quiet()


def _tell(resident: Actor, talk: DeskTalk, text: str) -> Say | None:
    """What is to be said when it was not taken: whoever hears nothing believes that it was."""
    try:
        actions.tell(resident, talk, text[:LONGEST])
    except Refusal as why:
        return Say(why.code, **why.facts)
    return None


def _asked_with_words(resident: Actor, text: str) -> Reply:
    """ "人工 水管坏了": the words after it are for the person, whatever else they might mean."""
    asked = ASKED_WITH_WORDS.match(text)
    if asked is None:
        return None
    talk = actions.ask_for_person(resident, "asked")
    if refused := _tell(resident, talk, asked[1]):
        return refused
    return Say("desk.coming") if is_open(resident) else Say("desk.coming_later", opens=opens_next(resident))


def _first_words(resident: Actor, talk: DeskTalk, text: str) -> Say | None:
    """Who has just asked for a person was told to write what it is: that sentence reaches the staff, also where the
    house has an answer of its own to it. An answer to a question of ours is not for them."""
    if talk.lines or not is_sentence(text) or ASKED_WITH_WORDS.match(text):
        return None
    row = resident.session.get(Conversation, talk.identity_id)
    return _tell(resident, talk, text) if row is None or not row.talks else None


@chat.listens("desk")
def waiting(resident: Actor, text: str) -> Reply:
    """What nobody else understands is noted for the staff while the resident waits for them."""
    talk = open_talk_of(resident.session, resident.me)
    if talk is None:
        return None
    if text in END_WORDS:
        actions.close(resident, talk)
        return Say("desk.ended")
    if [line.text for line in talk.lines] != [text[:LONGEST]]:
        actions.tell(resident, talk, text[:LONGEST])
    return Say("desk.noted")


@chat.receives("voice")
def voice(resident: Actor, push: Any) -> Reply:
    """Recognition is no longer promised by WeChat: a voice message is for ears (people.md §2.4)."""
    talk = actions.ask_for_person(resident, "voice")
    actions.tell(resident, talk, "语音", "voice", push.media_id)
    if talk.state == "talking":
        return Quiet()
    return Say(
        "desk.voice_kept",
        offers=_words("预约服务", "最新通知", "菜单"),
    )


@chat.receives("image", "video", "shortvideo", "link", "file")
def picture(resident: Actor, push: Any) -> Reply:
    """Kept for staff only when the resident says so, or while they talk."""
    name, media_id = PLAIN_NAMES[push.kind], getattr(push, "media_id", "") or None
    talk = open_talk_of(resident.session, resident.me)
    if talk is not None:
        actions.tell(resident, talk, name, push.kind, media_id)
        return Quiet() if talk.state == "talking" else Say("desk.noted")
    give = give_to_staff.offer(name=name, kind=push.kind, media_id=media_id or "")
    offers = {1: give, 2: Offer.of_word("菜单")}
    if push.kind == "image" and media_id:
        offers[3] = Offer("matters.with_picture", {"media_id": media_id, "at": int(clock.now().timestamp())})
    return Say("desk.picture", name=name, offers=offers)


@chat.offered()
def give_to_staff(resident: Actor, name: str, kind: str, media_id: str) -> Say:
    talk = actions.ask_for_person(resident, "picture")
    actions.tell(resident, talk, name, kind, media_id or None)
    return Say("given", name=name)


@chat.receives("unsupported", "miniprogrampage")
def sticker(resident: Actor, push: Any) -> Reply:
    talk = open_talk_of(resident.session, resident.me)
    if talk is not None and talk.state == "talking":
        actions.tell(resident, talk, "表情")
        return Quiet()
    return Say(
        "desk.sticker",
        offers=_words("预约服务", "最新通知", "人工"),
    )


@chat.scanned("")
def unknown_code(resident: Actor, scene: str) -> Say:
    return Say("desk.unknown_code", offers=_words("菜单", "人工"))


def _words(*chat_words: str) -> dict[int, Offer]:
    return {number: Offer.of_word(chat_word) for number, chat_word in enumerate(chat_words, 1)}

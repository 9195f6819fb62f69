"""Saying something in chat: what, where, whether by name; a picture with a few words is half of it already."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app import clock
from app.dialogue import Ask, Chat, Choose, Confirm, Go, Offer, Reply, Say, Unkept
from app.understanding.numbers import choice_number
from app.wechat.messages import Location, Voice
from handlers.matters import actions, sentences
from handlers.matters.places import building_of, spot_in, spot_words, told_place, told_spot, whereabouts
from handlers.matters.twins import said_already
from handlers.people import actions as people
from models.conversation import Conversation
from models.desk import open_talk_of
from models.identity import Actor
from models.matter_lists import open_of
from models.matter_rules import MatterCategory, category_in
from models.matters import KINDS, MAY_BE_ANONYMOUS, MOST_PHOTOS, Matter, last_day
from models.places import Place
from models.refusal import Refusal

SKIPS = frozenset({"跳过", "不知道", "不填", "不好说", "没有"})
WAYS = ("confidential", "named")
NAMELESS_WAYS = (*WAYS, "anonymous")
PICTURE_LIVES = timedelta(minutes=30)
LATELY = timedelta(days=1)
OTHER, FOUND = "other", "您发的位置"
VOICE_MARK, VOICE = "语音〔", "(发来一段语音,请听)"
# What people write under a picture of something that is broken, dirty or in the way.
TROUBLE = re.compile(
    "垃圾|路灯|灯|漏|水管|下水|堵|井盖|坑|积水|坏|停电|断电|停水|没电|没水|电梯|臭|油烟|噪音|太吵|乱停|占道|小广告|墙皮"
    "|暖气|不亮|不热|裂|脏|塌|倒了|掉下来|没人管|没人收|没人修"
)
MORE_THAN_ONE = re.compile(r"[?？]|吗$|怎么|哪里|哪儿|什么时候|电话")

chat = Chat("matters")


def may_say(resident: Actor) -> None:
    people.respect_withdrawal(resident, "service")


@chat.dialogue("说事反映", "说事", "反映", "反映问题", title="说事", may=may_say)
async def speak_up(
    resident: Actor, kind: str | None = None, text: str | None = None, media_id: str | None = None
) -> Say:
    sort: str = kind if kind is not None else await which_kind()
    short = len(text or "") < sentences.SHORTEST
    said: str = text if text and not short else await Ask("what_is_it", _what(resident, sort))
    home = building_of(resident.me.place)
    where: Place | str = await Ask("where_is_it", _where(home), home=home)
    report = _report(said, sort, where, media_id)
    category = category_in(resident.session, sort, said)
    twin = await _same(resident, report, category)
    way = "confidential" if kind is not None or twin is not None else await _way(sort)
    new, due = way != "anonymous" and people.is_new(resident), last_day(resident.session, sort, category)
    where = told_spot(resident.session, report.spot) or FOUND if report.spot else where
    words = VOICE if report.voice_id else said
    photo = media_id is not None
    if twin is None:
        await Confirm(
            "confirm_matter", kind=sort, text=words, where=where, way=way, due=due, new=new, photo=photo
        )
    if twin is not None:
        kept = actions.follow(resident, twin)
        return Say("followed", matter=kept, offers={1: Offer.of_word("我说的事")})
    made = actions.report(resident, replace(report, contact=way))
    if made.code is not None:
        return Unkept("said_nameless", number=made.matter.number, code=made.code, due=made.matter.due)
    return Say("said", matter=made.matter, photo=media_id is not None, offers={1: Offer.of_word("我说的事")})


def which_kind() -> Choose[str]:
    """Who says the trouble itself means somebody to mend it."""
    return Choose(
        "which_kind",
        KINDS,
        shown_as="kind_told",
        by_words=lambda text: ["报修"] if TROUBLE.search(text) else None,
    )


@chat.says("投诉", "我要投诉")
def complain(_resident: Actor) -> Go:
    return Go(speak_up.offer(kind="投诉"))


@chat.says("报修", "我要报修")
def have_mended(_resident: Actor) -> Go:
    return Go(speak_up.offer(kind="报修"))


def _report(said: str, kind: str, where: Place | str, media_id: str | None) -> actions.Report:
    """What was answered; a position or a voice came as words that only we make."""
    place, words = (where, "") if isinstance(where, Place) else (None, where)
    voice_id, spot = voice_in(said), spot_in(words)
    return actions.Report(
        VOICE if voice_id else said,
        kind,
        where="" if spot else words,
        place=place,
        media_id=media_id,
        voice_id=voice_id,
        spot=spot,
    )


async def _same(resident: Actor, report: actions.Report, category: MatterCategory | None) -> Matter | None:
    """The same thing, said by somebody else, when this resident says that it is; asked only when there is one."""
    session = resident.session
    where = whereabouts(session, report.place, report.where, report.spot)
    twin = said_already(session, report.kind, category, where, resident.me)
    if twin is None:
        return None
    facts: dict[str, Any] = {"twin": twin, "place": told_place(session, twin), "new": people.is_new(resident)}
    chosen: Matter | str = await Choose("is_it_this", [twin, OTHER], shown_as="same_told", **facts)
    return chosen if isinstance(chosen, Matter) else None


@chat.answers_with("location", "where_is_it")
def where_the_phone_is(place: Location) -> str:
    return spot_words(place.lat, place.lng)


@chat.answers_with("voice", "what_is_it")
def spoken(voice: Voice) -> str:
    return f"{VOICE_MARK}{voice.media_id}"


def voice_in(words: str) -> str | None:
    return words.removeprefix(VOICE_MARK) if words.startswith(VOICE_MARK) else None


async def _way(kind: str) -> str:
    """With a name for whoever does it, for the staff alone, or (an idea) without any."""
    ways = NAMELESS_WAYS if kind in MAY_BE_ANONYMOUS else WAYS
    return await Choose("which_way", ways, shown_as="way_told")


@speak_up.undo
def unsay(resident: Actor, matter: Matter, **_: object) -> Say:
    """What was said is taken back; of what somebody else said, only that it is this resident's too."""
    mine = matter.person_id == resident.me.id
    return Say(
        "unsaid", matter=actions.withdraw(resident, matter) if mine else actions.unfollow(resident, matter)
    )


def _what(resident: Actor, kind: str) -> Callable[[str], str]:
    def parse(words: str) -> str:
        if voice_in(words):
            return words
        if choice_number(words) is not None:
            raise ValueError(words)
        return sentences.matter_in(resident.session, kind, words)

    return parse


def _where(home: Place | None) -> Callable[[str], Place | str]:
    def parse(words: str) -> Place | str:
        if choice_number(words) == 1 and home is not None:
            return home
        if words in SKIPS:
            return ""
        if spot_in(words):
            return words
        if choice_number(words) is not None:
            raise ValueError(words)
        return sentences.place_in(words) or ""

    return parse


# ---- a picture, and words about it -----------------------------------------------------------------------------


@chat.offered()
def with_picture(resident: Actor, media_id: str, at: int = 0) -> Reply:
    """A picture that was just sent is part of what was just said, or the beginning of something new."""
    before = resident.session.scalar(open_of(resident.me).limit(1))
    if before is None or clock.now() - before.said_at > LATELY or len(before.photos) >= MOST_PHOTOS:
        return Go(begin_with_picture(media_id))
    offers = {1: attach.offer(matter=before, media_id=media_id), 2: begin_with_picture(media_id)}
    return Say("matters.which_for_picture", matter=before, offers=offers)


@chat.offered()
def attach(resident: Actor, matter: Matter, media_id: str) -> Say:
    return Say("matters.picture_added", matter=actions.add_photo(resident, matter, media_id))


def begin_with_picture(media_id: str) -> Offer:
    return speak_up.offer(kind="报修", media_id=media_id)


@chat.takes_over
def words_under_picture(resident: Actor, text: str) -> Reply:
    """ "路灯坏了" right after a picture: half of the matter is said, two questions are left."""
    if not TROUBLE.search(text) or MORE_THAN_ONE.search(text) or not len(text) >= sentences.SHORTEST:
        return None
    media_id = _picture_on_the_table(resident)
    talk = open_talk_of(resident.session, resident.me) if media_id else None
    if media_id is None or talk is not None:
        return None
    try:
        said = sentences.matter_in(resident.session, "报修", text)
    except Refusal:
        return None
    return Go(speak_up.offer(kind="报修", text=said, media_id=media_id))


def _picture_on_the_table(resident: Actor) -> str | None:
    """The picture that our last answer offered to take, while nobody has answered it with a digit."""
    identity = resident.identity
    row = resident.session.get(Conversation, identity.id) if identity is not None else None
    digits = ((row.offers or {}) if row is not None else {}).get("digits", {})
    given = next((kept for target, kept in digits.values() if target == with_picture.name), None)
    if given is None or clock.now().timestamp() - given.get("at", 0) > PICTURE_LIVES.total_seconds():
        return None
    return str(given["media_id"])


chat.also_said(
    "说事反映",
    "反映个事",
    "提意见",
    "提建议",
    "我要反映",
    "有个事要说",
)

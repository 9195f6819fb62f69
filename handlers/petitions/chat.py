"""Asking in chat to be received: what it is about, which the conversation never keeps; who is needed, and a time.

What is typed for the matter or as a name goes into the confidential lane before the conversation row is written; in its
place stands a token. At the end nothing of the talk stays.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Select

from app.dialogue import Ask, Chat, Choose, Confirm, Say, Unkept
from app.understanding.numbers import plain
from app.understanding.phone import phone_in
from handlers.petitions import actions, looking
from handlers.petitions.sentences import name_told
from models.identity import Actor
from models.petitions import LANGUAGES
from models.petitions_plan import ReceptionTime, free_times
from models.receipts import receipt_in
from models.refusal import Refusal

YES_NO = ("no", "yes")
NO_LANGUAGE = "none"
WAYS = ("named", "nameless")

chat = Chat("petitions")
chat.private = True


@chat.dialogue("约接访", "信访", "我要信访", "见领导", "我要见领导", "约见领导", "领导接待", title="约见")
async def ask_for(resident: Actor) -> Say:
    way = await Choose("which_way", WAYS, shown_as="way_told")
    token = await Ask("what_is_it", _kept(resident), any_words=True, again=("petitions.draft_gone",))
    if await Choose("about_staff", YES_NO, shown_as="about_staff_told") == "yes":
        await Ask("which_staff", _accused(resident, token), any_words=True)
    language = await Choose("which_language", (NO_LANGUAGE, *LANGUAGES), shown_as="language_told", per_page=7)
    companion = await Choose("companion", YES_NO, shown_as="companion_told")
    phone = await _phone(resident) if way == "named" else None
    time_: ReceptionTime = await Choose(
        "which_time", _times(resident, token), again=("petitions.time_taken",)
    )
    await Confirm("confirm_petition", time=time_, named=way == "named", companion=companion == "yes")
    asked = actions.Asked(
        name=resident.me.name if way == "named" else None,
        phone=phone,
        language=None if language == NO_LANGUAGE else language,
        companion=companion == "yes",
    )
    made = actions.receive(resident, token, time_, asked)
    return Unkept("received", made=made, room=time_.room.name)


async def _phone(resident: Actor) -> str:
    """The phone that we know, or one that is told now; it is what the number is asked for with."""
    if resident.me.phone is not None:
        return resident.me.phone
    return await Ask("which_phone", _whole_phone, any_words=True)


def _whole_phone(text: str) -> str:
    phone = phone_in(text)
    if phone is None:
        raise Refusal("petitions.bad_phone")
    return phone


def _kept(resident: Actor) -> Callable[[str], str]:
    return lambda words: actions.keep_draft(resident, words)


def _accused(resident: Actor, token: str) -> Callable[[str], str]:
    return lambda words: actions.name_the_accused(resident, token, name_told(words))


def _times(resident: Actor, token: str) -> Callable[[], Select[ReceptionTime]]:
    return lambda: free_times(without=actions.leaders_named(resident, token))


# ---- how far it is -------------------------------------------------------------------------------------------------


@chat.says("我的接访", "我的信访", "我的约见")
def mine(resident: Actor) -> Say:
    return Say("mine", rows=[row for row in looking.mine(resident) if row.is_open][:3])


@chat.dialogue("查接访", "查信访", title="查进度")
async def look_up(resident: Actor) -> Say:
    receipt = await Ask("which_receipt", _receipt, any_words=True)
    tail = await Ask("which_tail", _tail, any_words=True)
    found = looking.look_up(resident, receipt, tail)
    return Unkept("found", row=found) if found is not None else Unkept("not_found")


def _receipt(text: str) -> str:
    receipt = receipt_in(text)
    if receipt is None:
        raise Refusal("petitions.bad_receipt")
    return receipt


def _tail(text: str) -> str:
    digits = plain(text).strip()
    if not (digits.isdigit() and len(digits) == 4):
        raise Refusal("petitions.bad_tail")
    return digits

"""我说的事: how far each is, and the word that is the resident's: 解决了, 没解决, 不用了; also by number and code."""

from __future__ import annotations

from app.dialogue import Ask, Choose, Confirm, Offer, Say
from app.links import link_to
from app.understanding.numbers import plain
from handlers.matters import actions
from handlers.matters.chat import chat, speak_up
from handlers.matters.places import told_place
from models.identity import Actor
from models.matter_followers import said_or_followed
from models.matter_lists import done_lately, to_be_opened_again
from models.matters import Matter
from models.receipts import receipt_in
from models.refusal import Refusal

PER_PAGE = 5
NEXT_PAGE = 6


@chat.says("我说的事", "我的说事", "说事进度", "我反映的事")
def mine(resident: Actor, page: int = 0) -> Say:
    rows = said_or_followed(resident.me).offset(page * PER_PAGE).limit(PER_PAGE + 1)
    found = list(resident.session.scalars(rows))
    if not found:
        offers = {1: speak_up.offer(), 2: look_up.offer()}
        return Say("matters.no_more" if page else "matters.nothing_said", offers=offers)
    if len(found) == 1 and not page:
        return _card(resident, found[0])
    offers = {number: one.offer(matter=row) for number, row in enumerate(found[:PER_PAGE], 1)}
    more = len(found) > PER_PAGE
    if more:
        offers[NEXT_PAGE] = mine.offer(page=page + 1)
    return Say("matters.mine", rows=found[:PER_PAGE], more=more, offers=offers)


@chat.offered()
def one(resident: Actor, matter: Matter) -> Say:
    return _card(resident, matter)


def _card(resident: Actor, matter: Matter) -> Say:
    """How far it is, and what was told last. Of what somebody else said, only how far it is."""
    if matter.person_id != resident.me.id:
        place = told_place(resident.session, matter)
        offers = {1: no_more_of_it.offer(matter=matter)} if matter.is_open else _again(matter)
        return Say("matters.card_of_other", matter=matter, place=place, offers=offers)
    if matter.joined_to is not None:
        return Say("matters.card_joined", matter=matter, into=matter.joined_to)
    told = [step for step in matter.steps if step.told and step.words]
    return Say("matters.card", matter=matter, last=told[-1] if told else None, offers=_steps(matter))


def _again(matter: Matter) -> dict[int, Offer]:
    return {1: not_solved.offer(matter=matter)} if matter.can_be_reopened else {1: speak_up.offer()}


@chat.offered()
def no_more_of_it(resident: Actor, matter: Matter) -> Say:
    """No longer told how far it is."""
    return Say("matters.unfollowed", matter=actions.unfollow(resident, matter))


def _steps(matter: Matter) -> dict[int, Offer]:
    if matter.can_be_reopened and matter.state == "closed":
        return {1: not_solved.offer(matter=matter)}
    if matter.can_be_reopened:
        return {1: solved.offer(matter=matter), 2: not_solved.offer(matter=matter)}
    return {1: not_needed.offer(matter=matter)} if matter.is_open else {1: speak_up.offer()}


@chat.dialogue("解决了", "问题解决了", title="解决了")
async def solved(resident: Actor, matter: Matter | None = None) -> Say:
    chosen: Matter = matter if matter is not None else await Choose("which_solved", done_lately(resident.me))
    return Say("solved", matter=actions.confirm(resident, chosen), offers={1: Offer.of_word("评价")})


@chat.dialogue("没解决", "没有解决", "还没解决", "没好", "还没好", title="没解决")
async def not_solved(resident: Actor, matter: Matter | None = None) -> Say:
    chosen: Matter = (
        matter if matter is not None else await Choose("which_not_solved", to_be_opened_again(resident.me))
    )
    if not chosen.can_be_reopened:
        raise Refusal("matters.too_late_to_reopen", matter=chosen)
    words: str = await Ask("what_is_left", _left, any_words=True)
    return Say("opened_again", matter=actions.reopen(resident, chosen, words))


def _left(words: str) -> str:
    return "" if words in ("1", "不说了", "没有") else words


@chat.says("不用问了")
def leave_me(resident: Actor) -> Say:
    """Not to be asked later whether it is still well."""
    actions.leave_me(resident)
    return Say("matters.not_asked_any_more", offers={1: ask_me.offer()})


@chat.says("可以问我")
def ask_me(resident: Actor) -> Say:
    actions.ask_me(resident)
    return Say("matters.asked_again", offers={1: mine.offer()})


@chat.dialogue(title="不用办了")
async def not_needed(resident: Actor, matter: Matter) -> Say:
    await Confirm("confirm_not_needed", matter=matter)
    gone = actions.withdraw(resident, matter)
    return Say("not_needed_now", number=gone.number, goes_on=gone.is_open)


@chat.dialogue("查说事", "查受理号", title="查一件事")
async def look_up(resident: Actor) -> Say:
    number: str = await Ask("which_number", _number)
    tail: str = await Ask("which_tail", _tail)
    found = actions.look_up(resident, number, tail)
    if found is None:
        return Say("no_such_number", offers={1: look_up.offer(), 2: Offer.of_word("人工")})
    return Say("looked_up", matter=found)


def _number(words: str) -> str:
    found = receipt_in(words)
    if found is None:
        raise Refusal("matters.bad_number")
    return found


def _tail(words: str) -> str:
    digits = plain(words).strip()
    if len(digits) != 4 or not digits.isdecimal():
        raise Refusal("matters.bad_tail")
    return digits


chat.also_said(
    "我说的事", "我反映的事怎么样了", "反映的事办了没有", "我报修的", "我投诉的", "报修进度", "投诉进度"
)
chat.also_said("查说事", "查受理", "查进度", "用受理号查")


@chat.says("不留名反映")
def quiet_way(_resident: Actor) -> Say:
    """What must not stand in a chat has a page that asks nobody who they are."""
    return Say("matters.quiet_way", link=link_to("/h5/matters/quiet"))


chat.also_said(
    "不留名反映", "匿名举报", "不留名举报", "匿名反映", "举报干部", "举报工作人员", "举报", "我要举报"
)

"""Activities in chat: what is on, signing up alone or as a family, the waiting list, one's own list, giving it back."""

from __future__ import annotations

from typing import Any

from app import clock
from app.dialogue import Chat, Choose, Confirm, Offer, Reply, Say
from app.links import link_to
from handlers.activities import actions
from handlers.activities.actions import Wish
from handlers.activities.asking import fill, what_is_wished, wish_words
from handlers.activities.collectors import my_wards
from handlers.activities.standing import my_places
from handlers.people import actions as people
from models.activities import ActivitySession, overlapping
from models.activities_audience import to_join, to_wait_for
from models.activities_line import offers_to
from models.identity import Actor
from models.people import live_consent

LISTED = 4
TAKE, LET_GO = "要,我去", "不要了,让给别人"

chat = Chat("activities")
chat.also_said(
    "活动报名", "我要报名", "我想参加活动", "有什么活动", "这周有什么活动", "报名参加活动", "最近有活动吗"
)
chat.also_said("我的报名", "退出活动", "取消报名", "不参加了", "我不参加了", "不去活动了")
chat.also_said("我的活动", "我报了什么活动", "我报名的活动", "我报的活动")
chat.also_said("候补", "排候补", "报候补", "没名额了怎么办")
chat.also_said("要名额", "我要名额", "确认名额", "不要名额")
chat.also_said("今天不来", "孩子今天不来", "今天来不了", "今天请假", "今天不上课")
chat.also_said("接送码", "今天的接送码", "谁来接孩子", "孩子接送码")
chat.also_said("改报名", "改报名表", "改填的内容")


def may_sign_up(resident: Actor) -> None:
    """Who took the consent back is told before the list."""
    people.respect_withdrawal(resident, "volunteer")


@chat.dialogue("活动报名", "活动", "报名", title="活动报名", may=may_sign_up)
async def sign_up(resident: Actor) -> Say:
    session: ActivitySession = await Choose("which_session", to_join(resident.me), per_page=LISTED)
    wish = await what_is_wished(resident, session)
    await Confirm("confirm", **_facts(resident, session, wish))
    enrolment = actions.sign_up(resident, session, wish)
    return Say(
        "signed_up", session=enrolment.session, offers={5: mine.offer(), 6: give_up.offer(session=session)}
    )


@chat.dialogue("候补", "排候补", title="排候补", may=may_sign_up)
async def queue(resident: Actor) -> Say:
    session: ActivitySession = await Choose("which_full", to_wait_for(resident.me), per_page=LISTED)
    wish = await what_is_wished(resident, session)
    await Confirm("confirm_waiting", **_facts(resident, session, wish))
    enrolment = actions.wait(resident, session, wish)
    offers = {5: mine.offer(), 6: give_up.offer(session=session)}
    if enrolment.state == "joined":
        return Say("signed_up", session=session, offers=offers)
    place = next(one.place for one in my_places(resident, 99) if one.session.id == session.id)
    return Say("waits", session=session, place=place, offers=offers)


def _facts(resident: Actor, session: ActivitySession, wish: Wish) -> dict[str, Any]:
    """What is read out before the yes. That the time clashes with something else is said, when it is no reason to
    refuse."""
    comers = [*([resident.me.id] if wish.comes else []), *(one.id for one in wish.people)]
    clash = next(iter(overlapping(resident.session, session, comers)), None)
    return {
        "what": session.activity.title,
        "place": session.place,
        "starts": session.starts,
        "ends": session.ends,
        "new": live_consent(resident.session, resident.me, "volunteer") is None,
        "lines": wish_words(session, wish),
        "children": any(one.child for one in wish.family),
        "clash": clash.activity.title if clash else "",
    }


@sign_up.undo
def take_back(resident: Actor, session: ActivitySession) -> Say:
    return _left(resident, session)


@queue.undo
def take_number_back(resident: Actor, session: ActivitySession, place: int = 0) -> Say:
    return _left(resident, session)


@chat.dialogue(title="退出活动")
async def give_up(resident: Actor, session: ActivitySession) -> Say:
    await Confirm("confirm_leaving", what=session.activity.title, starts=session.starts)
    return _left(resident, session)


@chat.dialogue("今天不来", "今天不去了", title="今天不来")
async def not_today(resident: Actor) -> Say:
    """The seat of this one day; the next time stays as it is."""
    places = _today(resident)
    if not places:
        return Say("nothing_today", offers={1: mine.offer()})
    session: ActivitySession = places[0] if len(places) == 1 else await Choose("which_today", places)
    await Confirm("confirm_not_today", what=session.activity.title, starts=session.starts)
    return _left(resident, session)


def _today(resident: Actor) -> list[ActivitySession]:
    mine = [one.session for one in my_places(resident, 99)]
    return [
        one for one in mine if clock.local(one.starts).date() == clock.today() and one.starts > clock.now()
    ]


@chat.dialogue("要名额", title="确认名额")
async def answer_offer(resident: Actor, session: ActivitySession | None = None) -> Say:
    """A seat that is kept: yes or no, and both are said."""
    held: ActivitySession = (
        session if session is not None else await Choose("which_offer", offers_to(resident.me))
    )
    said: str = await Choose("take_it", (TAKE, LET_GO), what=held.activity.title, starts=held.starts)
    if said == TAKE:
        actions.claim(resident, held)
        return Say("signed_up", session=held, offers={5: mine.offer(), 6: give_up.offer(session=held)})
    return _left(resident, held)


def _left(resident: Actor, session: ActivitySession) -> Say:
    """Who only waited had no seat that somebody else could have."""
    waited = any(one.state == "waiting" for one in my_places(resident, 99) if one.session.id == session.id)
    return Say("left", session=actions.leave(resident, session).session, waited=waited)


@chat.dialogue("改报名", title="改报名表")
async def change_form(resident: Actor) -> Say:
    session: ActivitySession = await Choose("which_form", lambda: _with_form(resident), per_page=LISTED)
    answers = await fill(session)
    told = wish_words(session, Wish(answers=answers))
    await Confirm("confirm_form", what=session.activity.title, lines=told)
    actions.change_answers(resident, session, answers)
    return Say("form_changed", session=session)


def _with_form(resident: Actor) -> list[ActivitySession]:
    places = [one for one in my_places(resident, 99) if one.is_head]
    return [one.session for one in places if one.session.activity.questions]


@chat.says("我的活动", "我的报名")
def mine(resident: Actor) -> Reply:
    places = my_places(resident, LISTED)
    if not places:
        return Say("none_joined", offers={1: Offer(sign_up.name)})
    offers = {
        number: (answer_offer if one.state == "offered" else give_up).offer(session=one.session)
        for number, one in enumerate(places, 1)
    }
    return Say("joined", places=places, offers=offers)


@chat.says("接送码", "接孩子")
def codes(resident: Actor) -> Reply:
    """Only to the guardian, and only today's."""
    wards = my_wards(resident)
    if not wards:
        return Say("no_wards")
    return Say("codes", wards=wards, link=link_to("/h5/collectors"))

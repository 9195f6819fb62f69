"""One's own hours in the chat: how each record stands, saying that one is wrong or missing, and, for who was served,
whether it was so."""

from __future__ import annotations

from typing import Any

from app.dialogue import Ask, Chat, Choose, Confirm, Offer, Reply, Say
from handlers.hours import actions, told
from handlers.hours.sentences import reason_in
from models import hours as model
from models.activities import ActivitySession
from models.hours import ServiceHours
from models.hours_lists import asked_of, unrecorded
from models.identity import Actor
from models.refusal import Refusal
from models.volunteers import open_stay

PER_PAGE = 5
NEXT_PAGE, ABSENT = 6, 8

chat = Chat("hours")
chat.also_said("志愿时长", "我做了多少小时", "我的志愿时长", "服务时长", "查时长")
chat.also_said("核对帮忙", "有人帮过我", "邻居帮过我")


@chat.says("志愿时长", "我的时长", "时长")
def mine(resident: Actor, page: int = 0) -> Reply:
    """Totals by state, then the records, each a digit away from what may be done with it."""
    session, me = resident.session, resident.me
    rows = list(session.scalars(model.hours_of(me).offset(page * PER_PAGE).limit(PER_PAGE + 1)))
    absent = session.scalar(unrecorded(me).limit(1)) is not None
    here = open_stay(session, me)
    if not rows and not absent and here is None:
        return Say("hours.none", offers={1: Offer("activities.sign_up")})
    offers: dict[int, Offer] = {n: one.offer(row=row) for n, row in enumerate(rows[:PER_PAGE], 1)}
    if len(rows) > PER_PAGE:
        offers[NEXT_PAGE] = mine.offer(page=page + 1)
    if absent:
        offers[ABSENT] = missing.offer()
    lines = [(row, told.state_words(row)) for row in rows[:PER_PAGE]]
    facts: dict[str, Any] = {"more": len(rows) > PER_PAGE, "absent": absent, "here": here}
    return Say("hours.mine", lines=lines, totals=model.minutes_by_state(session, me), offers=offers, **facts)


@chat.offered()
def one(resident: Actor, row: ServiceHours) -> Say:
    if row.person_id != resident.me.id:
        raise Refusal("hours.not_yours")
    offers: dict[int, Offer] = {}
    if told.may_object(row):
        offers[1] = wrong.offer(row=row)
    if row.state == "disputed" and row.objected_by == "volunteer":
        offers[2] = take_back.offer(row=row)
    offers[4] = mine.offer()
    return Say("hours.one", row=row, state=told.state_words(row), can=told.may_object(row), offers=offers)


@chat.dialogue(title="说时长不对")
async def wrong(resident: Actor, row: ServiceHours) -> Say:
    words = await Ask("what_is_wrong", reason_in, any_words=True, row=row)
    await Confirm("confirm_objection", words=words)
    return Say("objected", row=actions.object_to(resident, row, words))


@wrong.undo
def unsay(resident: Actor, row: ServiceHours, **_: object) -> Say:
    return Say("objection_gone", row=actions.take_back_objection(resident, row))


@chat.dialogue(title="收回异议")
async def take_back(resident: Actor, row: ServiceHours) -> Say:
    await Confirm("confirm_take_back", row=row)
    return Say("objection_gone", row=actions.take_back_objection(resident, row))


@chat.dialogue("来过没记上", "时长没记上", title="来过没记上")
async def missing(resident: Actor) -> Say:
    held: ActivitySession = await Choose("which_absent", unrecorded(resident.me), shown_as="session")
    words = await Ask("what_happened", reason_in, any_words=True)
    await Confirm("confirm_absent", session=held, words=words)
    return Say("absent_said", row=actions.claim_absent(resident, held, words))


@missing.undo
def not_missing(resident: Actor, row: ServiceHours, **_: object) -> Say:
    return Say("objection_gone", row=actions.take_back_objection(resident, row))


# ---- who was served ------------------------------------------------------------------------------------------------


@chat.says("核对帮忙")
def served(resident: Actor) -> Say:
    """What neighbours say that they did for this person, one after the other."""
    row = resident.session.scalars(asked_of(resident.me).limit(1)).first()
    if row is None:
        return Say("hours.nothing_to_check")
    offers = {1: it_was_so.offer(row=row), 2: it_was_not.offer(row=row)}
    return Say("hours.was_it_so", row=row, helper=row.person, offers=offers)


@chat.offered()
def it_was_so(resident: Actor, row: ServiceHours) -> Say:
    row = actions.served_says_yes(resident, row)
    more = resident.session.scalar(asked_of(resident.me).limit(1)) is not None
    return Say("said_yes", row=row, more=more, offers={1: served.offer()} if more else {})


@chat.dialogue(title="说帮忙不对")
async def it_was_not(resident: Actor, row: ServiceHours) -> Say:
    words = await Ask("what_was_not", reason_in, any_words=True)
    await Confirm("confirm_not_so", words=words)
    return Say("said_no", row=actions.served_says_no(resident, row, words))

"""Activities in chat: what is on, signing up by digit, one's own list, giving a seat back."""

from __future__ import annotations

from app.dialogue import Chat, Choose, Confirm, Offer, Reply, Say
from handlers.activities import actions
from handlers.people import actions as people
from models.activities import ActivitySession, joined_by, to_join
from models.identity import Actor
from models.people import live_consent

LISTED = 4

chat = Chat("activities")
chat.also_said(
    "活动报名", "我要报名", "我想参加活动", "有什么活动", "这周有什么活动", "报名参加活动", "最近有活动吗"
)
chat.also_said("我的报名", "退出活动", "取消报名", "不参加了", "我不参加了", "不去活动了")
chat.also_said("我的活动", "我报了什么活动", "我报名的活动", "我报的活动")


def may_sign_up(resident: Actor) -> None:
    """Who took the consent back is told before the list."""
    people.respect_withdrawal(resident, "volunteer")


@chat.dialogue("活动报名", "活动", "报名", title="活动报名", may=may_sign_up)
async def sign_up(resident: Actor) -> Say:
    session: ActivitySession = await Choose("which_session", to_join(resident.me), per_page=LISTED)
    what, place = session.activity.title, session.activity.place
    new = live_consent(resident.session, resident.me, "volunteer") is None
    await Confirm("confirm", what=what, place=place, starts=session.starts, ends=session.ends, new=new)
    enrolment = actions.sign_up(resident, session)
    return Say(
        "signed_up", session=enrolment.session, offers={5: mine.offer(), 6: give_up.offer(session=session)}
    )


@sign_up.undo
def take_back(resident: Actor, session: ActivitySession) -> Say:
    actions.leave(resident, session)
    return Say("left", session=session)


@chat.dialogue(title="退出活动")
async def give_up(resident: Actor, session: ActivitySession) -> Say:
    await Confirm("confirm_leaving", what=session.activity.title, starts=session.starts)
    enrolment = actions.leave(resident, session)
    return Say("left", session=enrolment.session)


@chat.says("我的活动", "我的报名")
def mine(resident: Actor) -> Reply:
    rows = list(resident.session.scalars(joined_by(resident.me).limit(LISTED)))
    if not rows:
        return Say("none_joined", offers={1: Offer(sign_up.name)})
    offers = {number: give_up.offer(session=row) for number, row in enumerate(rows, 1)}
    return Say("joined", sessions=rows, offers=offers)

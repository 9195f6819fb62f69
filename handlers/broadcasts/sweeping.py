"""What got lost on the way is found: people whose message is gone, calls without an end, reports without a call."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_, select, update

from app import audit, clock
from handlers.broadcasts import reports
from models import broadcast_run as run
from models.broadcast_run import EarlyCallReport
from models.broadcasts import Broadcast, BroadcastCall, BroadcastRecipient
from models.identity import Actor

KEY_LIVES = timedelta(
    hours=23
)  # clientmsgid lives 24 hours at WeChat (wechat.md §16); one is kept for the way
PARKED = timedelta(hours=24)
LOOKED_BACK = timedelta(days=2)
NOBODY_KNOWS = "不知道微信发了没有,过了一天不能再试。请看公众号后台的群发记录。"


def find_lost_letters(by: Actor) -> int:
    """Who was handed to the outbox and has no message there: poured again while it is being sent, otherwise nobody
    knows. Whose record is gone gets nothing any more."""
    recent = or_(Broadcast.state.in_(("sending", "paused")), Broadcast.ended_at > clock.now() - LOOKED_BACK)
    lately = BroadcastRecipient.broadcast_id.in_(select(Broadcast.id).where(recent))
    lost = BroadcastRecipient.state == "outbox", BroadcastRecipient.outbox_id.is_(None)
    unsettled = *lost, BroadcastRecipient.settled_as.is_(None)
    erased = BroadcastRecipient.person_id.is_(None)
    gone = _settle(by, *unsettled, lately, erased, state="cancelled", why="erased")
    on_its_way = select(Broadcast.id).where(Broadcast.state.in_(("sending", "paused")))
    again = _settle(by, *unsettled, BroadcastRecipient.broadcast_id.in_(on_its_way), state="queued")
    unknown = _settle(by, *unsettled, lately, settled_as="unknown")
    if again or unknown:
        audit.note(by, "broadcasts.find_lost", None, queued=again, unknown=unknown)
    return gone + again + unknown


def give_up_old_calls(by: Actor) -> int:
    """A call that was asked for a day ago and never answered, before a restore perhaps: WeChat has forgotten its id, so
    it is never asked for again (trust F27)."""
    old = BroadcastCall.first_sent_at < clock.now() - KEY_LIVES
    told = {"state": "unknown", "reason": NOBODY_KNOWS, "settled_at": clock.now()}
    given_up = run.settle_calls(by.session, old, states=("waiting", "sending"), **told)
    if given_up:
        audit.note(by, "broadcasts.give_up_calls", None, calls=given_up)
    return given_up


def match_early_reports(by: Actor) -> int:
    waiting = select(BroadcastCall).join(
        EarlyCallReport, EarlyCallReport.wechat_id == BroadcastCall.wechat_id
    )
    submitted = waiting.where(BroadcastCall.state == "submitted").with_for_update(of=BroadcastCall)
    matched = sum(reports.use_early(by.session, call) for call in by.session.scalars(submitted).all())
    by.session.execute(delete(EarlyCallReport).where(EarlyCallReport.at < clock.now() - PARKED))
    return matched


def _settle(by: Actor, *which: object, **values: object) -> int:
    statement = (
        update(BroadcastRecipient)
        .where(*which)  # type: ignore[arg-type]
        .values(**values)
        .returning(BroadcastRecipient.id)
        .execution_options(synchronize_session=False)
    )
    return len(by.session.execute(statement).all())

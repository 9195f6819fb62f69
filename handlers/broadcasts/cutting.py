"""Mass sends as rows: their readers are cut into calls of 2 to 10,000, each with an id that makes it safe to repeat.

The id follows from the broadcast's own code and the call's number: a house that was restored from yesterday's backup
makes the same ids again, and WeChat answers that it has them already (trust F27).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence

from sqlalchemy import select

from app import audit, clock
from handlers.broadcasts.pouring import Ways, pass_over
from models import broadcast_run as run
from models.broadcasts import Broadcast, BroadcastCall, BroadcastRecipient
from models.identity import Actor, Identity
from models.refusal import Refusal

LARGEST = 10_000
NOBODY_KNOWS = "停下时不知道微信收到没有,请看公众号后台。"
PUBLISH = "publish"
BY_MASS = BroadcastRecipient.road == "mass"


def cut(by: Actor, row: Broadcast, ways: Ways) -> None:
    """Make the calls of a broadcast that begins, and hand its people to them, each to one."""
    pass_over(by, row, BY_MASS)
    made = itertools.count(1)
    for app in ways.mass:
        for chunk in chunks(_readers_of(by, row, app), LARGEST):
            _hand_over(by, row, _make(by, row, "mass_openids", next(made), app), chunk)
    for app in ways.posts:
        if readers := _readers_of(by, row, app):
            _hand_over(by, row, _make(by, row, "mass_all", next(made), app), readers)
    # Whom no account may write to, and a single one, whom WeChat takes no mass send for: somebody goes to them.
    run.settle_queued(by.session, row, BY_MASS, state="paper", road="paper")
    if PUBLISH in row.roads and (ways.mass or ways.posts):
        _make(by, row, PUBLISH, 0, (*ways.mass, *ways.posts)[0])


def _readers_of(by: Actor, row: Broadcast, app: str) -> list[int]:
    """The ids of those still queued who follow this account."""
    readers = select(Identity.person_id).where(Identity.app == app, Identity.following)
    theirs = run.queued(row).where(BY_MASS, BroadcastRecipient.person_id.in_(readers))
    ids = theirs.with_only_columns(BroadcastRecipient.id).order_by(None)
    return sorted(by.session.scalars(ids))


def _hand_over(by: Actor, row: Broadcast, call: BroadcastCall, ids: Sequence[int]) -> None:
    """By ranges of 500: no database takes ten thousand numbers in one question."""
    for start in range(0, len(ids), 500):
        some = BroadcastRecipient.id.in_(ids[start : start + 500])
        run.settle_queued(by.session, row, some, state="call", call_id=call.id)


def chunks(ids: Sequence[int], largest: int) -> list[Sequence[int]]:
    """Of nearly the same length, so that nobody is left alone; none for a single one, whom a mass send cannot reach."""
    if len(ids) < 2:
        return []
    count = -(-len(ids) // largest)
    ends = [len(ids) * n // count for n in range(count + 1)]
    return [ids[start:stop] for start, stop in itertools.pairwise(ends)]


def _make(by: Actor, row: Broadcast, kind: str, number: int, app: str) -> BroadcastCall:
    client_id = _client_id(f"{row.code}:{number}")
    call = BroadcastCall(broadcast_id=row.id, number=number, kind=kind, app=app, client_id=client_id)
    by.session.add(call)
    by.session.flush()
    return call


def _client_id(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:32]


# ---- held, taken back, tried once more -------------------------------------------------------------------------------


def let_loose(by: Actor, row: Broadcast) -> int:
    """Whoever prepares a call and has not begun to send loses it."""
    mine = BroadcastCall.broadcast_id == row.id, run.not_begun()
    return run.settle_calls(by.session, *mine, states=("sending",), state="waiting", due=clock.now())


def take_back(by: Actor, row: Broadcast, state: str, reason: str) -> int:
    """Calls that have not begun end so; how many people they were for. One that was asked for and not answered may have
    been done: nobody knows, and it is not asked for again."""
    told = {"settled_at": clock.now()}
    maybe = BroadcastCall.broadcast_id == row.id, BroadcastCall.first_sent_at.is_not(None)
    unknown = told | {"state": "unknown", "reason": NOBODY_KNOWS}
    run.settle_calls(by.session, *maybe, states=("waiting",), **unknown)
    mine = BroadcastCall.broadcast_id == row.id, run.not_begun()
    kept = run.people_of_calls(by.session, *mine, states=("waiting", "sending"))
    run.settle_calls(by.session, *mine, states=("waiting", "sending"), state=state, reason=reason, **told)
    return kept


def again(by: Actor, call: BroadcastCall) -> None:
    """A call that failed for certain is asked for once more, with a new draft and a new id: WeChat would answer the old
    one that it has it already."""
    row = run.locked(by.session, call.broadcast_id)
    by.session.refresh(call, with_for_update=True)
    if row is None or call.state != "failed" or row.state not in ("sending", "paused", "done"):
        raise Refusal("broadcasts.not_again")
    if clock.now() >= run.useful_until(row):
        raise Refusal("broadcasts.no_use_any_more")
    call.client_id, call.state, call.due = _client_id(call.client_id), "waiting", clock.now()
    call.draft_media_id = call.first_sent_at = call.wechat_id = None
    call.errcode = call.reason = call.counts = call.settled_at = None
    if row.state == "done":
        row.state, row.ended_at = "sending", None
    audit.note(by, "broadcasts.call_again", call)

"""One account that WeChat does not know spoils a mass send to thousands (40003). Whose it is WeChat does not say: they
are found by asking after all of them, a hundred at a time, and somebody knocks at their doors instead."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.wechat.errors import WeChatError
from app.wechat.users import Users
from models.broadcasts import BroadcastRecipient
from models.identity import Identity

UNKNOWN = 40003
AT_ONCE = 100


def strangers_among(users: Users, openids: Sequence[str]) -> list[str]:
    """Those whom WeChat does not know; some ten questions for each, and one for every hundred that it knows."""
    parts = [openids[start : start + AT_ONCE] for start in range(0, len(openids), AT_ONCE)]
    return [openid for part in parts for openid in _unknown_in(users, part)]


def _unknown_in(users: Users, openids: Sequence[str]) -> list[str]:
    try:
        users.batch(openids)
    except WeChatError as error:
        if error.errcode != UNKNOWN:
            raise
    else:
        return []
    if len(openids) == 1:
        return list(openids)
    half = len(openids) // 2
    return _unknown_in(users, openids[:half]) + _unknown_in(users, openids[half:])


def leave_out(session: Session, call_id: int, app: str, openids: Sequence[str]) -> None:
    """They follow no account of ours, whatever we thought: what was meant for them is told at the door."""
    for start in range(0, len(openids), AT_ONCE):
        some = Identity.app == app, Identity.openid.in_(openids[start : start + AT_ONCE])
        session.execute(update(Identity).where(*some).values(following=False))
        knock(session, call_id, BroadcastRecipient.person_id.in_(select(Identity.person_id).where(*some)))


def knock(session: Session, call_id: int, *which: object) -> None:
    """Take these people out of a call that was never made."""
    theirs = update(BroadcastRecipient).where(BroadcastRecipient.call_id == call_id, *which)  # type: ignore[arg-type]
    session.execute(
        theirs.values(state="paper", road="paper", call_id=None).execution_options(synchronize_session=False)
    )

"""What WeChat's answer means for a message: gone, again later, by another road, never, or nobody knows.

Only two things allow a second sending: the certainty that the first never happened, or WeChat's own key against
repeats while it lives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app import clock
from app.wechat.errors import CREDENTIAL_PATH, Handling, NotWeChat, WeChatError
from app.wechat.quota import QUOTA_USED, next_morning
from models.dispatch import Claimed
from models.outbox import RETRIED_WITHIN
from scheduler.letters import Letter
from scheduler.roads import Road

KEY_LIVES = timedelta(
    minutes=9
)  # client_msg_id lives ten minutes at WeChat (wechat.md §14); one is kept for the way
LEASE = timedelta(seconds=60)
KEEP_KEYS = ("template", "notice")
MOST_FAULTS = 8
MOST_TRIES = 300  # a try every five minutes: about a day of WeChat being away
PERSON_OUT_OF_REACH = frozenset({Handling.WINDOW, Handling.GRANT, Handling.UNREACHABLE})
ROAD_CLOSED = frozenset({Handling.CAPABILITY, Handling.CONTENT, Handling.CONFIGURATION})
AGAIN = frozenset({Handling.PASSING, Handling.PACE, Handling.CREDENTIAL})

NO_ROAD = "公众号联系不到本人,请打电话或上门。"
NOBODY_KNOWS = "不知道是否已送达,请打电话问一下。"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`values` are written into the row. `next_road`: they hold only when no other road is left. `closed_until`: the
    road is closed for everybody until then. `fault`: what WeChat said instead of taking it."""

    values: dict[str, Any]
    next_road: bool = False
    closed_until: datetime | None = None
    fault: WeChatError | NotWeChat | None = None

    @property
    def silent(self) -> bool:
        """WeChat gave no valid answer."""
        return isinstance(self.fault, NotWeChat)

    @property
    def state(self) -> str:
        return str(self.values["state"])


def submitted(wechat_id: str) -> Outcome:
    return Outcome({"state": "submitted", "wechat_id": wechat_id or None, "errcode": None, "reason": None})


def unreachable() -> Outcome:
    """No road leads to this person."""
    return Outcome(_ended("failed", NO_ROAD))


def unknown() -> Outcome:
    return Outcome(_ended("unknown", NOBODY_KNOWS))


def broken() -> Outcome:
    """Our own words or settings do not make a message of it, however often we try."""
    return Outcome(_ended("failed", "系统出错,没有发出。请打电话告诉本人,并通知管理员。"))


def not_made(claimed: Claimed) -> Outcome:
    """A fault of ours before anything was begun: later perhaps, but not for ever."""
    if claimed.tries >= MOST_FAULTS:
        return broken()
    return Outcome({"state": "waiting", "due": clock.now() + LEASE})


def given_back(letter: Letter) -> Outcome:
    """It was not sent after all; whoever has a hand free may take it."""
    return Outcome(_again(letter, clock.now()))


def of_halted(letter: Letter, reason: str | None) -> Outcome:
    """Its bundle was held, or stopped with a reason, before it was sent this time."""
    if reason is None:
        return Outcome(_again(letter, clock.now()) | {"state": "held"})
    return Outcome(_ended("unknown" if letter.first_sent_at else "cancelled", reason))


def not_to_be_sent(letter: Letter, testers: frozenset[str] | None) -> Outcome | None:
    """Why the message must not go out any more; `testers` are the only readers of a trial, None when it is none."""
    if letter.useful_until is not None and clock.now() >= letter.useful_until:
        return unknown() if letter.first_sent_at else Outcome(_ended("expired", "过了时间,没有再发。"))
    if letter.erased:
        return Outcome(_ended("cancelled", "本人已删除资料。"))
    if letter.unwanted and letter.first_sent_at is None:
        return Outcome(_ended("cancelled", "本人关掉了这类通知。"))
    if testers is not None and (letter.reader is None or letter.reader.openid not in testers):
        return Outcome(_ended("cancelled", "名单模式:只发给名单里的人。"))
    return None


def may_have_left(letter: Letter) -> bool:
    """An earlier claim began to send and never wrote down the end, and no key protects a second sending."""
    sent_at = letter.first_sent_at
    return sent_at is not None and (letter.road not in KEEP_KEYS or clock.now() - sent_at > KEY_LIVES)


def paused(letter: Letter, until: datetime, reason: str) -> Outcome:
    """The road is closed for everybody for a while: nothing was sent."""
    return Outcome(_again(letter, until) | {"reason": reason})


def refused(error: WeChatError, letter: Letter) -> Outcome:
    """WeChat said no for certain: nothing was sent this time, so trying again is harmless where it can help."""
    told = {"errcode": error.errcode, "reason": error.advice}
    if error.handling is Handling.DONE:
        return submitted(str(error.answer.get("msg_id") or error.answer.get("msgid") or ""))
    if error.handling is Handling.QUOTA:
        until = next_morning()
        values = _again(letter, until) | told | {"reason": QUOTA_USED}
        return Outcome(values, next_road=True, closed_until=until, fault=error)
    if error.path != CREDENTIAL_PATH and error.handling in PERSON_OUT_OF_REACH | ROAD_CLOSED:
        return Outcome(_ended("failed", error.advice) | told, next_road=True, fault=error)
    if letter.tries < MOST_TRIES and (error.path == CREDENTIAL_PATH or error.handling in AGAIN):
        closed = _next_minute() if error.handling is Handling.PACE else None
        values = _again(letter, closed or _later(letter.tries)) | told
        return Outcome(values, closed_until=closed, fault=error)
    return Outcome(_ended("failed", error.advice) | told, fault=error)


def silence(fault: NotWeChat, letter: Letter, road: Road) -> Outcome:
    """No valid answer. It may have been sent: only a key, or the certainty that it never left, allows a second try."""
    never_left = not fault.maybe_done or fault.path == CREDENTIAL_PATH
    told = {"reason": fault.advice}
    if letter.tries >= MOST_TRIES or not (never_left or road.keeps_key):
        return Outcome(_ended("unknown", NOBODY_KNOWS), fault=fault)
    again = _again(letter, _later(letter.tries)) if never_left else _same_again(letter)
    return Outcome(again | told, fault=fault)


def _ended(state: str, reason: str) -> dict[str, Any]:
    return {"state": state, "settled_at": clock.now(), "reason": reason}


def _again(letter: Letter, due: datetime) -> dict[str, Any]:
    """As it was before this try: what an earlier one may have sent stays in memory."""
    return {
        "state": "waiting",
        "due": due,
        "first_sent_at": letter.first_sent_at,
        "road": letter.road,
    }


def _same_again(letter: Letter) -> dict[str, Any]:
    """The same message with the same key: it has perhaps arrived."""
    return {"state": "waiting", "due": _later(letter.tries)}


def _later(tries: int) -> datetime:
    return clock.now() + min(RETRIED_WITHIN, timedelta(seconds=2 ** min(tries, 9)))


def _next_minute() -> datetime:
    return clock.now().replace(second=0, microsecond=0) + timedelta(seconds=61)

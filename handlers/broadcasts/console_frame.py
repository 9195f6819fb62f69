"""The frame around the pages of one broadcast: where it stands, and its way from the words to what came of it.

A page of a broadcast renders a template that extends broadcasts/console_frame.html with `**frame_of(row, "progress")`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import current_app, url_for
from sqlalchemy.orm import object_session

from app.channels.console import admits
from models.approval import standing_return
from models.broadcasts import OPEN, Broadcast
from models.notices import newest

READERS = ("desk", "first_review", "second_review", "approver")
# step → (its words, its page, the states in which it is the next thing to do)
STEPS = {
    "write": ("写", "broadcasts_console.write", ()),
    "people": ("选人", "broadcasts_console.people", ()),
    "test": ("试发", "broadcasts_console.test", ("draft",)),
    "plan": ("送审", "broadcasts_console.plan", ()),
    "decide": ("终审", "broadcasts_console.decide", ("proposed",)),
    "progress": ("发送", "broadcasts_console.progress", ("approved", "sending", "paused")),
    "report": ("结果", "broadcasts_console.report", ("done", "stopped", "expired")),
}
STATES = {
    "draft": ("草稿", ""),
    "proposed": ("等终审", "wait"),
    "approved": ("等着发", "calm"),
    "sending": ("正在发", "good"),
    "paused": ("暂停了", "wait"),
    "done": ("发完了", "good"),
    "stopped": ("停掉了", "bad"),
    "expired": ("过期没发", "bad"),
}
ROAD_NAMES = {
    "custom": "微信对话",
    "notice": "订阅通知",
    "mini": "小程序订阅",
    "mass": "公众号群发",
    "paper": "上门告知",
    "publish": "发表文章",
}


class Step(NamedTuple):
    words: str
    address: str | None
    here: bool
    now: bool


def frame_of(row: Broadcast, step: str) -> dict[str, Any]:
    """What the frame needs to know; `step` is the page that is shown."""
    steps = [_step(row, key, step) for key in STEPS]
    state, style = STATES[row.state]
    facts: dict[str, Any] = {"row": row, "steps": steps, "road_names": ROAD_NAMES}
    return facts | {"state": state, "state_style": style} | _warned_of(row)


def _warned_of(row: Broadcast) -> dict[str, Any]:
    """What whoever prepares it must know on every step: why it came back, and that the notice has newer words."""
    session = object_session(row)
    if session is None or row.state not in OPEN:
        return {}
    last = newest(session, row.notice)
    newer = last if last.id != row.version_id else None
    return {"returned": standing_return(session, row), "newer": newer}


def page_of(row: Broadcast) -> str:
    """The address of what is to be done, or seen, next."""
    key = next(key for key, (_, _, states) in STEPS.items() if row.state in states)
    return _address(row, key) or url_for("broadcasts_console.decide", number=row.id)


def _step(row: Broadcast, key: str, shown: str) -> Step:
    words, _, states = STEPS[key]
    reached = key in ("write", "people", "test", "plan") or _has_come_to(row, key)
    return Step(words, _address(row, key) if reached else None, key == shown, row.state in states)


def _has_come_to(row: Broadcast, key: str) -> bool:
    approved = row.approved_at is not None
    return approved if key in ("progress", "report") else approved or row.state == "proposed"


def _address(row: Broadcast, key: str) -> str | None:
    endpoint = STEPS[key][1]
    open_to_me = endpoint in current_app.view_functions and admits(endpoint)
    return url_for(endpoint, number=row.id) if open_to_me else None

"""Events about subscription notices: who allowed which template, and what became of a notice.

XML wraps the rows in an element and repeats `<List>`; JSON has `List` at the top, an object when there is
one row. One official sample wraps a change in the popup's element, so every wrapper is looked into.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.wechat.events import EVENTS, Event
from app.wechat.markup import Tree
from app.wechat.push import kind, name, rows, sent, whole

_WRAPPERS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")


def _listed(tree: Any) -> list[Tree]:
    if not isinstance(tree, dict):
        return []
    holders = [tree, *(tree[wrapper] for wrapper in _WRAPPERS if isinstance(tree.get(wrapper), dict))]
    return [row for holder in holders for row in rows(holder.get("List"))]


@dataclass(frozen=True, slots=True)
class Grant:
    """One template's answer; `popup` is where it was asked: 1 H5, 2 article, 0 mini-program."""

    template_id: str
    accepted: bool
    popup: int


def _grants(tree: Any) -> tuple[Grant, ...]:
    return tuple(
        Grant(
            name(row.get("TemplateId")),
            name(row.get("SubscribeStatusString")).lower() == "accept",
            whole(row.get("PopupScene")),
        )
        for row in _listed(tree)
    )


@kind(EVENTS, "subscribe_msg_popup_event")
class SubscriptionsAsked(Event):
    """Answers of a real popup only: a remembered "always" shows none, so grants are counted elsewhere too."""

    grants: tuple[Grant, ...] = sent(read=_grants)


@kind(EVENTS, "subscribe_msg_change_event")
class SubscriptionsChanged(Event):
    """Changed in the person's settings; WeChat reports refusals only."""

    grants: tuple[Grant, ...] = sent(read=_grants)


@dataclass(frozen=True, slots=True)
class NoticeResult:
    template_id: str
    msg_id: str
    errcode: int
    status: str

    @property
    def ok(self) -> bool:
        return self.errcode == 0


def _results(tree: Any) -> tuple[NoticeResult, ...]:
    return tuple(
        NoticeResult(
            name(row.get("TemplateId")),
            name(row.get("MsgID")),
            whole(row.get("ErrorCode")),
            name(row.get("ErrorStatus")),
        )
        for row in _listed(tree)
    )


@kind(EVENTS, "subscribe_msg_sent_event")
class SubscriptionsSent(Event):
    """What became of notices sent by bizsend."""

    results: tuple[NoticeResult, ...] = sent(read=_results)

"""Receipts: somebody's own sign that a broadcast reached them. They opened its page or pressed 收到了 ("page"),
answered 收到 ("word"), or opened the notice from a list ("menu"). The first sign counts."""

from __future__ import annotations

from app import audit, clock
from models import reach as model
from models.broadcasts import Broadcast, BroadcastRecipient
from models.identity import Actor
from models.notices import Notice


def receive(by: Actor, row: BroadcastRecipient, how: str) -> bool:
    """False when they had given a sign before."""
    first = model.mark_read(by.session, row, how)
    if first:
        audit.note(by, "broadcasts.read", row, how=how)
    return first


def receive_page(by: Actor, broadcast: Broadcast) -> bool:
    """Who opened the page but is not in the audience leaves no trace; nor does a tester's look before it is sent."""
    row = model.recipient_of(by.session, broadcast, by.me)
    return row is not None and broadcast.begun_at is not None and receive(by, row, "page")


def receive_notice(by: Actor, notice: Notice) -> None:
    """The notice was shown to them whole: whatever broadcast told them of it has done its work."""
    for row in by.session.scalars(model.unread_of_notice(by.me, notice)).all():
        receive(by, row, "menu")


def note_aside(by: Actor, row: BroadcastRecipient) -> None:
    """They were told beside an answer that there is this notice: once, and that is no sign that they read it."""
    row.aside_at = clock.now()
    audit.note(by, "broadcasts.aside", row)

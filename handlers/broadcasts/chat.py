"""Broadcasts in chat: "收到" is a receipt, a notice read from a list is one too, and whoever missed one hears of it
beside the answer to something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.dialogue import Chat, Reply, Say
from handlers.broadcasts import reading
from models import reach
from models.broadcasts import BroadcastRecipient
from models.conversation import Conversation
from models.desk import open_talk_of
from models.identity import Actor
from models.notices import Notice

chat = Chat("broadcasts")

RECEIPTS = frozenset({"收到", "已收到", "看到了", "已阅", "收到谢谢", "看过了"})
# Words of everyday: a receipt only when they are the first that somebody says since the message came.
PERHAPS = frozenset({"知道了", "好的", "好的谢谢", "明白了", "嗯", "嗯嗯", "ok", "好", "谢谢"})
ALSO_OF_WISHES = "收到了"
OUT_OF_PLACE = ("notices.", "care.", "desk.scam", "desk.complaint", "desk.emergency_numbers")


@chat.listens("receipts")
def receipt(resident: Actor, text: str) -> Reply:
    if text not in RECEIPTS and text not in PERHAPS:
        return None
    found = resident.session.execute(reach.came_lately(resident.me).limit(1)).first()
    if found is None or (text in PERHAPS and _spoke_since(resident, found.left)):
        return None
    return _thank(resident, found[0])


@chat.listens("everyday")
def receipt_after_all(resident: Actor, text: str) -> Reply:
    """ "收到了" is first of all about a wish."""
    if text != ALSO_OF_WISHES:
        return None
    found = resident.session.execute(reach.came_lately(resident.me).limit(1)).first()
    return _thank(resident, found[0]) if found else None


def _thank(resident: Actor, row: BroadcastRecipient) -> Say:
    reading.receive(resident, row, "word")
    return Say("broadcasts.thanks", title=row.broadcast.version.content["title"])


def _spoke_since(resident: Actor, left: datetime) -> bool:
    """Whether they have said something else in between: then it is no answer to what was sent."""
    if resident.identity is None:
        return True
    talk = resident.session.get(Conversation, resident.identity.id)
    return talk is not None and talk.spoke_at is not None and talk.spoke_at > left


@chat.hears_said("notices.one")
def was_shown(resident: Actor, facts: Mapping[str, Any]) -> None:
    notice = facts["notice"]
    if isinstance(notice, Notice) and resident.person is not None:
        reading.receive_notice(resident, notice)


@chat.adds
def missed(resident: Actor, said: Sequence[str]) -> Reply:
    """Not while the staff are, or will be, in the talk, nor beside notices, nor to somebody in trouble."""
    if any(key.startswith(OUT_OF_PLACE) for key in said):
        return None
    row = reach.missed_by(resident.session, resident.me)
    if row is None or open_talk_of(resident.session, resident.me) is not None:
        return None
    reading.note_aside(resident, row)
    return Say("missed", title=row.broadcast.version.content["title"])

"""What is typed from a poster ("通知12"), and what is answered to whoever scans the account's own poster."""

from __future__ import annotations

import re

from app.dialogue import Chat, Offer, Reply, Say
from models.identity import Actor
from models.notices import Notice

TYPED = re.compile(r"通知\s*(\d{1,6})")

chat = Chat("posters")


@chat.listens("guides")
def typed_from_poster(resident: Actor, text: str) -> Reply:
    found = TYPED.fullmatch(text.strip())
    notice = resident.session.get(Notice, int(found[1])) if found else None
    if notice is None or notice.state != "published":
        return None
    return Say("posters.notice", notice=notice, offers={1: Offer("notices.read", {"notice": notice})})


@chat.scanned("poster")
def scanned_the_account(resident: Actor, _which: str) -> Say:
    return Say("posters.welcome", words=("预约服务", "最新通知", "人工"))

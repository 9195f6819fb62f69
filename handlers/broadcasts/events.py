"""WeChat's own word on a mass send or a publication of ours. Nobody is answered."""

from __future__ import annotations

from app.wechat.events import MassDone, PublishDone
from handlers.broadcasts import reports
from handlers.broadcasts.chat import chat
from models.identity import Actor


@chat.event("MASSSENDJOBFINISH")
def mass_done(by: Actor, push: MassDone) -> None:
    reports.take_mass(by.session, push)


@chat.event("PUBLISHJOBFINISH")
def publication_done(by: Actor, push: PublishDone) -> None:
    reports.take_publication(by.session, push)

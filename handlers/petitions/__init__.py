"""Petitions received by video: a room, a leader, papers, clocks of the law; nothing of it is seen elsewhere (C4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.database import lane_beside
from app.feature import Feature, Waits
from handlers.petitions import (  # noqa: F401 — they enter their words into the chat, their pages into the console
    actions,
    chat_photos,
    console_case,
    console_others,
    console_plan,
)
from handlers.petitions.chat import chat
from handlers.petitions.console import console
from handlers.petitions.jobs import JOBS
from handlers.petitions.pages import pages
from handlers.petitions.photos import fetch_photos
from handlers.petitions.rights import forget
from handlers.petitions.seed import seed
from models.base import count_rows
from models.petitions_clock import WARN_DAYS
from models.petitions_lists import due_within, no_clock_without_alarm, registered_ones_keep_their_rules
from models.petitions_plan import taken_times_are_occupied


def due_soon(session: Session, since: datetime | None) -> int:
    """A number only. What came since is told by the bell of the alarm."""
    if since is not None:
        return 0
    with lane_beside(session).reading() as lane:
        return count_rows(lane, due_within(WARN_DAYS))


def clocks_hold(session: Session) -> Sequence[str]:
    with lane_beside(session).reading() as lane:
        return [*no_clock_without_alarm(lane), *registered_ones_keep_their_rules(lane)]


feature = Feature(
    name="petitions",
    title="视频接访",
    chat=chat,
    pages=pages,
    console=console,
    console_menu=(("接访", "petitions_console.petitions", "petition"),),
    erase=forget,
    invariants=[taken_times_are_occupied, clocks_hold],
    jobs=JOBS,
    errands=(fetch_photos,),
    waits=(Waits("信访期限快到", ("petitions",), due_soon),),
    essentials=actions.install_first_rules,
    seed=seed,
)

"""A job is what happens because time passed: a function of the site, and when it is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from apscheduler.triggers.base import BaseTrigger

if TYPE_CHECKING:
    from app.site import Site
    from models.identity import Actor


class More(str):
    """What a run says that has left some for later: it is due again at once. A backlog is worked off in slices, because
    whoever writes on SQLite waits for the unit of a job."""

    __slots__ = ()


def so_many(done: int, most: int, what: str) -> str:
    """ "12 letters"; with `most` of them, which is a full slice, there may be more."""
    told = f"{done} {what}"
    return More(told) if done >= most else told


@dataclass(frozen=True, slots=True)
class Job:
    """`run` works in one unit of work and returns a word for the staff ("3 reminders"). A run that is later than
    `useful_for` expires visibly instead of running. What only looks, and for long, does that in `look`, before the unit
    is begun (nobody else waits for it to write); its word is the run's."""

    name: str
    run: Callable[[Actor], str]
    trigger: BaseTrigger
    useful_for: timedelta
    look: Callable[[Site], str] | None = None

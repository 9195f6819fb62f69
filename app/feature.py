"""What a feature offers the house. The house walks the list in handlers.FEATURES and knows no feature by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.dialogue import Chat
from models.base import count_rows
from models.identity import Actor, Person

if TYPE_CHECKING:
    from app.jobs import Job
    from app.site import Site
    from app.work import WorkKind

Export = Callable[[Session, Person], Mapping[str, Any]]
Erase = Callable[[Actor, Person], None]
Merge = Callable[[Actor, Person, Person], Any]
Part = Callable[[Actor, Person, Person, Any], None]
Invariant = Callable[[Session], Sequence[str]]
Instants = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
Errand = Callable[["Site"], int]


@dataclass(frozen=True, slots=True)
class Waits:
    """What waits for somebody of these roles: `count(session, since)` says how much there is, or how much of it came
    after `since`. The person on duty and the morning's digest are told of it, in numbers only."""

    words: str
    roles: tuple[str, ...]
    count: Callable[[Session, datetime | None], int]

    @classmethod
    def rows(
        cls, words: str, roles: tuple[str, ...], waiting: Callable[[], Select[Any]], came: Instants
    ) -> Waits:
        """What waits are the rows of this statement; `came` is the column that says since when."""

        def count(session: Session, since: datetime | None) -> int:
            found = waiting() if since is None else waiting().where(came > since)
            return count_rows(session, found)

        return cls(words, roles, count)


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature, whole. `export` gives what we keep of a person under Chinese headings; `erase` removes or
    anonymises it. `merge(by, kept, gone)` moves what belongs to `gone` over to `kept`: rows are moved, not deleted,
    since they are handed back when the two are parted; a row that would double may stay with `gone`. What it returns
    (JSON, or None) is remembered. Then `part(by, kept, gone, remembered)` puts right what was doubled or derived.
    An invariant lists what is broken, in words. `waits` are told to the person on duty. `errands` are run by the
    scheduler's hands again and again: they may ask the network, open their own units, and say how much they did.
    `works` are done outside a request, with progress that a page polls.
    `restored` is told when a backup was put in place: what may have happened since must not be done again unasked.
    `warm` reads what the first message would wait for, once in each web process before it answers anybody.
    `essentials` makes the rows that every installation needs, live ones too: it runs after each migration and does
    nothing the second time; `seed` builds invented neighbours. Blueprints are mounted by their channel: api under
    /api/v1, pages under /h5 (`root` at the root, for files that WeChat looks for there), console under /console."""

    name: str
    title: str
    chat: Chat | None = None
    api: Any = None
    pages: Blueprint | None = None
    root: Blueprint | None = None
    console: Blueprint | None = None
    console_menu: Sequence[tuple[str, str, str]] = ()
    export: Export | None = None
    erase: Erase | None = None
    merge: Merge | None = None
    part: Part | None = None
    invariants: Sequence[Invariant] = ()
    jobs: Sequence[Job] = ()
    works: Sequence[WorkKind] = ()
    waits: Sequence[Waits] = ()
    errands: Sequence[Errand] = ()
    restored: Callable[[Actor], None] | None = None
    warm: Callable[[Session], object] | None = None
    essentials: Callable[[Session], None] | None = None
    seed: Callable[[Session], None] | None = None

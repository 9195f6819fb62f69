"""Long work: what a feature offers to be done outside a request (Feature.works), and the hand that does it.

A page calls `ask_for(by, kind, facts)` and goes to `console.work`, which polls the row. The scheduler's process runs
`run_waiting`; every step writes down how far it is, so that a stop is heard and a killed worker is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from sqlalchemy.orm import Session

from app import audit, clock, files
from models import work as model
from models.identity import Actor
from models.refusal import Refusal
from models.staff import StaffMember
from models.work import Work

if TYPE_CHECKING:
    from app.site import Site

T = TypeVar("T")
log = structlog.get_logger()
FILES_LIVE = timedelta(hours=24)


class Stopped(Exception):
    """Whoever asked has stopped it, or another worker has taken it over: leave at once, without a word."""


@dataclass(frozen=True, slots=True)
class WorkKind:
    """`run` does the work step by step and returns what came of it (JSON) for the template `shown_by`, which gets
    `work` and `result`. It may be run again after a crash: what it writes must bear that."""

    name: str
    title: str
    run: Callable[[Task], Mapping[str, Any]]
    shown_by: str | None = None


class Task:
    """One try at a piece of work, as its kind sees it: the site, what was asked, and how to say how far it is."""

    def __init__(self, site: Site, row: Work) -> None:
        self.site = site
        self.id, self.facts, self.staff_id = row.id, row.facts, row.staff_id
        self._tries = row.tries

    def step(self, done: int, total: int, words: str = "") -> None:
        """Say how far it is; raises Stopped when nobody wants it any more. Call it at least every ten seconds."""
        values = {"done": done, "total": total, "words": words[: model.LONGEST_WORDS]}
        if not self.site.database.writing(lambda s: model.keep(s, self.id, self._tries, **values)):
            raise Stopped

    def writing(self, unit: Callable[[Actor], T]) -> T:
        """One unit of work as the member of staff who asked; raises Stopped instead of writing for nobody."""

        def guarded(session: Session) -> T:
            if not model.keep(session, self.id, self._tries):
                raise Stopped
            staff = session.get_one(StaffMember, self.staff_id)
            return unit(Actor(session, staff=staff, channel="console"))

        return self.site.database.writing(guarded)

    def give_file(self, content: bytes, *, name: str, media_type: str, purpose: str) -> None:
        """A file for whoever asked, to be taken away within a day."""

        def unit(by: Actor) -> None:
            until = clock.now() + FILES_LIVE
            kept = files.store(
                by.session,
                content,
                purpose=purpose,
                name=name,
                media_type=media_type,
                owner=by.staff,
                until=until,
            )
            model.keep(by.session, self.id, self._tries, file_id=kept.id)

        self.writing(unit)

    def end(self, state: str, words: str, result: Mapping[str, Any] | None) -> None:
        values = {"state": state, "words": words[: model.LONGEST_WORDS], "ended_at": clock.now()}
        if result is not None:
            values["result"] = dict(result)
        self.site.database.writing(lambda s: model.keep(s, self.id, self._tries, **values))


def ask_for(by: Actor, kind: str, **facts: Any) -> Work:
    """Put a piece of work into the line; the page `console.work` shows how far it is."""
    if by.staff is None:
        raise Refusal("staff.not_yours")
    row = Work(kind=kind, staff_id=by.staff.id, facts=facts)
    by.session.add(row)
    audit.note(by, "house.ask_for_work", row, kind=kind)
    return row


def kinds_of(site: Site) -> dict[str, WorkKind]:
    return {kind.name: kind for feature in site.house.features for kind in feature.works}


def run_waiting(site: Site) -> int:
    """Do what is in the line, one after the other; how many pieces were taken."""
    kinds, taken = kinds_of(site), 0
    while (row := site.database.writing(model.claim)) is not None:
        taken += 1
        _run(site, kinds.get(row.kind), row)
    return taken


def _run(site: Site, kind: WorkKind | None, row: Work) -> None:
    task = Task(site, row)
    try:
        if kind is None:
            task.end("failed", "这个版本不会做这件事了。", None)
            return
        result = kind.run(task)
        task.end("done", "做完了。", result)
    except Stopped:
        return
    except Refusal as why:
        task.end("failed", site.house.refusal_words(why), None)
    except Exception:
        log.exception("work_failed", work=row.id, kind=row.kind)
        task.end("failed", "没有做成,已经记下原因,请告诉管理员。", None)


def forget_old(session: Session, before: datetime) -> int:
    rows = session.scalars(model.over_before(before)).all()
    for row in rows:
        session.delete(row)
    return len(rows)

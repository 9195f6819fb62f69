"""The figures that the community reads: services under their names, windows, and each helper's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.rating_fair import (
    LEAST_SHOWN,
    Batch,
    Dated,
    Fair,
    Rated,
    Usual,
    batches,
    drawn,
    fair,
    mean,
    shown_of,
    usual,
)
from models.ratings import FACES, Rating, this_week

LONG_WAIT = "等得久"


@dataclass(frozen=True, slots=True)
class Score:
    """One service. `average` is the share of 好 (一般 counts half), drawn towards that of all while there are few."""

    subject: str
    title: str
    faces: dict[int, int]
    average: float
    points: list[tuple[date, float]]

    @property
    def count(self) -> int:
        return sum(self.faces.values())

    @property
    def shown(self) -> bool:
        return self.count >= LEAST_SHOWN


@dataclass(frozen=True, slots=True)
class Figures:
    """All of a span of time: nothing here is a ranking."""

    scores: list[Score]
    windows: list[tuple[str, Fair]]
    usual: Usual

    @property
    def overall(self) -> float:
        return float(self.usual.overall)


def figures(session: Session, since: date, until: date = date.max) -> Figures:
    """Every service and every window that was rated, by name."""
    services, titles = _batches_by(session, Rating.subject), _titles(session)
    shown = {subject: shown_of(found, since, until) for subject, found in services.items()}
    than = usual(row for rows in shown.values() for row in rows)
    scores = [
        _score(subject, titles[subject], rows, than, services[subject]) for subject, rows in shown.items()
    ]
    windows = _batches_by(session, Rating.counter)
    told = [(name, fair(shown_of(found, since, until), than)) for name, found in windows.items()]
    return Figures(sorted(scores, key=lambda one: one.title), sorted(told), than)


def helper_figure(session: Session, staff_id: int, since: date, until: date = date.max) -> Fair:
    """What only this helper reads of their own ratings."""
    mine = _batches_by(session, Rating.helper_id, Rating.helper_id == staff_id).get(str(staff_id), [])
    return fair(shown_of(mine, since, until), figures(session, since, until).usual)


def helper_words(session: Session, staff_id: int, since: date) -> list[str]:
    """What was said to this helper, of weeks whose ratings are shown, in no order that tells when."""
    found = _batches_by(session, Rating.helper_id, Rating.helper_id == staff_id).get(str(staff_id), [])
    if not found:
        return []
    shown = Rating.week <= found[-1].week, Rating.week >= since
    said = select(Rating).where(Rating.helper_id == staff_id, Rating.words.is_not(None), *shown)
    return [row.words or "" for row in session.scalars(said.order_by(Rating.key))]


def kind_of(subject: str, *, waited: bool) -> str:
    """What is compared with each other: the same service, and as long a wait."""
    return f"{subject}|{LONG_WAIT}" if waited else subject


def _batches_by(
    session: Session,
    key: InstrumentedAttribute[str] | InstrumentedAttribute[str | None] | InstrumentedAttribute[int | None],
    *only: ColumnElement[bool],
) -> dict[str, list[Batch]]:
    cells = key, Rating.week, Rating.subject, Rating.waited, Rating.face
    rows = session.execute(select(*cells, func.count()).where(key.is_not(None), *only).group_by(*cells))
    found: dict[str, list[Dated]] = {}
    for name, week, subject, waited, face, count in rows:
        rated = Rated(kind_of(subject, waited=waited), face, count)
        found.setdefault(str(name), []).append(Dated(week, rated))
    return {name: list(batches(dated, this_week())) for name, dated in found.items()}


def _titles(session: Session) -> dict[str, str]:
    named = select(Rating.subject, func.max(Rating.title)).group_by(Rating.subject)
    return {row[0]: row[1] for row in session.execute(named)}


def _score(subject: str, title: str, rows: list[Rated], than: Usual, found: list[Batch]) -> Score:
    faces = {face: sum(row.many for row in rows if row.face == face) for face in FACES}
    points = [(batch.week, float(mean(batch.rated))) for batch in found]
    kept = {face: count for face, count in faces.items() if count}
    return Score(subject, title, kept, float(drawn(rows, than.overall)), points)

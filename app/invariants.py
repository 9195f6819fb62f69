"""What must hold (trust I1 to I16), asked of the data itself: by `flask check-invariants`, every night, and after every
restore. Each is one question to the database or a few, whatever the number of rows; what takes longer says so. However
many rows are broken, ten are named and the others counted."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import clock, files
from app.feature import Feature, Invariant
from app.patience import unhurried
from app.wechat.tokens import token_fetched_too_often
from models.audit_chain import broken_chain, broken_chain_tonight
from models.inbox import InboxRow
from models.outbox import OutboxRow
from models.retention import kept_too_long
from models.stored_file import StoredFile

if TYPE_CHECKING:
    from redis import Redis

HOUSE = "house"
NUMBER = re.compile(r"\bI\d+\b")
MOST_NAMED = 10
YOUNG = timedelta(hours=1)  # a file is written before its row is committed


@dataclass(frozen=True, slots=True)
class Asked:
    """One invariant when it was asked: whose it is, what it is called, its number in trust.md where it says one, how
    many do not hold and the first of them, and how long the answer took."""

    owner: str
    name: str
    number: str
    count: int
    first: Sequence[str]
    seconds: float

    @property
    def line(self) -> str:
        return f"{self.number or '-':<4} {self.owner}.{self.name}  {self.count} broken  {self.seconds:.3f} s"

    @property
    def broken(self) -> list[str]:
        """In words, however many they are."""
        more = self.count - len(self.first)
        said = [f"{self.owner}: {line}" for line in self.first]
        return [*said, f"{self.owner}: and {more} more of {self.name}"] if more else said


def ask_all(
    session: Session,
    features: Iterable[Feature],
    redis: Redis | None = None,
    chain: Invariant = broken_chain,
) -> Iterator[Asked]:
    """The house's own, then each feature's. What is kept in `redis` is asked where that is at hand."""
    with unhurried(session):
        for invariant in (chain, *OF_THE_HOUSE):
            yield _ask(HOUSE, invariant, session)
        if redis is not None:
            yield _ask(HOUSE, token_fetched_too_often, redis)
        for feature in features:
            for invariant in feature.invariants:
                yield _ask(feature.name, invariant, session)


def _ask(owner: str, invariant: Callable[[Any], Sequence[str]], asked: Session | Redis) -> Asked:
    started = time.perf_counter()
    said = invariant(asked)
    took = time.perf_counter() - started
    return Asked(owner, invariant.__name__, _number(invariant), len(said), said[:MOST_NAMED], took)


def _number(invariant: Callable[[Any], Sequence[str]]) -> str:
    """As its own words or those of its module give it."""
    told = (invariant.__doc__, sys.modules[invariant.__module__].__doc__)
    found = (NUMBER.search(words or "") for words in told)
    return next((one[0] for one in found if one), "")


def broken(session: Session, features: Iterable[Feature]) -> list[str]:
    """What does not hold, in words; [] when all does."""
    return [line for asked in ask_all(session, features) for line in asked.broken]


def broken_tonight(session: Session, features: Iterable[Feature], redis: Redis) -> list[str]:
    """The same, but of a long trail only a part, another one each night."""
    asked = ask_all(session, features, redis, broken_chain_tonight)
    return [line for one in asked for line in one.broken]


def answered_twice(session: Session) -> list[str]:
    """I4: one push has one answer, one cause one message. (The keys of the tables refuse a second.)"""
    pushes = select(InboxRow.key).group_by(InboxRow.key).having(func.count() > 1)
    letters = select(OutboxRow.once).group_by(OutboxRow.once).having(func.count() > 1)
    doubled = {"push": pushes, "message": letters}
    return [
        f"a {what} stands there twice: {key[:24]}"
        for what, keys in doubled.items()
        for key in session.scalars(keys.limit(MOST_NAMED))
    ]


def broken_files(session: Session) -> list[str]:
    """Trust I12: no row without its bytes, and no bytes of an hour ago without their row."""
    known = select(StoredFile.id, StoredFile.key).order_by(StoredFile.id)
    rows = {key: number for number, key in session.execute(known)}
    there = {path.name: path for path in files.all_paths()}
    said = [f"stored_file {number} has no bytes" for key, number in rows.items() if key not in there]
    old = (clock.now() - YOUNG).timestamp()
    alone = [key for key in there.keys() - rows.keys() if there[key].stat().st_mtime < old]
    return said + [f"the file {key} belongs to no row" for key in sorted(alone)]


def broken_ties(session: Session) -> list[str]:
    """Trust I12: no row names a row that is not there. PostgreSQL sees to it by itself."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    rows = session.execute(text("PRAGMA foreign_key_check")).all()
    return [f"{table} {number} names a {parent} that is not there" for table, number, parent, *_ in rows]


OF_THE_HOUSE: Sequence[Invariant] = (broken_files, broken_ties, answered_twice, kept_too_long)

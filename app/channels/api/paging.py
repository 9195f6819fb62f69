"""Pages of a list by position, not by number: rows that come or go meanwhile move nobody's place."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.channels.api.problems import Problem
from app.channels.api.schemas import LARGEST_ID, PageQuery
from models.base import Base, Instant

Row = TypeVar("Row", bound=Base)
MOST_RANKED = 200
Place = tuple[InstrumentedAttribute[Any], InstrumentedAttribute[int]]


def page(
    session: Session,
    rows: Select[Row],
    asked: PageQuery,
    by: Place,
    place_of: Callable[[Row], tuple[Any, int]],
    *,
    newest_first: bool = False,
) -> tuple[list[Row], str | None]:
    """The rows of the asked page in the order of `by` (a column and the id, both up or both down), and the cursor of
    the next. `place_of(row)` gives the two values that the row has there."""
    column, key = by
    if asked.cursor is not None:
        value, number = _read(asked.cursor, column)
        here = (column < value, key < number) if newest_first else (column > value, key > number)
        rows = rows.where(or_(here[0], and_(column == value, here[1])))
    turn = (column.desc(), key.desc()) if newest_first else (column.asc(), key.asc())
    found = list(session.scalars(rows.order_by(None).order_by(*turn).limit(asked.limit + 1)).unique())
    more = len(found) > asked.limit
    found = found[: asked.limit]
    return found, _written(*place_of(found[-1])) if more else None


def ranked_page(best: list[Row], asked: PageQuery) -> tuple[list[Row], str | None]:
    """The same for a list in order of rank, `best` being all of it that is ever shown (MOST_RANKED rows): asked for
    with another limit, a database may order rows of equal rank in another way."""
    start = 0 if asked.cursor is None else max(0, _read(asked.cursor, None)[1])
    following = start + asked.limit
    return best[start:following], _written(0, following) if len(best) > following else None


def _written(value: Any, number: int) -> str:
    said = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([said, number]).encode()).decode().rstrip("=")


def _read(cursor: str, column: InstrumentedAttribute[Any] | None) -> tuple[Any, int]:
    """Raises Problem 404 for a cursor that is none of ours."""
    try:
        said, number = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        instant = column is not None and isinstance(column.type, Instant)
        return _instant(said) if instant else _whole(said), _whole(number)
    except (ValueError, TypeError, RecursionError) as fault:
        raise Problem(404, "no_such_page") from fault


def _instant(said: str) -> datetime:
    value = datetime.fromisoformat(said)
    if value.tzinfo is None or not 2000 <= value.year <= 2999:
        raise ValueError("no instant of ours")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not -LARGEST_ID <= value <= LARGEST_ID:
        raise ValueError("no id")
    return value

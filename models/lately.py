"""What takes long to count in a large town is counted again only after a while, however many look on.

A page about a broadcast counts the people of that broadcast: nothing for a street, a second for a city, and a page that
stays open asks every two seconds. What was counted is kept in this process for as long as its size says (a second for
each 20,000), so that counting takes a few hundredths of a core at most; below LEAST nothing is kept at all.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.base import connection_of

T = TypeVar("T")
LEAST, A_SECOND = 5_000, 20_000
KEPT = 200  # counts of one database

_kept: WeakKeyDictionary[Engine, OrderedDict[Hashable, tuple[float, Any]]] = WeakKeyDictionary()


def counted_lately(
    session: Session, key: Hashable, count: Callable[[], T], size: Callable[[T], int], seconds: float = 0
) -> T:
    """What `count()` gives, or gave for the same key not long ago. `size(counted)` is how many rows it went through;
    figures of a year may be kept for more `seconds`. Only plain values may be kept: no row outlives its session."""
    kept, now = _kept.setdefault(connection_of(session).engine, OrderedDict()), time.monotonic()
    until, counted = kept.get(key, (0.0, None))
    if now < until:
        return counted  # type: ignore[no-any-return]
    fresh = count()
    if size(fresh) >= LEAST:
        kept[key] = now + max(seconds, size(fresh) / A_SECOND), fresh
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return fresh

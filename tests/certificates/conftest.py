"""A Monday morning; 马秀兰 has hours that stand, the issuer is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.certificates.offices import joined, named_issuer, served
from tests.neighbours import Phone, Town, frozen


@pytest.fixture
def monday() -> Iterator[time_machine.Coordinates]:
    """Monday the 23rd of November 2026, nine o'clock; nothing moves but by hand."""
    with frozen("2026-11-23 09:00") as moved:
        yield moved


@pytest.fixture
def ma(sqlite_town: Town, monday: time_machine.Coordinates) -> Phone:
    """Twelve hours and forty minutes: two patrols and a river that was cleaned."""
    sqlite_town.site.redis.flushall()  # who tried often in another test has tried nothing here
    phone = joined(sqlite_town)
    served(sqlite_town, phone, (240, "2025-10-12"), (310, "2026-03-05"))
    served(sqlite_town, phone, (210, "2026-08-15"), what="河道清洁")
    named_issuer(sqlite_town)
    return phone

"""A Monday morning at a quarter past nine, when the hall is open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.neighbours import Phone, Town, frozen


@pytest.fixture
def monday() -> Iterator[time_machine.Coordinates]:
    """Monday the 23rd of November 2026, a quarter past nine; nothing moves but by hand."""
    with frozen("2026-11-23 09:15") as moved:
        yield moved


@pytest.fixture
def ma(sqlite_town: Town, monday: Any) -> Phone:
    return sqlite_town.phone("马秀兰")

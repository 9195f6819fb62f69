"""A Monday morning, and who comes to the hall on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.neighbours import Phone, Town, frozen


@pytest.fixture
def monday() -> Iterator[time_machine.Coordinates]:
    """Monday the 23rd of November 2026, half past eight; nothing moves but by hand."""
    with frozen("2026-11-23 08:30") as moved:
        yield moved


@pytest.fixture
def ma(sqlite_town: Town, monday: Any) -> Phone:
    return sqlite_town.phone("马秀兰")

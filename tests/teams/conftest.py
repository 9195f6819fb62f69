"""A Monday morning for every test of teams; nothing moves but by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.neighbours import frozen
from tests.teams.bands import MONDAY


@pytest.fixture(autouse=True)
def monday() -> Iterator[time_machine.Coordinates]:
    with frozen(MONDAY) as moved:
        yield moved

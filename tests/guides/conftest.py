"""Towns with the cards that come with the software."""

from __future__ import annotations

import pytest

from handlers.guides.loading import install
from tests.neighbours import Phone, Town


@pytest.fixture
def guided(sqlite_town: Town) -> Town:
    sqlite_town.writing(install)
    return sqlite_town


@pytest.fixture
def ma(guided: Town) -> Phone:
    return guided.phone("马阿姨")

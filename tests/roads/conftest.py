"""One running house for each module that walks through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.roads.street import Street
from tests.stack import Stack


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """The house as `make run` starts it: a verified service account on SQLite."""
    with Stack(tmp_path_factory.mktemp("house") / "data") as stack:
        walked = Street(stack)
        yield walked
        walked.close()

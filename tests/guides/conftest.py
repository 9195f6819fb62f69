"""Towns with the cards that come with the software."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from handlers.guides.loading import install
from tests.conftest import _town
from tests.neighbours import Phone, Town


@pytest.fixture(scope="session")
def laid_down(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the cards in it, which tests copy."""
    folder = tmp_path_factory.mktemp("guided")
    for made in empty_sqlite.glob("town.db*"):
        shutil.copy(made, folder / made.name)
    engine = create_engine(f"sqlite:///{folder}/town.db")
    with Session(engine) as session, session.begin():
        install(session)
    engine.dispose()
    return folder


@pytest.fixture
def guided(tmp_path: Path, laid_down: Path, valkey_server: str) -> Iterator[Town]:
    for made in laid_down.glob("town.db*"):
        shutil.copy(made, tmp_path / made.name)
    yield from _town(tmp_path, f"sqlite:///{tmp_path}/town.db", valkey_server)


@pytest.fixture
def ma(guided: Town) -> Phone:
    return guided.phone("马阿姨")

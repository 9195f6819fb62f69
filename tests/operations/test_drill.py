"""The drill in small: a house that is restored into an empty folder is the same house (`make drill` does it in full)."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from app.backup import make_backup, restore_backup
from app.cli import check_invariants
from app.settings import Settings
from app.site import Site
from bench import golden
from tests.conftest import wipe_postgres
from tests.neighbours import Town
from tests.servers import postgres_programs


def test_a_restored_house_keeps_the_invariants_and_gives_the_same_answers(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(postgres_programs()), prepend=os.pathsep)
    town.seed("people", "appointments", "notices")
    before = golden.walk(speaker(town, "认得的人"))
    make_backup(town.site.settings)
    lost = speaker(town, "来得太晚的人")
    assert lost("菜单")
    with closing(Site(restored(town, tmp_path / "restored"))) as site:
        after = Town(site)
        assert check_invariants(site) == []
        assert golden.different(before, golden.walk(speaker(after, "新来的人"))) == []


def speaker(town: Town, name: str) -> golden.Says:
    phone = town.phone(name)
    phone.follows()
    return phone.says


def restored(town: Town, data: Path) -> Settings:
    """By the archive and the copy of the keys alone."""
    old = town.site.settings
    (archive,) = (old.data / "backups").glob("*.backup")
    shutil.copytree(old.data / "secrets", data / "secrets")
    url = f"sqlite:///{data}/town.db" if town.site.database.is_sqlite else old.database.url
    new = old.model_copy(update={"data": data, "database": old.database.model_copy(update={"url": url})})
    if not town.site.database.is_sqlite:
        town.site.close()
        wipe_postgres(url)
    restore_backup(new, archive, force=True)
    return new

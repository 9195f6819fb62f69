"""Files that were spoiled (trust F10): nothing starts over them, and whoever starts it is told which backup to take."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.backup import make_backup
from app.settings import Settings, load_settings
from app.soundness import Damaged, check
from app.supervisor import main
from tests.chaos.accounts import Account
from tests.chaos.conftest import turns

pytestmark = pytest.mark.heavy

LANES = ("xingfu.db", "xingfu.db.confidential")
COMMITS = 60


@pytest.fixture
def spoiled(prepared_data: Path, tmp_path: Path) -> Iterator[Settings]:
    """A copy that may be spoiled; it has a backup. Every page of it is in use: what stands in a free one is no harm."""
    shutil.copytree(prepared_data, tmp_path / "data")
    for lane in LANES:
        with closing(sqlite3.connect(tmp_path / "data" / lane)) as connection:
            connection.execute("VACUUM")
    settings = load_settings({"XINGFU_DATA": str(tmp_path / "data"), "XINGFU_CONFIG": ""})
    make_backup(settings)
    return settings


def page_size(file: Path) -> int:
    return int.from_bytes(file.read_bytes()[16:18], "big")


def overwrite_a_page(file: Path, dice: random.Random) -> None:
    page, content = page_size(file), bytearray(file.read_bytes())
    at = dice.randrange(len(content) // page) * page
    content[at : at + page] = dice.randbytes(page)
    file.write_bytes(content)


def cut_off(file: Path, dice: random.Random) -> None:
    with file.open("r+b") as opened:
        opened.truncate(dice.randrange(1, file.stat().st_size))


def overwrite_the_head(file: Path, dice: random.Random) -> None:
    with file.open("r+b") as opened:
        opened.write(dice.randbytes(100))


@pytest.mark.parametrize("damage", [overwrite_a_page, cut_off, overwrite_the_head])
def test_f10_nothing_starts_over_a_damaged_file(
    damage: object, spoiled: Settings, dice: random.Random, account: Account
) -> None:
    assert callable(damage)
    assert check(spoiled, unclean=True) == []
    (backup,) = (spoiled.data / "backups").glob("*.backup")
    for _ in turns(200, 2, seconds=12):
        lane = spoiled.data / dice.choice(LANES)
        whole = lane.read_bytes()
        damage(lane, dice)
        with pytest.raises(Damaged, match=f"{lane.name} is damaged") as refused:
            check(spoiled, unclean=dice.random() < 0.5)
        assert f"make restore FILE={backup} FORCE=1" in str(refused.value)
        assert "\n" not in str(refused.value)
        lane.write_bytes(whole)
        for end in ("-wal", "-shm"):
            lane.with_name(lane.name + end).unlink(missing_ok=True)
        account.accepted += 1
    account.words = "of so many spoiled files none was taken"
    assert check(spoiled, unclean=False) == []


def test_f10_make_run_says_so_and_starts_nothing(
    spoiled: Settings,
    dice: random.Random,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    overwrite_a_page(spoiled.data / LANES[0], dice)
    monkeypatch.setenv("XINGFU_DATA", str(spoiled.data))
    monkeypatch.setenv("XINGFU_CONFIG", "")
    assert main(["run"]) == 1
    assert "make restore FILE=" in capsys.readouterr().err
    assert not (spoiled.data / "run.json").exists()
    shutil.rmtree(spoiled.data / "backups")
    with pytest.raises(Damaged, match="There is no backup in"):
        check(spoiled, unclean=False)


def test_f10_a_journal_that_is_cut_or_alone_costs_at_most_its_end(
    spoiled: Settings, tmp_path: Path, dice: random.Random, account: Account
) -> None:
    """What a kill leaves behind, copied: without its index everything is there; cut, the first commits are."""
    file = spoiled.data / LANES[0]
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute("CREATE TABLE said (number INTEGER PRIMARY KEY, words BLOB)")
        for number in range(COMMITS):
            writer.execute("INSERT INTO said VALUES (?, ?)", (number, dice.randbytes(dice.randrange(3000))))
        left = {end: Path(f"{file}{end}").read_bytes() for end in ("", "-wal", "-shm")}
    whole = len(left["-wal"])
    for turn in turns(200, 4, seconds=12):
        kept = whole if turn == 0 else dice.randrange(whole)
        for end, content in left.items():
            Path(f"{file}{end}").write_bytes(content[:kept] if end == "-wal" else content)
        if turn == 0 or dice.random() < 0.5:
            Path(f"{file}-shm").unlink()
        said = check(spoiled, unclean=True)
        assert all("ended in the middle of a page" in words for words in said)
        with closing(sqlite3.connect(file)) as reader:
            assert reader.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            is_there = reader.execute("SELECT count(*) FROM sqlite_master WHERE name = 'said'").fetchone()[0]
            numbers = (
                [row[0] for row in reader.execute("SELECT number FROM said ORDER BY 1")] if is_there else []
            )
        assert numbers == list(range(len(numbers)))
        if turn == 0:
            account.accepted, account.lost = COMMITS, COMMITS - len(numbers)

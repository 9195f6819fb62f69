"""A backup opens only whole and with its keys, and a restore never destroys what was there."""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import stat
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import IO, Any, cast

import psycopg
import pytest

from app import forgotten
from app.backup import BadBackup, backup_key, make_backup, restore_backup
from app.sealed_archive import PIECE, BadArchive, Opener, Sealer
from app.settings import Settings, load_settings
from tests.servers import PostgresServer, postgres_programs, postgres_server

__all__ = ["postgres_server"]

KEY = bytes(range(32))


def installation(data: Path, **environ: str) -> Settings:
    return load_settings({"XINGFU_DATA": str(data), "XINGFU_CONFIG": "", **environ})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = installation(tmp_path / "data")
    with closing(sqlite3.connect(made.data / "xingfu.db")) as connection:
        connection.executescript("PRAGMA journal_mode = WAL; CREATE TABLE wishes (words TEXT)")
    (made.data / "media" / "2026").mkdir(parents=True)
    (made.data / "media" / "2026" / "door.jpg").write_bytes(b"picture")
    (made.data / "logs").mkdir()
    (made.data / "logs" / "web.log").write_text("GET /wx/main")
    say(made, "一盏灯")
    return made


def say(settings: Settings, words: str) -> None:
    with closing(sqlite3.connect(settings.data / "xingfu.db")) as connection, connection:
        connection.execute("INSERT INTO wishes VALUES (?)", (words,))


def wishes(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT words FROM wishes")]


def only_backup(settings: Settings) -> Path:
    (found,) = (settings.data / "backups").glob("*.backup")
    return found


def move_keys(old: Settings, new: Path) -> None:
    (new / "secrets").mkdir(parents=True)
    for path in (old.data / "secrets").glob("*.key"):
        shutil.copy2(path, new / "secrets" / path.name)


def test_a_backup_moves_to_an_empty_folder(settings: Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(settings.data / "xingfu.db")) as busy:
        busy.execute("INSERT INTO wishes VALUES ('not yet committed')")
        line = make_backup(settings)
    assert "\n" not in line
    move_keys(settings, tmp_path / "new")
    new = installation(tmp_path / "new")
    restore_backup(new, only_backup(settings))
    assert wishes(new.data / "xingfu.db") == ["一盏灯"]
    assert (new.data / "media" / "2026" / "door.jpg").read_bytes() == b"picture"
    assert not (new.data / "logs").exists()
    assert new.secrets.of("main") != settings.secrets.of("main")


def test_a_backup_is_private_and_shows_nothing(settings: Settings) -> None:
    say(settings, "canary" * 50)
    make_backup(settings)
    path = only_backup(settings)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"canary" not in path.read_bytes()
    assert not list(settings.data.glob(".backup-*"))


def test_secrets_come_along_only_when_asked(settings: Settings, tmp_path: Path) -> None:
    make_backup(settings, tmp_path / "with.backup", secrets=True)
    move_keys(settings, tmp_path / "new")
    new = installation(tmp_path / "new")
    (new.data / "secrets" / "main.toml").unlink()
    restore_backup(new, tmp_path / "with.backup")
    assert installation(new.data).secrets == settings.secrets


def test_existing_data_is_kept_beside_and_only_replaced_by_force(settings: Settings) -> None:
    make_backup(settings)
    say(settings, "两盏灯")
    with pytest.raises(BadBackup, match="already holds data"):
        restore_backup(settings, only_backup(settings))
    assert wishes(settings.data / "xingfu.db") == ["一盏灯", "两盏灯"]
    restore_backup(settings, only_backup(settings), force=True)
    assert wishes(settings.data / "xingfu.db") == ["一盏灯"]
    (beside,) = settings.data.glob("before-restore-*")
    assert wishes(beside / "xingfu.db") == ["一盏灯", "两盏灯"]


def test_a_folder_whose_rows_are_elsewhere_is_not_called_backed_up(settings: Settings) -> None:
    """A house on PostgreSQL, and whoever makes the backup has not named its settings."""
    (settings.data / "xingfu.db").unlink()
    with pytest.raises(BadBackup, match=r"there is no .*xingfu\.db; are the settings missing\?"):
        make_backup(settings)
    assert not (settings.data / "backups").exists()


def test_residents_are_not_restored_among_invented_neighbours(settings: Settings) -> None:
    make_backup(settings.model_copy(update={"mode": "trial"}))
    (settings.data / "xingfu.db").unlink()
    with pytest.raises(BadBackup, match="a backup of mode trial, and here it is sandbox"):
        restore_backup(settings, only_backup(settings), force=True)


def test_files_on_a_shared_mount_are_put_aside_too(settings: Settings) -> None:
    """Where there is no second file system, the folder is only a link."""
    here, places = settings.data.stat().st_dev, (Path("/dev/shm"), Path("/tmp"), Path("/var/tmp"))
    elsewhere = [place for place in places if os.access(place, os.W_OK) and place.stat().st_dev != here]
    with tempfile.TemporaryDirectory(dir=next(iter(elsewhere), None)) as shared:
        (Path(shared) / "sealed").write_bytes(b"picture")
        (settings.data / "files").symlink_to(shared)
        make_backup(settings)
        (Path(shared) / "sealed").write_bytes(b"a later one")
        restore_backup(settings, only_backup(settings), force=True)
        (beside,) = settings.data.glob("before-restore-*")
        assert (beside / "files" / "sealed").read_bytes() == b"a later one"
        assert (settings.data / "files").is_symlink()
        assert (Path(shared) / "sealed").read_bytes() == b"picture"


def test_who_was_forgotten_since_the_backup_stays_on_the_list_of_all_hosts(
    settings: Settings, tmp_path: Path
) -> None:
    """The list is brought to an empty folder before the restore, and may be a link to the one that hosts share."""
    forgotten.add(settings.data, ["before"])
    make_backup(settings)
    move_keys(settings, tmp_path / "new")
    forgotten.add(tmp_path, ["since"])
    (tmp_path / "new" / forgotten.FILE).symlink_to(tmp_path / forgotten.FILE)
    restore_backup(installation(tmp_path / "new"), only_backup(settings))
    assert (tmp_path / "new" / forgotten.FILE).is_symlink()
    assert forgotten.known(tmp_path) == {"before", "since"}


@pytest.mark.parametrize("damage", ["changed", "cut", "another key", "no key", "not ours", "missing"])
def test_a_damaged_backup_changes_nothing(settings: Settings, damage: str) -> None:
    make_backup(settings)
    path = only_backup(settings)
    content = bytearray(path.read_bytes())
    if damage == "changed":
        content[len(content) // 2] ^= 1
    path.write_bytes(content[:-20] if damage == "cut" else b"PK" if damage == "not ours" else content)
    key = settings.data / "secrets" / "backup.key"
    if damage == "another key":
        key.write_text(bytes(range(1, 33)).hex())
    if damage == "no key":
        key.unlink()
    if damage == "missing":
        path.unlink()
    say(settings, "两盏灯")
    with pytest.raises(
        Exception, match=r"changed, cut off|not a backup of ours|missing|there is no"
    ) as refused:
        restore_backup(settings, path, force=True)
    assert "\n" not in str(refused.value)
    assert wishes(settings.data / "xingfu.db") == ["一盏灯", "两盏灯"]
    assert not list(settings.data.glob("before-restore-*"))


@pytest.mark.parametrize("manifest", [None, b"", b"{", b"[]", b'{"files": 3}', "\u5907".encode("gbk")])
def test_an_archive_that_does_not_say_what_it_is_changes_nothing(
    settings: Settings, manifest: bytes | None, tmp_path: Path
) -> None:
    """Sealed by the right key and whole, but packed by a program that was stopped, or by hand."""
    path = packed_by_hand(settings, {} if manifest is None else {"manifest.json": manifest}, tmp_path)
    with pytest.raises(BadBackup, match=r"^the backup has no sound manifest.json; take another one$"):
        restore_backup(settings, path, force=True)
    assert not list(settings.data.glob("before-restore-*"))


@pytest.mark.parametrize(
    ("told", "packed", "why"),
    [
        ({}, {}, "there is no database in the backup"),
        ({"data/door.jpg": b"door"}, {"data/door.jpg": b"door"}, "there is no database in the backup"),
        ({"data/xingfu.db": b"x"}, {}, "do not agree about data/xingfu.db"),
        ({}, {"data/secrets/master.key": b"theirs"}, "do not agree about data/secrets/master.key"),
    ],
)
def test_what_holds_no_database_or_more_than_it_says_changes_nothing(
    settings: Settings, told: dict[str, bytes], packed: dict[str, bytes], why: str, tmp_path: Path
) -> None:
    """By force it would put aside what is there, and nothing, or what nobody named, in its place."""
    make_backup(settings)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in told.items()}
    says = unpacked(settings, tmp_path / "unpacked") | {"files": digests}
    files = {"manifest.json": json.dumps(says).encode(), **packed}
    with pytest.raises(BadBackup, match=why):
        restore_backup(settings, packed_by_hand(settings, files, tmp_path), force=True)
    assert wishes(settings.data / "xingfu.db") == ["一盏灯"]
    assert not list(settings.data.glob("before-restore-*"))


def test_a_database_that_was_broken_when_it_was_backed_up_changes_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    make_backup(settings)
    broken = b"SQLite format 3\0" + b"\xff" * 5000
    says = unpacked(settings, tmp_path / "unpacked") | {
        "files": {"xingfu.db": hashlib.sha256(broken).hexdigest()}
    }
    files = {"manifest.json": json.dumps(says).encode(), "xingfu.db": broken}
    with pytest.raises(BadBackup, match=r"^xingfu\.db in the backup is damaged: "):
        restore_backup(settings, packed_by_hand(settings, files, tmp_path), force=True)
    assert wishes(settings.data / "xingfu.db") == ["一盏灯"]


def packed_by_hand(settings: Settings, files: dict[str, bytes], tmp_path: Path) -> Path:
    path = tmp_path / "by-hand"
    with (
        path.open("wb") as file,
        Sealer(file, backup_key(settings, make=True)) as sealer,
        tarfile.open(fileobj=cast("IO[bytes]", sealer), mode="w|gz") as archive,
    ):
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def unpacked(settings: Settings, folder: Path) -> dict[str, Any]:
    """The manifest of the only backup."""
    with (
        only_backup(settings).open("rb") as file,
        tarfile.open(
            fileobj=cast("IO[bytes]", Opener(file, backup_key(settings, make=False))), mode="r|gz"
        ) as archive,
    ):
        archive.extractall(folder)
    said: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return said


@pytest.mark.parametrize("lane", ["master", "confidential"])
def test_another_sealing_key_is_refused_because_it_could_read_nothing(
    settings: Settings, tmp_path: Path, lane: str
) -> None:
    make_backup(settings)
    move_keys(settings, tmp_path / "new")
    (tmp_path / "new" / "secrets" / f"{lane}.key").unlink()
    with pytest.raises(BadBackup, match=rf"made under {lane} key [0-9a-f]{{16}}"):
        restore_backup(installation(tmp_path / "new"), only_backup(settings))


def rows(url: str) -> list[tuple[str]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT words FROM wishes").fetchall()


def test_postgres_comes_back_as_it_was(
    postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(postgres_programs()), prepend=os.pathsep)
    address = postgres_server.create_database("operations_backup")
    url = address.replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE wishes (words text)")
        connection.execute("CREATE SCHEMA confidential")
        connection.execute("CREATE TABLE confidential.words (sealed bytea)")
        connection.execute("INSERT INTO wishes VALUES ('一盏灯')")
    settings = installation(tmp_path / "data", XINGFU_DATABASE__URL=address)
    make_backup(settings)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE wishes SET words = '没有了'")
    with pytest.raises(BadBackup, match="already holds data"):
        restore_backup(settings, only_backup(settings))
    restore_backup(settings, only_backup(settings), force=True)
    assert rows(url) == [("一盏灯",)]
    (beside,) = settings.data.glob("before-restore-*")
    assert (beside / "postgresql.dump").stat().st_size > 0


def test_without_pg_dump_one_line_says_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    elsewhere = installation(settings.data, XINGFU_DATABASE__URL="postgresql+psycopg://xingfu:canary@/xingfu")
    with pytest.raises(BadBackup, match=r"^pg_dump is not installed; apt-get install postgresql-client"):
        make_backup(elsewhere)
    assert not list((settings.data / "backups").glob("*"))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_an_archive_of_any_size_opens_as_it_was(size: int) -> None:
    plain = os.urandom(size)
    assert open_sealed(seal(plain)) == plain


def test_pieces_cannot_be_swapped_or_dropped() -> None:
    sealed = seal(os.urandom(3 * PIECE))
    head, step = 15, PIECE + 16
    first, second, last = (sealed[head + n * step : head + (n + 1) * step] for n in range(3))
    for forged in (second + first + last, first + last, first + second, first, b""):
        with pytest.raises(BadArchive):
            open_sealed(sealed[:head] + forged)


def seal(plain: bytes) -> bytes:
    target = io.BytesIO()
    with Sealer(target, KEY) as sealer:
        for start in range(0, len(plain), 100_000):
            sealer.write(plain[start : start + 100_000])
    return target.getvalue()


def open_sealed(sealed: bytes) -> bytes:
    return Opener(io.BytesIO(sealed), KEY).read()

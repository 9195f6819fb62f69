"""Backup and restore of one installation: `make backup`, `make restore FILE=…`.

Everything in DATA but logs, caches and keys, with databases copied as one consistent moment (VACUUM INTO, pg_dump),
sealed by DATA/secrets/backup.key. Keep copies of secrets/ elsewhere: an archive without its keys is noise, and an
archive beside its keys is an open book. The manifest names the master key by fingerprint, because data sealed by one
master key is lost under another.
"""

import gzip
import hashlib
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal, cast

from pydantic import BaseModel, ValidationError
from redis.exceptions import RedisError
from sqlalchemy import URL, create_engine, inspect, make_url

from app import failpoints, forgotten
from app.redis import connect
from app.sealed_archive import BadArchive, Opener, Sealer
from app.secrets_store import Shelf, fingerprint
from app.settings import Settings

SKIPPED_FOLDERS = {"logs", "backups", "valkey", "secrets", "metrics"}
SKIPPED_FILES = {"run.json", "supervisor.lock", "valkey.sock", "first-admin-link.txt"}
SKIPPED_FILES |= {"clock"}  # a restore does not turn back the time, not even the sandbox's
SKIPPED_ENDS = ("-wal", "-shm", "-journal", ".sock", ".lock")
DUMP = "postgresql.dump"
MANIFEST = "manifest.json"
LAST_MADE = "house:backup"
# Of the default 9 a database takes 18 times as long, beside residents who wait for answers, and saves a thirtieth.
QUICKLY = 1
DUMPING = "--format=custom", f"--compress={QUICKLY}", "--no-owner"
NAME_THE_SETTINGS = "are the settings missing? CONFIG=…, XINGFU_DATABASE__URL_FILE"


class BadBackup(Exception):
    """The backup cannot be made or used; the text is one clear line."""


class Manifest(BaseModel):
    """What an archive says of itself; `files` are digests (SHA-256) by path."""

    format: Literal[1] = 1
    made: str
    mode: str
    database: str
    master_key: str
    confidential_key: str | None = None  # not in the first archives
    files: dict[str, str]


def backup_key(settings: Settings, *, make: bool) -> bytes:
    return Shelf(settings.data / "secrets", os.environ, make_missing=make).key("backup")


def make_backup(settings: Settings, target: Path | None = None, *, secrets: bool = False) -> str:
    """Writes the archive (default DATA/backups/<time>.backup, 0600); returns the line to print."""
    if not settings.data.exists():
        raise BadBackup(f"nothing to back up: {settings.data} does not exist")
    _need_a_database(settings)
    key = backup_key(settings, make=True)
    target = target or _usual_target(settings.data)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=settings.data) as folder:
        copy = Path(folder)
        _copy_everything(settings, copy, secrets=secrets)
        _write_manifest(settings, copy)
        _seal(copy, target, key)
    with suppress(RedisError, OSError):  # the other hosts of this house know of it too
        connect(settings).set(LAST_MADE, time.time())
    return (
        f"backed up to {target} ({target.stat().st_size // 1024 + 1} KiB); keep secrets/backup.key elsewhere"
    )


def _need_a_database(settings: Settings) -> None:
    """An archive of a folder whose rows are elsewhere would be found out on the day that it is needed."""
    url = make_url(settings.database.url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise BadBackup(f"nothing to back up: there is no {url.database}; {NAME_THE_SETTINGS}")


def _usual_target(data: Path) -> Path:
    stem = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return data / "backups" / f"{stem}-{time.time_ns() % 1000:03}.backup"


def _copy_everything(settings: Settings, copy: Path, *, secrets: bool) -> None:
    for path in _kept_files(settings.data, secrets=secrets):
        target = copy / "data" / path.relative_to(settings.data)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_sqlite(path):
            _copy_sqlite(path, target)
        else:
            shutil.copy2(path, target)
    url = make_url(settings.database.url)
    if url.get_backend_name() == "postgresql":
        _postgres("pg_dump", url, *DUMPING, f"--file={copy / DUMP}")


def _kept_files(data: Path, *, secrets: bool) -> Iterator[Path]:
    skipped = SKIPPED_FOLDERS - ({"secrets"} if secrets else set())
    for path in sorted(data.iterdir()):
        if path.name in skipped or path.name.startswith((".backup-", "before-restore-", ".run.json")):
            continue
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            if file.is_file() and file.name not in SKIPPED_FILES and not file.name.endswith(SKIPPED_ENDS):
                yield file


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def _copy_sqlite(path: Path, target: Path) -> None:
    """VACUUM INTO reads one consistent moment while others write."""
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


def _postgres(program: str, url: URL, *arguments: str) -> None:
    """The password goes by environment: a command line can be read by everybody on the machine."""
    if not shutil.which(program):
        raise BadBackup(
            f"{program} is not installed; apt-get install postgresql-client (same version as the server)"
        )
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environ = dict(os.environ) | ({"PGPASSWORD": str(url.password)} if url.password else {})
    command = [program, f"--dbname={plain}", *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BadBackup(f"{program} failed: {' '.join(done.stderr.split())[:300]}")


def _names_in(copy: Path) -> set[str]:
    return {str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()}


def _write_manifest(settings: Settings, copy: Path) -> None:
    files = {name: _digest(copy / name) for name in sorted(_names_in(copy))}
    manifest = Manifest(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        mode=settings.mode,
        database=make_url(settings.database.url).get_backend_name(),
        master_key=fingerprint(settings.secrets.master_key),
        confidential_key=_confidential_key(settings),
        files=files,
    )
    (copy / MANIFEST).write_text(manifest.model_dump_json(indent=1), "utf-8")


def _confidential_key(settings: Settings) -> str:
    """The oldest names the house; later ones stand beside it."""
    _, confidential = settings.secrets.sealing()
    return fingerprint(confidential[0])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _seal(copy: Path, target: Path, key: bytes) -> None:
    draft = target.with_name(f".{target.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        sealer = Sealer(file, key)
        with (
            gzip.GzipFile(fileobj=sealer, mode="wb", compresslevel=QUICKLY) as packed,
            tarfile.open(fileobj=packed, mode="w|") as archive,
        ):
            archive.add(copy, arcname=".")
        sealer.close()
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)


def restore_backup(settings: Settings, source: Path, *, force: bool = False) -> str:
    """Verifies all of it first, then puts the data in place; what was there moves to DATA/before-restore-<time>."""
    if not source.is_file():
        raise BadBackup(f"there is no {source}")
    data = settings.data
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data) as folder:
        copy = Path(folder)
        _unseal(source, copy, backup_key(settings, make=False))
        manifest = _whole(copy)
        _need_fit(manifest, settings)
        old = _present(settings)
        filled = bool(old) or _database_is_filled(settings)
        if filled and not force:
            raise BadBackup(f"{data} already holds data; FORCE=1 restores and keeps the old beside it")
        beside = _put_aside(settings, old) if filled else None
        _put_in_place(settings, copy)
    kept = f"; the old data is in {beside}" if beside else ""
    return f"restored the backup of {manifest.made} into {data}{kept}"


def _unseal(source: Path, copy: Path, key: bytes) -> None:
    try:
        with (
            source.open("rb") as file,
            tarfile.open(fileobj=cast("IO[bytes]", Opener(file, key)), mode="r|gz") as archive,
        ):
            # Python before 3.11.4 has no filters; what is unpacked here was sealed by our own key.
            archive.extraction_filter = getattr(tarfile, "data_filter", None)
            archive.extractall(copy)  # noqa: S202
    except BadArchive as error:
        raise BadBackup(f"{source}: {error}") from None
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BadBackup(f"{source} cannot be read: {error}") from None


def _whole(copy: Path) -> Manifest:
    """What the archive says of itself, when it holds that and nothing else, a database among it."""
    try:
        manifest = Manifest.model_validate_json((copy / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        raise BadBackup(f"the backup has no sound {MANIFEST}; take another one") from None
    packed = _names_in(copy) - {MANIFEST}
    if packed != manifest.files.keys():
        odd = min(packed ^ manifest.files.keys())
        raise BadBackup(f"the backup and its {MANIFEST} do not agree about {odd}; take another one")
    if not any(name == DUMP or _is_sqlite(copy / name) for name in packed):
        raise BadBackup("there is no database in the backup; take another one")
    for name, digest in manifest.files.items():
        if _digest(copy / name) != digest:
            raise BadBackup(f"{name} in the backup is damaged")
        if _is_sqlite(copy / name):
            _check_sqlite(copy / name)
    return manifest


def _need_fit(manifest: Manifest, settings: Settings) -> None:
    """Its keys, its mode and its kind of database are those of here."""
    if manifest.master_key != fingerprint(settings.secrets.master_key):
        raise BadBackup(
            f"made under master key {manifest.master_key}; put that key into {settings.data}/secrets/master.key"
        )
    if manifest.confidential_key not in (None, _confidential_key(settings)):
        raise BadBackup(
            f"made under confidential key {manifest.confidential_key}; put that key into {settings.data}/secrets/"
        )
    if (manifest.mode == "sandbox") != (settings.mode == "sandbox"):  # else invented people would move in
        raise BadBackup(
            f"a backup of mode {manifest.mode}, and here it is {settings.mode}; {NAME_THE_SETTINGS}"
        )
    backend = make_url(settings.database.url).get_backend_name()
    if manifest.database != backend:
        raise BadBackup(f"this is a backup of {manifest.database}, but database.url is {backend}")


def _check_sqlite(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
            answer = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        answer = str(error)
    if answer != "ok":
        raise BadBackup(f"{path.name} in the backup is damaged: {answer}")


def _present(settings: Settings) -> list[Path]:
    """What a restore would replace: empty folders, logs and keys do not count, nor who has been forgotten since."""
    found = _kept_files(settings.data, secrets=False)
    return [path for path in found if ".restore-" not in str(path) and path.name != forgotten.FILE]


def _database_is_filled(settings: Settings) -> bool:
    """Whether a PostgreSQL of ours has any table; SQLite is seen as a file."""
    url = make_url(settings.database.url)
    if url.get_backend_name() != "postgresql":
        return False
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return bool(inspect(connection).get_table_names())
    finally:
        engine.dispose()


def _put_aside(settings: Settings, old: list[Path]) -> Path:
    data = settings.data
    beside = (
        data / f"before-restore-{datetime.now(UTC).strftime('%Y%m%dT%H%M%SZ')}-{time.time_ns() % 1000:03}"
    )
    beside.mkdir(mode=0o700)
    for path in [*old, *_journals(old)]:
        target = beside / path.relative_to(data)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(path, target)  # DATA/files may be a shared mount
    url = make_url(settings.database.url)
    if url.get_backend_name() == "postgresql":
        _postgres("pg_dump", url, *DUMPING, f"--file={beside / DUMP}")
    return beside


def _journals(databases: list[Path]) -> list[Path]:
    """A journal left beside a restored database would be played into it."""
    names = [path.with_name(path.name + end) for path in databases for end in ("-wal", "-shm", "-journal")]
    return [path for path in names if path.exists()]


def _put_in_place(settings: Settings, copy: Path) -> None:
    restored = copy / "data"
    for path in sorted(restored.rglob("*")) if restored.exists() else []:
        target = settings.data / path.relative_to(restored)
        if path.is_dir():
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif path.name == forgotten.FILE:
            forgotten.add(target.parent, forgotten.known(path.parent))
        else:
            shutil.copy2(path, target)
            failpoints.reach("while_restoring")
    if (copy / DUMP).exists():
        url = make_url(settings.database.url)
        _postgres(
            "pg_restore",
            url,
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            str(copy / DUMP),
        )

"""Several hosts, one house: each host leaves its card in Redis while it lives, and refuses to start beside others whose
cards say that theirs is another house.

What must be the same everywhere: sealing keys, accounts, mode, public address, the folder of kept files. What cannot be
read with this host's keys is found in the database too, so a forgotten key is seen also when no other host is up.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Column, LargeBinary, Select, inspect, select, type_coerce

from app import pools, privacy, schema
from app.database import Busy, Database
from app.privacy import Lane
from app.rekey import FILES, sealed_columns
from app.run_record import birth
from app.secrets_store import fingerprint, write_once
from app.site import Site
from models.conversation import Conversation  # noqa: F401 — where sealed values lie
from models.guarded_reports import GuardedReport  # noqa: F401
from models.petitions import Petition  # noqa: F401

log = structlog.get_logger()
KEY = "host:"
LIVES_SECONDS, BEAT_SECONDS = 30, 10
SAMPLED = {"outbox", "conversation", "person"}
FILES_MARK = "of-this-house"
MUST_AGREE = {
    "keys": "another master or confidential key; copy DATA/secrets/*.key from there",
    "mode": "another mode",
    "accounts": "other accounts or mini-programs",
    "public_url": "another web.public_url",
    "files": "another folder of kept files; DATA/files must be the same shared folder on every host",
}


@dataclass(frozen=True, slots=True)
class Card:
    """What a host tells the others. `place` tells two hosts apart that were given the same name."""

    host: str
    place: str
    program: str
    keys: str
    mode: str
    accounts: str
    public_url: str
    files: str


def join(site: Site, program: str) -> None:
    """Before a program serves: ends it with one line when this host does not fit, else keeps its card in Redis."""
    check(site)
    stay(site, program)


def check(site: Site) -> None:
    line = disagreement(site) or _schema_trouble(site)
    if line:
        sys.exit(line)
    pools.warn(site, len({card.host for card in living(site.redis)} | {site.settings.host.name}))


def stay(site: Site, program: str) -> None:
    """Leave the card again and again, from a thread that ends with the process."""
    threading.Thread(target=_beat, args=(site, program), name="card", daemon=True).start()


def _beat(site: Site, program: str) -> None:
    key, text = f"{KEY}{site.settings.host.name}:{program}", json.dumps(asdict(card(site, program)))
    while True:
        with suppress(RedisError, OSError):
            site.redis.set(key, text, ex=LIVES_SECONDS)
        threading.Event().wait(BEAT_SECONDS)


def disagreement(site: Site) -> str | None:
    """The line to refuse with, or None. A database or a Redis that is away contradicts nobody."""
    mine = card(site, "")
    found = (_difference(mine, other) for other in living(site.redis))
    return next((line for line in found if line), None) or _foreign_values(site)


def living(redis: Redis) -> list[Card]:
    """The cards of every program on every host that lives."""
    try:
        texts = [redis.get(key) for key in redis.scan_iter(f"{KEY}*", count=100)]
    except (RedisError, OSError):
        return []
    return [_read(str(text)) for text in texts if text]


def _read(text: str) -> Card:
    """A card of another version may say more, or less."""
    told = json.loads(text)
    return Card(**{each.name: str(told.get(each.name, "")) for each in fields(Card)})


def card(site: Site, program: str) -> Card:
    settings = site.settings
    main, confidential = settings.secrets.sealing()
    return Card(
        host=settings.host.name,
        place=hashlib.sha256(f"{birth(1)} {settings.data}".encode()).hexdigest()[:12],
        program=program,
        keys=f"{fingerprint(main[0])} {fingerprint(confidential[0])}",
        mode=settings.mode,
        accounts=" ".join(sorted(app.appid for app in settings.apps)),
        public_url=settings.web.public_url,
        files="" if settings.embeds_valkey else _files_mark(settings.data / "files"),
    )


def _files_mark(folder: Path) -> str:
    """Made by the first host that uses the folder, found by the others if it is the same one."""
    path = folder / FILES_MARK
    if not path.exists():
        write_once(path, fingerprint(str(path).encode() + birth(1).encode()) + "\n")
    return path.read_text("utf-8").strip()


def _difference(mine: Card, other: Card) -> str | None:
    if other.host == mine.host:
        same = f"two hosts are called {mine.host}: give each its own [host] name"
        return same if other.place != mine.place else None
    for name, words in MUST_AGREE.items():
        if getattr(other, name) not in ("", getattr(mine, name)):
            return f"host {other.host} is running this house with {words}"
    return None


# ---- what lies in the database --------------------------------------------------------------------------------------


def _foreign_values(site: Site) -> str | None:
    """Whether something was sealed under a key that this host does not have."""
    try:
        foreign = [lane for lane, value in _samples(site) if not privacy.keyring(lane).knows(value)]
    except Busy as away:
        log.warning("keys_not_compared", reason=str(away))
        return None
    if not foreign:
        return None
    return (
        f"this host's {FILES[foreign[0]]}.key does not open what is in the database;"
        f" copy the keys of the first host into {site.settings.data / 'secrets'}"
    )


def _samples(site: Site) -> Iterator[tuple[Lane, bytes]]:
    """The newest sealed values of a few tables that every house fills."""
    lanes: tuple[tuple[Lane, Database], ...] = (("main", site.database), ("confidential", site.confidential))
    for lane, database in lanes:
        columns = [
            one.column for one in sealed_columns(lane) if lane == "confidential" or one.table.name in SAMPLED
        ]
        with database.reading() as session:
            tables = set(inspect(session.connection()).get_table_names())
            for column in columns:
                if column.table.name in tables:
                    yield from ((lane, bytes(value)) for value in session.scalars(_newest(column)))


def _newest(column: Column[Any]) -> Select[Any]:
    raw, (key, *_) = type_coerce(column, LargeBinary), column.table.primary_key.columns
    return select(raw).where(column.is_not(None)).order_by(key.desc()).limit(1)


def _schema_trouble(site: Site) -> str | None:
    try:
        return schema.trouble(site.settings.database.url)
    except Busy as away:
        log.warning("schema_not_compared", reason=str(away))
        return None

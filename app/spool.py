"""Events with duties that came while the database was away: one sealed, fsynced line each, replayed later.

Losing an unsubscribe would keep sending to somebody who left; losing a text only costs a resident a second try, which
they are told. So only the first kind is kept here.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from app import privacy

DUTIES = frozenset(
    {
        "subscribe",
        "unsubscribe",
        "user_authorization_revoke",
        "user_authorization_cancellation",
        "templatesendjobfinish",
        "masssendjobfinish",
        "publishjobfinish",
        "subscribe_msg_sent_event",
        "subscribe_msg_change_event",
    }
)
PURPOSE = "spool.push"


def has_duty(kind: str) -> bool:
    return kind in DUTIES


def keep_for_later(data: Path, kind: str, name: str, raw: bytes) -> None:
    """Append one push; it is on the disk when this returns."""
    sealed = privacy.keyring().seal(PURPOSE, f"{kind}:{name}\n".encode() + raw)
    handle = os.open(data / "spool", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, sealed.hex().encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def waiting(data: Path) -> Iterator[tuple[str, str, bytes]]:
    """(kind, app name, raw push) of every spooled line; the file is taken aside first so that new lines are safe."""
    spool, taken = data / "spool", data / "spool.replaying"
    if not taken.exists() and spool.exists():
        spool.rename(taken)
    if not taken.exists():
        return
    for line in taken.read_bytes().splitlines():
        head, _, raw = privacy.keyring().unseal(PURPOSE, bytes.fromhex(line.decode())).partition(b"\n")
        kind, _, name = head.decode().partition(":")
        yield kind, name, raw
    taken.unlink()

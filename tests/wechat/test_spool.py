"""What is kept for later is kept by whoever writes it while somebody else takes away what was written before."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from app.spool import keep_for_later, waiting
from tests.neighbours import Town

WRITERS, EACH = 4, 250


def test_pushes_kept_while_others_are_replayed_are_all_replayed_once(sqlite_town: Town) -> None:
    """The file was taken aside between the look whether it is there and the look at it: the push got a fault."""
    data, ended, seen = sqlite_town.site.settings.data, threading.Event(), list[bytes]()

    def writes(writer: int) -> None:
        for number in range(EACH):
            keep_for_later(data, "oa", "main", f"{writer}-{number}".encode())

    def replays() -> None:
        while not ended.is_set():
            seen.extend(raw for _, _, raw in waiting(data))

    replaying = threading.Thread(target=replays)
    replaying.start()
    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(writes, range(WRITERS)))
    finally:
        ended.set()
        replaying.join()
    seen.extend(raw for _, _, raw in waiting(data))
    assert sorted(seen) == sorted(f"{w}-{n}".encode() for w in range(WRITERS) for n in range(EACH))

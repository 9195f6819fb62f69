"""`python -m bench.soak --hours 8`: neighbours talk to a running house for hours, 20 messages a second (trust P9).

Every quarter of an hour one line: how many messages, the slowest answers, how large each program has become, how many
files they have open, how large SQLite's journal is. The end is a failure when anybody was not answered, an invariant
broke, or a program grew by more than half after its first quarter of an hour. With WRITE=1 the lines are kept in
docs/quality/performance.md.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.drill import broken
from bench.processes import memory_mb, open_files
from bench.quality import PERFORMANCE, put, table
from tests.roads.street import Neighbour, Street
from tests.stack import Stack

PROGRAMS = ("web", "scheduler", "delivery", "sandbox", "valkey")
HEAD = (
    "minutes",
    "messages",
    "p99 ms",
    "slowest ms",
    *(f"{name} MB" for name in PROGRAMS),
    "open files",
    "journal MB",
)
WORDS = (
    "菜单",
    "最新通知",
    "预约",
    "1",
    "2",
    "马兰",
    "更多",
    "0",
    "取消",
    "我的预约",
    "身边服务",
    "志愿时长",
    "你好",
    "停水了怎么办",
)
TALKING_AT_ONCE = 4
PER_SECOND = 20.0
MOST_GROWTH = 1.5
LINE_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Look:
    """How the house was at the end of one part of the time."""

    minutes: float
    milliseconds: list[int]
    sizes: dict[str, float]
    files: int
    journal_mb: float

    def row(self) -> list[str]:
        taken = self.milliseconds or [0]
        slow = f"{taken[int(len(taken) * 0.99)]}", f"{taken[-1]}"
        sizes = (f"{self.sizes[name]:.0f}" for name in PROGRAMS)
        parts = f"{self.minutes:.0f}", f"{len(self.milliseconds)}"
        return [*parts, *slow, *sizes, f"{self.files}", f"{self.journal_mb:.0f}"]


@dataclass
class Diary:
    """What was seen since the last line, and all that went wrong."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    milliseconds: list[int] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)

    def note(self, words: str, outcome: str, milliseconds: int) -> None:
        with self.lock:
            self.milliseconds.append(milliseconds)
            if outcome != "answered":
                self.unanswered.append(f"{words}: {outcome}")

    def take(self) -> list[int]:
        with self.lock:
            taken, self.milliseconds = self.milliseconds, []
        return sorted(taken)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--every", type=float, default=LINE_SECONDS, help="seconds between two lines")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.hours} hours", flush=True)
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder) / "data") as stack:
        return soak(stack, options.hours * 3600, options.every, random.Random(options.seed))


def soak(stack: Stack, seconds: float, every: float, dice: random.Random) -> int:
    street, diary, ended = Street(stack), Diary(), threading.Event()
    seeds = [dice.random() for _ in range(TALKING_AT_ONCE)]
    talkers = [
        threading.Thread(target=_talk, args=(street, diary, ended, random.Random(seed))) for seed in seeds
    ]
    for talker in talkers:
        talker.start()
    looks = _watch(stack, diary, seconds, every)
    ended.set()
    for talker in talkers:
        talker.join()
    faults = [*diary.unanswered[:20], *_grown(looks), *broken(stack)]
    said = "\n".join(faults) or "nobody was left without an answer, nothing grew by half, all invariants hold"
    print(said)
    street.close()
    if os.environ.get("WRITE"):
        rows = table(HEAD, [look.row() for look in looks])
        put(PERFORMANCE, "Hours of talk", f"{PER_SECOND:.0f} messages a second, SQLite; {said}\n\n{rows}")
    return 1 if faults else 0


def _talk(street: Street, diary: Diary, ended: threading.Event, dice: random.Random) -> None:
    """One thread, many neighbours: each says a handful of things, as they come."""
    due = time.monotonic()
    while not ended.is_set():
        neighbour: Neighbour = street.follower(f"邻居{dice.randrange(10_000)}")
        for _ in range(dice.randrange(3, 15)):
            words = dice.choice(WORDS)
            push = neighbour.act("send", kind="text", text=words)["push"]
            diary.note(words, push["outcome"], push["ms"])
            due = max(due + TALKING_AT_ONCE / PER_SECOND, time.monotonic() - 1.0)
            if ended.wait(max(0.0, due - time.monotonic())):
                return


def _watch(stack: Stack, diary: Diary, seconds: float, every: float) -> list[Look]:
    looks, began = [], time.monotonic()
    until = began + seconds
    while time.monotonic() < until:
        time.sleep(max(0.0, min(every, until - time.monotonic())))
        pids = {name: stack.pid(name) for name in PROGRAMS}
        journal = stack.data / "xingfu.db-wal"
        looks.append(
            Look(
                minutes=(time.monotonic() - began) / 60,
                milliseconds=diary.take(),
                sizes={name: memory_mb(pid) for name, pid in pids.items()},
                files=sum(open_files(pid) for pid in pids.values()),
                journal_mb=journal.stat().st_size / 1e6 if journal.exists() else 0.0,
            )
        )
        print(
            "  ".join(f"{name} {value}" for name, value in zip(HEAD, looks[-1].row(), strict=True)),
            flush=True,
        )
    return looks


def _grown(looks: list[Look]) -> list[str]:
    first, last = looks[0].sizes, looks[-1].sizes
    return [
        f"{name} grew from {first[name]:.0f} to {last[name]:.0f} MB"
        for name in PROGRAMS
        if name != "sandbox" and last[name] > first[name] * MOST_GROWTH
    ]


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())

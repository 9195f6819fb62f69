"""`python -m bench.soak --hours 8`: neighbours talk to a running house for hours; memory, answers and invariants.

Every quarter of an hour one line: how many messages, the slowest answers, how large each program has become. The end
is a failure when anybody was not answered, an invariant broke, or a program grew by more than half after its first
quarter of an hour.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import memory_mb
from tests.roads.street import Neighbour, Street
from tests.stack import PROJECT, Stack

PROGRAMS = ("web", "scheduler", "delivery", "sandbox", "valkey")
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
PAUSE_SECONDS = 0.05
MOST_GROWTH = 1.5
LINE_SECONDS = 900.0


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
    sizes = _watch(stack, diary, time.monotonic() + seconds, every)
    ended.set()
    for talker in talkers:
        talker.join()
    faults = [*diary.unanswered[:20], *_grown(sizes), *_broken(stack)]
    print("\n".join(faults) or "nobody was left without an answer, nothing grew, all invariants hold")
    street.close()
    return 1 if faults else 0


def _talk(street: Street, diary: Diary, ended: threading.Event, dice: random.Random) -> None:
    """One thread, many neighbours: each says a handful of things, as they come."""
    while not ended.is_set():
        neighbour: Neighbour = street.follower(f"邻居{dice.randrange(10_000)}")
        for _ in range(dice.randrange(3, 15)):
            words = dice.choice(WORDS)
            push = neighbour.act("send", kind="text", text=words)["push"]
            diary.note(words, push["outcome"], push["ms"])
            if ended.wait(PAUSE_SECONDS):
                return


def _watch(stack: Stack, diary: Diary, until: float, every: float) -> list[dict[str, float]]:
    sizes = []
    while time.monotonic() < until:
        time.sleep(max(0.0, min(every, until - time.monotonic())))
        sizes.append({name: memory_mb(stack.pid(name)) for name in PROGRAMS})
        taken = diary.take() or [0]
        p99 = taken[int(len(taken) * 0.99)]
        grown = "  ".join(f"{name} {size:.0f} MB" for name, size in sizes[-1].items())
        print(f"{len(taken)} messages  p99 {p99} ms  slowest {taken[-1]} ms  {grown}", flush=True)
    return sizes


def _grown(sizes: list[dict[str, float]]) -> list[str]:
    first, last = sizes[0], sizes[-1]
    return [
        f"{name} grew from {first[name]:.0f} to {last[name]:.0f} MB"
        for name in PROGRAMS
        if name != "sandbox" and last[name] > first[name] * MOST_GROWTH
    ]


def _broken(stack: Stack) -> list[str]:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "check-invariants"]
    done = subprocess.run(
        command, cwd=PROJECT, env=stack.environ, capture_output=True, text=True, check=False
    )
    return [] if done.returncode == 0 else (done.stdout or done.stderr[-1000:]).splitlines()


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())

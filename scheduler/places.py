"""How many may be on their way, and how many wait decided: bounds that keep memory flat and a crash cheap."""

from __future__ import annotations

from models.dispatch import Claimed
from models.outbox import BROADCAST, PERSONAL

FOR_ANSWERS = 4  # that many answers to one person may leave although everything is full of broadcasts


class Places:
    """`at_once` are with WeChat together. Where it keeps a key against repeats, half as many more may be noted as begun
    and wait for a free hand; without a key all that is noted would be `unknown` after a crash."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.most = at_once + at_once // 2
        self._taken: dict[Claimed, tuple[int, bool]] = {}
        self._of_rank = [0, 0]
        self._keyless = 0

    def __len__(self) -> int:
        return len(self._taken)

    def take(self, one: Claimed, rank: int, *, keeps_key: bool) -> bool:
        """Whether there was room for it."""
        if not self._has_room(rank, keeps_key=keeps_key):
            return False
        self._taken[one] = rank, keeps_key
        self._count(rank, keeps_key, 1)
        return True

    def free(self, one: Claimed) -> None:
        rank, keeps_key = self._taken.pop(one)
        self._count(rank, keeps_key, -1)

    def wanted(self, waiting: tuple[int, int]) -> tuple[int, int]:
        """How many of each rank to claim while so many wait decided: seldom and many together."""
        personal = self.at_once - waiting[PERSONAL]
        broadcast = self.most - waiting[BROADCAST] if waiting[BROADCAST] <= self.at_once // 2 else 0
        return personal, broadcast

    def _has_room(self, rank: int, *, keeps_key: bool) -> bool:
        if rank == PERSONAL:
            return self._of_rank[PERSONAL] < self.at_once and (
                keeps_key or self._keyless < self.at_once + FOR_ANSWERS
            )
        return len(self._taken) < self.most and (keeps_key or self._keyless < self.at_once)

    def _count(self, rank: int, keeps_key: bool, step: int) -> None:
        self._of_rank[rank] += step
        self._keyless += 0 if keeps_key else step

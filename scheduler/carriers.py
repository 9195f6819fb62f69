"""The hands of a delivery process: threads that ask WeChat, always as many as may be on their way at once.

They never touch the database. What they bring back lies in one queue, whose length is bounded by what was handed out.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue

import structlog

from models.outbox import PERSONAL
from scheduler.places import FOR_ANSWERS
from scheduler.sending import Ending, Journey

log = structlog.get_logger()

Carry = Callable[[Journey], Ending | None]
Return = tuple[Journey, Ending | None, bool]


class Carriers:
    """`carry` is what each does with a journey; a fault in it brings the journey back as lost. A few hands carry
    messages to one person only: these never wait behind a broadcast."""

    def __init__(self, carry: Carry, at_once: int) -> None:
        self._carry = carry
        self._at_once = at_once
        self._lines: tuple[deque[Journey], deque[Journey]] = deque(), deque()
        # One ticket for each journey in the lines; None ends a thread.
        self._tickets: SimpleQueue[bool | None] = SimpleQueue()
        self._answers: SimpleQueue[bool | None] = SimpleQueue()
        self._back: SimpleQueue[Return] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def send_off(self, journey: Journey) -> None:
        if not self._threads:
            self._start()
        personal = journey.letter.rank == PERSONAL
        self._lines[0 if personal else 1].append(journey)
        self._tickets.put(True)
        if personal:
            self._answers.put(True)

    def come_back(self, seconds: float) -> list[Return]:
        """Who has come back; waits so long for the first one."""
        found: list[Return] = []
        try:
            found.append(self._back.get(timeout=seconds) if seconds > 0 else self._back.get_nowait())
            while True:
                found.append(self._back.get_nowait())
        except Empty:
            return found

    def close(self) -> None:
        for _ in self._threads:
            self._tickets.put(None)
            self._answers.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _start(self) -> None:
        for number in range(self._at_once + FOR_ANSWERS):
            tickets = self._answers if number < FOR_ANSWERS else self._tickets
            thread = threading.Thread(
                target=self._work, args=(tickets,), name=f"carrier-{number}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def _work(self, tickets: SimpleQueue[bool | None]) -> None:
        only_answers = tickets is self._answers
        while tickets.get() is not None:
            journey = self._next(only_answers)
            if journey is not None:
                self._back.put(self._carried(journey))

    def _next(self, only_answers: bool) -> Journey | None:
        """None when a hand for answers was quicker, or the other way round."""
        for line in self._lines[:1] if only_answers else self._lines:
            try:
                return line.popleft()
            except IndexError:
                continue
        return None

    def _carried(self, journey: Journey) -> Return:
        try:
            return journey, self._carry(journey), False
        except Exception:
            log.exception("send_fault", row=journey.claimed.id)
            return journey, None, True

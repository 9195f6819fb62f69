"""The house that is fuzzed: invented neighbours of every feature, a clock that stands still, and an ear at the logs."""

from __future__ import annotations

import hashlib
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import structlog
import time_machine

from app import clock
from app.cli import check_invariants
from app.wechat.replies import LONGEST_TEXT
from models.identity import Actor
from tests.fuzz.beginnings import Beginning
from tests.neighbours import Phone, Town, frozen

MORNING, EVENING = "2026-11-23 09:00", "2026-11-23 19:00"
LOUD = ("error", "critical", "exception")
CODE = re.compile(r"/(app|handlers|models|scheduler)/")


class Broken(AssertionError):
    """Something that must hold did not. `where` tells two faults apart: a corpus keeps one case of each."""

    def __init__(self, what: str, where: str = "") -> None:
        super().__init__(what)
        self.where = where or what.splitlines()[0][:120]


def where_of(fault: BaseException) -> str:
    """The kind of an exception and the last line of ours that it passed through."""
    if isinstance(fault, Broken):
        return fault.where
    frames = [one for one in traceback.extract_tb(fault.__traceback__) if CODE.search(one.filename)]
    last = f"{CODE.split(frames[-1].filename)[-1]}:{frames[-1].name}" if frames else "outside"
    return f"{type(fault).__name__} at {last}"


class World:
    """A town full of invented neighbours; each case is played by phones that have never spoken before, so that it can
    be played alone."""

    def __init__(self, town: Town, traveller: time_machine.Coordinates) -> None:
        self.town, self.clock = town, traveller
        town.seed(*(feature.name for feature in town.site.house.features))
        town.client.get("/healthz")
        self._cases = 0
        self.reader = Phone(town, "nobody in particular", "main")
        self.heard: list[str] = []
        self.beginning = Beginning(town)

    def new_case(self) -> None:
        self._cases += 1
        self.heard.clear()
        self.clock.move_to(_MORNING)

    def phone(self, number: int) -> Phone:
        """The neighbour of that number in this case."""
        return Phone(self.town, f"case {self._cases} neighbour {number}", "main")

    def passes(self, time: timedelta) -> None:
        """Time passes, until the evening at most (the neighbours' tomorrow is not played), and what was due is done."""
        before = clock.now()
        self.clock.move_to(min(before + time, _wall(EVENING)))
        for job in [job for feature in self.town.site.house.features for job in feature.jobs]:
            due = job.trigger.get_next_fire_time(None, before)
            if due is not None and due <= clock.now():
                self.town.writing(lambda session, job=job: job.run(Actor(session, channel="job")))  # type: ignore[misc]

    def hears_nothing_loud(self) -> None:
        if self.heard:
            raise Broken(f"the log says:\n{self.heard[0]}", self.heard[0].splitlines()[-1])

    def invariants_hold(self) -> None:
        if found := check_invariants(self.town.site):
            raise Broken(f"invariants: {found[:5]}", re.sub(r"\d+", "n", found[0]))


def _wall(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=clock.COMMUNITY)


_MORNING = _wall(MORNING)


def readable(xml: str) -> str:
    """The words of an answer; Broken when WeChat could not read or would not take it."""
    if not xml:
        return ""
    try:
        words = ET.fromstring(xml).findtext("Content") or ""
    except ET.ParseError as fault:
        raise Broken(f"the answer is no XML: {fault}: {xml[:200]}", "the answer is no XML") from None
    if len(words.encode()) > LONGEST_TEXT:
        raise Broken(f"an answer of {len(words.encode())} bytes", "too long an answer")
    return words


@contextmanager
def living(town: Town) -> Iterator[World]:
    with frozen(MORNING) as traveller:
        world = World(town, traveller)
        with _ear(world.heard):
            yield world
        world.beginning.forget()


@contextmanager
def _ear(heard: list[str]) -> Iterator[None]:
    """What is logged as an error, with its traceback. (Faults that are answered politely must not pass unseen.)"""

    def listen(_logger: Any, level: str, event: dict[str, Any]) -> dict[str, Any]:
        if level in LOUD:
            fault = sys.exc_info()[1]
            told = "".join(traceback.format_exception(fault)[-6:]) if fault else ""
            heard.append(f"{event}\n{told}" + (where_of(fault) if fault else str(event.get("event"))))
        raise structlog.DropEvent

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            fault = record.exc_info[1] if record.exc_info else None
            heard.append(
                record.getMessage() + "\n" + (where_of(fault) if fault else record.getMessage()[:80])
            )

    processors, handler = structlog.get_config()["processors"], Handler(logging.ERROR)
    kept = list(processors)
    processors[:] = [listen]
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        processors[:] = kept
        logging.getLogger().removeHandler(handler)


def short_name(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:10]

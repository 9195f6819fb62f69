"""A program of neighbours who trade hours until it is killed: several threads, each step a step of `tests.ledger.bank`.

What each thread knows goes to a tally, a line at a time: that it begins a unit of work, that the unit was kept (and by
which key the trail knows it), or which rule said no, or which fault the database had. After a kill the last line of a
thread says that it was in the middle of something.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from app import clock
from app.settings import load_settings
from app.site import Site
from models.identity import Person
from tests.ledger.bank import Bank

FAULTS = ("Busy", "IntegrityError")


def main() -> None:
    """Arguments: a seed, the tally, how many threads. A thread that falls takes the program with it."""
    seed, tally, threads = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    site = Site(load_settings(os.environ))
    clock.use_offset_file(site.settings.data / "clock")
    with site.database.reading() as session:
        persons = list(session.scalars(select(Person.id).order_by(Person.id)))
    bank, written = Bank(site, persons), os.open(tally, os.O_WRONLY | os.O_APPEND)
    for number in range(1, threads):
        threading.Thread(target=trade, args=(bank, f"{seed}-{number}", written), daemon=True).start()
    trade(bank, f"{seed}-0", written)


def trade(bank: Bank, name: str, written: int) -> None:
    dice, unit, nursery = random.Random(name), 0, os.getppid()
    try:
        while os.getppid() == nursery:  # whoever killed the test itself leaves no program behind
            unit += 1
            os.write(written, f"begun {name}\n".encode())
            said = bank.step(dice, f"{name}-{unit}")
            os.write(written, f"{said if _is_no(said) else 'kept'} {name}-{unit}\n".encode())
    except BaseException as fault:
        os.write(written, f"fell {name} {type(fault).__name__}\n".encode())
        raise


def _is_no(said: str) -> bool:
    """A rule's code, or a fault of the database; else it is the name of a step that was done."""
    return "." in said or said in FAULTS


@dataclass
class Tally:
    """What the programs have written down, read on from where it was read before."""

    file: Path
    read: int = 0
    begun: int = 0
    kept: set[str] = field(default_factory=set)
    no: Counter[str] = field(default_factory=Counter)
    fell: list[str] = field(default_factory=list)

    @property
    def cut_off(self) -> int:
        """Units in whose middle their program was killed (as far as it knew)."""
        return self.begun - len(self.kept) - self.no.total()

    def read_on(self) -> None:
        with self.file.open("rb") as lines:
            lines.seek(self.read)
            for line in lines.read().decode().splitlines(keepends=True):
                if line.endswith("\n"):
                    self.read += len(line)
                    self._count(*line.split())

    def _count(self, what: str, which: str, *more: str) -> None:
        if what == "begun":
            self.begun += 1
        elif what == "kept":
            self.kept.add(which)
        elif what == "fell":
            self.fell.append(" ".join((which, *more)))
        else:
            self.no[what] += 1

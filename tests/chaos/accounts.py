"""The account that a heavy proof gives of itself: seed, kills, retries, what was accepted, lost and doubled.

It is printed with the test, and `make chaos` (CHAOS_ACCOUNTS names a file) collects the accounts for docs/quality/faults.md.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass
class Account:
    """Counted by the test itself. `lost`: accepted and not to be found; `doubled`: one cause, two effects."""

    test: str
    faults: str
    section: str
    seed: int
    kills: int = 0
    retries: int = 0
    accepted: int = 0
    lost: int = 0
    doubled: int = 0
    words: str = ""

    def close(self, *, failed: bool = False) -> None:
        """Say it; nothing may be lost or doubled, whatever died. Who has accepted nothing cannot have lost anything, and
        a test that ended before it had counted says so."""
        self.words = f"**failed** {self.words}".strip() if failed else self.words
        print(
            f"{self.faults or '-'} SEED={self.seed} kills={self.kills} retries={self.retries} accepted={self.accepted} "
            f"lost={self.lost} doubled={self.doubled} {self.words}"
        )
        if file := os.environ.get("CHAOS_ACCOUNTS"):
            with Path(file).open("a", encoding="utf-8") as accounts:
                accounts.write(json.dumps(asdict(self), ensure_ascii=False) + "\n")
        assert failed or self.accepted
        assert self.lost == self.doubled == 0


def account_of(test: str, module: str, seed: int) -> Account:
    """For the test of that name: `test_f02_f16_words…[sqlite]` answers for the faults F02 and F16."""
    name, _, kind = test.removeprefix("test_").partition("[")
    faults = re.findall(r"(?:^|_)([fb]\d\d)(?=_)", name)
    said = re.sub(r"(?:^|_)[fb]\d\d(?=_)", "", name).strip("_").replace("_", " ")
    kind = f" ({kind.rstrip(']')})" if kind else ""
    section = module.rpartition(".")[2].removeprefix("test_").replace("_", " ").capitalize()
    return Account(said + kind, ", ".join(faults).upper(), section, seed)

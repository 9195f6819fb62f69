"""What a leader's phone sends: a batch of records, each looked at by itself, and what its clocks show now."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.device_clock import Reading

MOST_RECORDS = 500
LARGEST = 256 * 1024

Moment = Annotated[int, Field(ge=0, lt=2**43)]
Steady = Annotated[int, Field(ge=0, lt=2**43)]
Nonce = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Load = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class ToldOffline(BaseModel):
    """One record. `person` is on the list; without it, it is about somebody who is not, whose name and phone were
    typed with the first record, which the others name (`of`). "undo" takes the record `of` back."""

    model_config = ConfigDict(strict=True, extra="forbid")

    nonce: Nonce
    way: Literal["in", "out", "undo"]
    person: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    of: Nonce | None = None
    name: Annotated[str, Field(max_length=20)] = ""
    phone: Annotated[str, Field(max_length=20)] = ""
    at: Moment
    steady: Steady
    load: Load
    off: Annotated[int, Field(gt=-(2**43), lt=2**43)]


class Batch(BaseModel):
    """What one request brings. Records are looked at one by one: a broken one is refused alone."""

    model_config = ConfigDict(strict=True, extra="forbid")

    now: Moment
    steady: Steady
    load: Load
    records: Annotated[list[dict[str, Any]], Field(max_length=MOST_RECORDS)]

    @property
    def reading(self) -> Reading:
        return Reading(self.now, self.steady, self.load)

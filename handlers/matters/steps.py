"""What happened to a matter, written down in order: what the resident may read, and what is for colleagues."""

from __future__ import annotations

from models.identity import Actor
from models.matters import Matter, MatterStep


def step(by: Actor, matter: Matter, what: str, words: str | None = None, *, told: bool = True) -> MatterStep:
    row = MatterStep(matter=matter, what=what, told=told, staff_id=by.staff.id if by.staff else None)
    row.words = words
    by.session.add(row)
    return row

"""A sheet of residents, looked at line by line before anything is written: what is good, what is wrong in which cell,
and who is known already. The same look is taken again when the lines are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from sqlalchemy.orm import Session

from app.sheets.reading import Cell, Sheet
from handlers.registers import cells
from handlers.registers.cells import Wrong
from handlers.registers.columns import guessed, head_of
from handlers.registers.homes import Homes
from models.identity import Person
from models.people import phone_index, residents
from models.places import Place

T = TypeVar("T")
AT_ONCE, LONGEST_NAME = 400, 20
NEEDED = ("name", "phone")


@dataclass(slots=True)
class Line:
    """One line: `number` as the sheet counts (from 1), what it says, `wrong` by column, and `again` when the person is
    "known" or stands further up ("twin"). `shares` says that somebody else is known with this phone."""

    number: int
    row: Sequence[Cell]
    name: str = ""
    phone: str = ""
    place_id: int | None = None
    home: str = ""
    door: str = ""
    tie: str = ""
    agreed_on: date | None = None
    wrong: dict[int, str] = field(default_factory=dict)
    again: str = ""
    shares: bool = False

    @property
    def is_good(self) -> bool:
        return bool(self.name and self.phone) and not self.wrong and not self.again


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a sheet: in which row (from 0) its columns are named, how, what they hold, and its lines."""

    head: int
    names: list[str]
    columns: list[str]
    lines: list[Line]


def missing(columns: Sequence[str]) -> list[str]:
    """Without these no line can be good."""
    return [needed for needed in NEEDED if needed not in columns]


def look_at(session: Session, sheet: Sheet, columns: Sequence[str] | None = None) -> Look:
    """The sheet with these columns, or with those that its head seems to name. Without a head the first row is one."""
    head = head_of(sheet.rows) or 0
    first = sheet.rows[head]
    chosen = list(columns) if columns is not None else guessed(first)
    chosen += [""] * (sheet.width - len(chosen))
    names = [str(cell)[:LONGEST_NAME] for cell in first] + [""] * (sheet.width - len(first))
    return Look(head, names, chosen, _lines(session, sheet, head, chosen))


def _lines(session: Session, sheet: Sheet, head: int, columns: Sequence[str]) -> list[Line]:
    """Every line below the head that is not empty."""
    homes = Homes(session)
    lines = [
        _read(Line(number, row), columns, homes)
        for number, row in enumerate(sheet.rows[head + 1 :], head + 2)
        if any(cell != "" for cell in row)
    ]
    _mark_twins(lines)
    for part in _parts(lines):
        _mark_known(session, part)
    return lines


def _parts(lines: list[Line]) -> Iterator[list[Line]]:
    for start in range(0, len(lines), AT_ONCE):
        yield lines[start : start + AT_ONCE]


# ---- one line --------------------------------------------------------------------------------------------------------


def _read(line: Line, columns: Sequence[str], homes: Homes) -> Line:
    at = {name: number for number, name in enumerate(columns) if name}
    told = {name: _cell(line.row, number) for name, number in at.items()}

    def take(name: str, reads: Callable[[Cell], T], otherwise: T) -> T:
        if name not in at:
            return otherwise
        try:
            return reads(told[name])
        except Wrong as why:
            line.wrong[at[name]] = why.code
            return otherwise

    line.name = take("name", cells.name, "")
    line.phone = take("phone", cells.phone, "")
    line.agreed_on = take("agreed_on", cells.day, None)
    line.tie = take("tie", cells.text, "")
    line.door = take("door", cells.door, "")
    take("agreed", cells.agreed, True)
    if "address" in at:
        nowhere: tuple[Place | None, str] = (None, "")
        place, door = take("address", lambda cell: homes.read(cells.text(cell)), nowhere)
        line.door = line.door or door
    else:
        place = _place(line, at, told, homes)
    if place is not None:
        line.place_id, line.home = place.id, place.full_name
    return line


def _place(line: Line, at: dict[str, int], told: dict[str, Cell], homes: Homes) -> Place | None:
    """From up to three columns; what cannot be found is red where it stands."""
    words = [cells.text(told[name]) if name in told else "" for name in ("estate", "building", "unit")]
    try:
        return homes.find(*words)
    except Wrong as why:
        column = {"cell_no_building": "building", "cell_no_unit": "unit"}.get(why.code, "estate")
        line.wrong[at.get(column, at.get("building", at.get("unit", 0)))] = why.code
        return None


def _cell(row: Sequence[Cell], column: int) -> Cell:
    return row[column] if column < len(row) else ""


# ---- who is there already --------------------------------------------------------------------------------------------


def _mark_twins(lines: list[Line]) -> None:
    seen: set[tuple[str, str]] = set()
    for line in lines:
        key = (line.name, line.phone)
        if line.name and line.phone and key in seen:
            line.again = "twin"
        seen.add(key)


def _mark_known(session: Session, lines: list[Line]) -> None:
    """By phone and name together: a household may share one telephone."""
    indexes = {phone_index(line.phone) for line in lines if line.phone}
    names: dict[str, set[str | None]] = {}
    for person in session.scalars(residents().where(Person.phone_index.in_(indexes))):
        names.setdefault(person.phone_index or "", set()).add(person.name)
    for line in lines:
        known = names.get(phone_index(line.phone), set()) if line.phone else set()
        line.again = line.again or ("known" if line.name in known else "")
        line.shares = bool(known) and line.name not in known

"""What happens to registers: a sheet is handed in, looked at, taken in line by line, taken back; tables are taken out.

Taking tables out is in exports.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app import audit, clock, files, work
from handlers.people import actions as people
from handlers.registers import columns as heads
from handlers.registers.checking import Line, Look, missing
from handlers.registers.doors import move_in
from models import registers as model
from models.identity import Actor
from models.places import Place
from models.refusal import Refusal
from models.registers import RegisterImport, RegisterLine
from models.sight import need_staff

FILES_LIVE = model.UNDO_WITHIN
SHOWN, SAMPLES, LONGEST_SHOWN = 50, 3, 60
LONGEST_BASIS = 60
SHEETS = "application/octet-stream"


# ---- handing in and looking ------------------------------------------------------------------------------------------


def hand_in(by: Actor, content: bytes, name: str) -> RegisterImport:
    """Keep the sheet for a day, sealed, and have it looked at."""
    if not content.strip():
        raise Refusal("registers.empty")
    until = clock.now() + FILES_LIVE
    kept = files.store(
        by.session,
        content,
        purpose="registers.import",
        name=name,
        media_type=SHEETS,
        owner=by.staff,
        until=until,
    )
    sheet = RegisterImport(staff_id=need_staff(by).id, file_id=kept.id, name=kept.name)
    by.session.add(sheet)
    audit.note(by, "registers.hand_in", sheet, size=len(content), sha256=kept.sha256[:12])
    look_again(by, sheet)
    return sheet


def look_again(by: Actor, sheet: RegisterImport, columns: Sequence[str] | None = None) -> None:
    """Have it checked, with other columns when the guess was wrong."""
    if sheet.state not in ("uploaded", "checked") or sheet.is_worked_on:
        raise Refusal("registers.not_now")
    if sheet.file_id is None:
        raise Refusal("registers.file_gone")
    if columns is not None:
        sheet.columns = _only_known(columns)
        audit.note(by, "registers.set_columns", sheet, columns=[name for name in sheet.columns if name])
    _let_work(by, sheet, "registers.check")


def _only_known(columns: Sequence[str]) -> list[str]:
    chosen = [name if name in heads.FIELDS else "" for name in columns]
    twice = [name for name in chosen if name and chosen.count(name) > 1]
    if twice:
        raise Refusal("registers.column_twice", column=heads.OPTIONS[twice[0]])
    return chosen


def note_checked(by: Actor, sheet: RegisterImport, look: Look) -> None:
    """What the look has found: counts, and of the first bad lines what stands in them and what is wrong."""
    lines = look.lines
    sheet.state, sheet.head, sheet.columns = "checked", look.head, look.columns
    sheet.lines, sheet.good = len(lines), sum(line.is_good for line in lines)
    sheet.again = sum(bool(line.again) and not line.wrong for line in lines)
    sheet.seen = {
        "head": look.names,
        "bad": [_red(line) for line in lines if line.wrong][:SHOWN],
        "twins": [line.number for line in lines if line.again == "twin"][:SHOWN],
        "known": [line.number for line in lines if line.again == "known"][:SHOWN],
        "shares": [line.number for line in lines if line.shares and line.is_good][:SHOWN],
        "good": [_sample(line) for line in lines if line.is_good][:SAMPLES],
    }
    audit.note(by, "registers.check", sheet, lines=sheet.lines, good=sheet.good, again=sheet.again)


def _red(line: Line) -> dict[str, object]:
    cells = [str(cell)[:LONGEST_SHOWN] for cell in line.row]
    return {"number": line.number, "row": cells, "wrong": {str(at): code for at, code in line.wrong.items()}}


def _sample(line: Line) -> list[str]:
    """One good line as it would be kept, to see at a glance that the columns are right."""
    return [line.name, line.phone, line.home, line.door]


# ---- taking in -------------------------------------------------------------------------------------------------------


def take_in(by: Actor, sheet: RegisterImport, *, basis: str, only_good: bool) -> None:
    """Begin: the lines become residents, batch by batch."""
    _may_be_taken_in(sheet, only_good)
    if not basis.strip() and "agreed" not in (sheet.columns or []):
        raise Refusal("registers.basis_needed")
    if sheet.is_worked_on or not model.begin(by.session, sheet):
        raise Refusal("registers.not_now")
    sheet.basis, sheet.only_good = basis.strip()[:LONGEST_BASIS] or None, only_good
    audit.note(by, "registers.take_in", sheet, lines=sheet.good, only_good=only_good)
    _let_work(by, sheet, "registers.take_in")


def _may_be_taken_in(sheet: RegisterImport, only_good: bool) -> None:
    if sheet.state != "checked":
        raise Refusal("registers.not_now")
    if missing(sheet.columns or []):
        raise Refusal("registers.columns_missing")
    if not sheet.good:
        raise Refusal("registers.nothing_good")
    if sheet.bad and not only_good:
        raise Refusal("registers.some_are_bad", bad=sheet.bad)


def go_on(by: Actor, sheet: RegisterImport) -> None:
    """What was stopped in the middle goes on where it stopped."""
    if sheet.state != "running" or sheet.is_worked_on:
        raise Refusal("registers.not_now")
    _let_work(by, sheet, "registers.take_in")


def write_lines(by: Actor, sheet: RegisterImport, lines: Sequence[Line]) -> None:
    """Residents who agreed on paper, all of them or none. Whoever calls has looked that no line was written before;
    the unique key of its number would stop it."""
    places = {line.place_id: by.session.get(Place, line.place_id) for line in lines if line.place_id}
    homes = [places[line.place_id] if line.place_id else None for line in lines]
    newcomers = [
        people.Newcomer(line.name, line.phone, home) for line, home in zip(lines, homes, strict=True)
    ]
    there = people.register_all(replace(by, channel="paper"), newcomers)
    for line, home, person in zip(lines, homes, there, strict=True):
        move_in(by, line, person, home)
    by.session.add_all(
        RegisterLine(import_id=sheet.id, number=line.number, agreed_on=line.agreed_on, person_id=person.id)
        for line, person in zip(lines, there, strict=True)
    )


def end_import(by: Actor, sheet: RegisterImport, state: str) -> None:
    sheet.state, sheet.ended_at = state, clock.now()
    audit.note(by, "registers.end_import", sheet, state=state, **model.counted(by.session, sheet))


# ---- taking back -----------------------------------------------------------------------------------------------------


def take_back(by: Actor, sheet: RegisterImport) -> None:
    """Within a day: whoever came by this sheet and was not touched since goes again."""
    if not sheet.can_be_undone:
        raise Refusal("registers.too_late_to_undo")
    audit.note(by, "registers.take_back", sheet, **model.counted(by.session, sheet))
    _let_work(by, sheet, "registers.take_back")


def take_back_line(by: Actor, line: RegisterLine) -> None:
    line.why = model.touched_since(by.session, line)
    if line.why is not None or line.person is None:
        line.state = "kept"
        return
    people.erase(by, line.person)
    line.state = "undone"


def drop(by: Actor, sheet: RegisterImport) -> None:
    """Throw a sheet away of which nothing was taken in."""
    if sheet.state not in ("uploaded", "checked") or sheet.is_worked_on:
        raise Refusal("registers.not_now")
    _forget_cells(by, sheet)
    sheet.state = "dropped"
    audit.note(by, "registers.drop", sheet)


def forget_old_sheets(by: Actor) -> int:
    """A day after it came a sheet's cells are gone, whatever became of it."""
    stale = by.session.scalars(model.stale_imports(clock.now() - FILES_LIVE)).all()
    for sheet in stale:
        if not sheet.is_worked_on:
            _forget_cells(by, sheet)
    return len(stale)


def _forget_cells(by: Actor, sheet: RegisterImport) -> None:
    sheet.seen = None
    if sheet.file is not None:
        kept, sheet.file_id = sheet.file, None
        by.session.flush()
        files.remove(by.session, kept)


def _let_work(by: Actor, sheet: RegisterImport, kind: str) -> None:
    by.session.flush()
    row = work.ask_for(by, kind, sheet=sheet.id)
    by.session.flush()
    sheet.work_id = row.id

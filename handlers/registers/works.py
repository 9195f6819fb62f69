"""The long work of registers: looking at a sheet, taking it in, taking it back. Each may be killed in the middle and is
done again: a line that was written is known by its number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from app import clock, files
from app.database import run_in_savepoint
from app.sheets.reading import BadSheet, Sheet, read
from app.sheets.writing import XLSX, Column, Table, as_xlsx
from app.work import Task
from handlers.registers import actions, checking
from handlers.registers.checking import Line
from handlers.registers.doors import heads_first
from models import registers as model
from models.identity import Actor
from models.refusal import Refusal
from models.registers import RegisterImport, RegisterLine

T = TypeVar("T")
BATCH = 50
LONGEST_COLUMN = 40


# ---- looking ---------------------------------------------------------------------------------------------------------


def check(task: Task) -> Mapping[str, Any]:
    """Read the sheet, look at each line, and give back a copy in which what is wrong is red."""
    task.step(0, 3, "打开表格")
    sheet = _opened(task)
    task.step(1, 3, "逐行检查")
    look = _look(task, sheet)
    task.step(2, 3, "标出要改的地方")
    if any(line.wrong for line in look.lines):
        marked = as_xlsx(_marked(task, sheet, look))
        task.give_file(marked, name="要改的地方.xlsx", media_type=XLSX, purpose="registers.marked")
    number = task.facts["sheet"]
    task.writing(lambda by: actions.note_checked(by, by.session.get_one(RegisterImport, number), look))
    return {"sheet": number, "bad": sum(bool(line.wrong) for line in look.lines)}


def _opened(task: Task) -> Sheet:
    with task.site.database.reading() as session:
        row = session.get_one(RegisterImport, task.facts["sheet"])
        try:
            content = files.content_of(row.file) if row.file else None
        except files.FileGone:
            content = None
    if content is None:
        raise Refusal("registers.file_gone")
    try:
        return read(content)
    except BadSheet as why:
        raise Refusal(f"registers.sheet_{why.code}", at=why.at) from None


def _look(task: Task, sheet: Sheet) -> checking.Look:
    with task.site.database.reading() as session:
        row = session.get_one(RegisterImport, task.facts["sheet"])
        return checking.look_at(session, sheet, row.columns)


def _marked(task: Task, sheet: Sheet, look: checking.Look) -> Table:
    """The lines as they came, the wrong cells red with what is wrong; what was right before stays as it is."""
    columns = [Column(name or " ", _width(sheet, at)) for at, name in enumerate(look.names)]
    words = task.site.house.say_in
    remarks = {
        (at, column): words("registers", code, {})
        for at, line in enumerate(look.lines)
        for column, code in line.wrong.items()
    }
    told = [";".join(words("registers", code, {}) for code in line.wrong.values()) for line in look.lines]
    rows = [
        [*line.row, *[""] * (len(columns) - len(line.row)), problem]
        for line, problem in zip(look.lines, told, strict=True)
    ]
    community, now = task.site.settings.community, clock.local(clock.now())
    return Table(
        title="要改的地方(红色)",
        unit=community.name,
        day=f"{now:%Y-%m-%d}",
        filled_by="",
        mark=f"改好后重新上传 {now:%Y-%m-%d %H:%M}",
        columns=[*columns, Column("问题", 30)],
        rows=rows,
        remarks=remarks,
    )


def _width(sheet: Sheet, column: int) -> int:
    longest = max((len(str(row[column])) for row in sheet.rows if column < len(row)), default=8)
    return min(LONGEST_COLUMN, max(8, longest + 4))


# ---- taking in -------------------------------------------------------------------------------------------------------


def take_in(task: Task) -> Mapping[str, Any]:
    """All good lines, in batches; when all or nothing was asked for and one fails, what was written goes again."""
    number = task.facts["sheet"]
    before = _written(task, number)
    ahead = [line for line in _look(task, _opened(task)).lines if line.number not in before]
    lines = heads_first([line for line in ahead if line.is_good])
    only_good = _only_good(task, number)
    done, failed = len(before), 0 if only_good else sum(bool(line.wrong) for line in ahead)
    for batch in _batches(lines):
        task.step(done, len(lines) + len(before), "登记")
        failed += task.writing(lambda by, batch=batch: _write(by, number, batch))  # type: ignore[misc]
        done += len(batch)
    state = "failed" if failed and not only_good else "done"
    task.writing(lambda by: actions.end_import(by, by.session.get_one(RegisterImport, number), state))
    if state == "failed":
        _take_all_back(task, number)
        raise Refusal("registers.nothing_taken", failed=failed)
    return {"sheet": number, "made": done - failed, "failed": failed}


def _write(by: Actor, number: int, batch: Sequence[Line]) -> int:
    """How many of the batch were refused after all: it is written as one, or, when one of it is refused, line by
    line."""
    sheet = by.session.get_one(RegisterImport, number)
    written = model.written_of(by.session, sheet)
    ahead = [line for line in batch if line.number not in written]
    if _is_written(by, sheet, ahead):
        return 0
    return sum(not _is_written(by, sheet, [line]) for line in ahead)


def _is_written(by: Actor, sheet: RegisterImport, lines: Sequence[Line]) -> bool:
    try:
        run_in_savepoint(by.session, lambda: actions.write_lines(by, sheet, lines))
    except Refusal:
        return False
    return True


def _written(task: Task, number: int) -> set[int]:
    with task.site.database.reading() as session:
        return model.written_of(session, session.get_one(RegisterImport, number))


def _only_good(task: Task, number: int) -> bool:
    with task.site.database.reading() as session:
        return session.get_one(RegisterImport, number).only_good


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


# ---- taking back -----------------------------------------------------------------------------------------------------


def take_back(task: Task) -> Mapping[str, Any]:
    number = task.facts["sheet"]
    _take_all_back(task, number)
    task.writing(lambda by: actions.end_import(by, by.session.get_one(RegisterImport, number), "undone"))
    with task.site.database.reading() as session:
        counts = model.counted(session, session.get_one(RegisterImport, number))
    return {"sheet": number, "undone": counts.get("undone", 0), "kept": counts.get("kept", 0)}


def _take_all_back(task: Task, number: int) -> None:
    with task.site.database.reading() as session:
        sheet = session.get_one(RegisterImport, number)
        waiting = [line.id for line in session.scalars(model.lines_of(sheet)) if line.state == "made"]
    for done, batch in enumerate(_batches(waiting)):
        task.step(done * BATCH, len(waiting), "撤销")
        task.writing(lambda by, batch=batch: _back(by, batch))  # type: ignore[misc]


def _back(by: Actor, batch: Sequence[int]) -> None:
    for number in batch:
        actions.take_back_line(by, by.session.get_one(RegisterLine, number))

"""Taking tables out: asked for, agreed to by a second person when they are many people, made, given, written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from app import audit, clock, work
from app.sheets.writing import CSV, XLSX, Table, as_csv, as_xlsx
from app.work import Task
from handlers.registers.kinds import KINDS
from handlers.registers.tables import Kind, Wanted
from models import registers as model
from models.identity import Actor
from models.refusal import Refusal
from models.registers import MOST_ALONE, RegisterExport
from models.sight import need_staff
from models.staff import StaffMember

FORMS = {"xlsx": XLSX, "csv": CSV.partition(";")[0]}
LONGEST_PERIOD = 366
SHORTEST_REASON, LONGEST_REASON = 4, 60
STEP_EVERY = 2_000


def ask(by: Actor, kind: str, wanted: Wanted, *, form: str, reason: str = "") -> RegisterExport:
    """Want a table: few rows, or rows about nobody, may be taken at once; of many people a second one says yes."""
    table, staff = KINDS[kind], need_staff(by)
    _check(table, staff, wanted, reason)
    rows = table.count(by.session, wanted)
    if not rows:
        raise Refusal("registers.no_rows")
    state = "waiting" if table.personal and _is_many(by, staff, rows) else "agreed"
    facts = {"first": wanted.first.isoformat(), "last": wanted.last.isoformat(), "form": form}
    asked = RegisterExport(
        staff_id=staff.id,
        kind=kind,
        facts=facts,
        whole=wanted.whole,
        rows=rows,
        state=state,
        reason=reason or None,
    )
    by.session.add(asked)
    audit.note(by, "registers.ask_export", asked, kind=kind, rows=rows, whole=wanted.whole, state=state)
    return asked


def _is_many(by: Actor, staff: StaffMember, rows: int) -> bool:
    """Together with what they took by themselves within a day: a year in twelve small tables is a large one."""
    about_people = [name for name, kind in KINDS.items() if kind.personal]
    return rows + model.taken_alone(by.session, staff, about_people) > MOST_ALONE


def _check_role(table: Kind, staff: StaffMember) -> None:
    if not set(table.roles) & set(staff.roles):
        raise Refusal("registers.not_for_you")


def _check(table: Kind, staff: StaffMember, wanted: Wanted, reason: str) -> None:
    _check_role(table, staff)
    if wanted.first > wanted.last or (wanted.last - wanted.first).days > LONGEST_PERIOD:
        raise Refusal("registers.bad_period")
    if wanted.whole and not table.can_be_whole:
        raise Refusal("registers.never_whole")
    if wanted.whole and len(reason) < SHORTEST_REASON:
        raise Refusal("registers.reason_needed")


def take(by: Actor, asked: RegisterExport) -> int:
    """Have it made, if they may still have it; the number of the long work."""
    staff = need_staff(by)
    if asked.staff_id != staff.id:
        raise Refusal("registers.not_for_you")
    _check_role(KINDS[asked.kind], staff)
    if not asked.may_be_taken:
        raise Refusal("registers.not_agreed")
    row = work.ask_for(by, "registers.export", export=asked.id)
    by.session.flush()
    return row.id


def decide(by: Actor, asked: RegisterExport, *, yes: bool) -> None:
    """A second person has looked at what is wanted and why; nobody agrees to their own wish."""
    staff = need_staff(by)
    if asked.staff_id == staff.id:
        raise Refusal("registers.not_yourself")
    if not model.decide(by.session, asked, "agreed" if yes else "refused", staff):
        raise Refusal("registers.decided_already")
    audit.note(by, "registers.agree_export" if yes else "registers.refuse_export", asked, rows=asked.rows)


# ---- the long work ---------------------------------------------------------------------------------------------------


def make(task: Task) -> Mapping[str, Any]:
    """The table as a file, marked on every page with who took it and when; done again it is the same file anew."""
    number = task.facts["export"]
    table, name, form = _table(task, number)
    task.step(len(table.rows), len(table.rows), "写成文件")
    content = as_csv(table) if form == "csv" else as_xlsx(table)
    task.writing(
        lambda by: _note_taken(by, by.session.get_one(RegisterExport, number), content, len(table.rows))
    )
    task.give_file(content, name=f"{name}.{form}", media_type=FORMS[form], purpose="registers.export")
    return {"rows": len(table.rows), "sha256": sha256(content).hexdigest()}


def _table(task: Task, number: int) -> tuple[Table, str, str]:
    community, now = task.site.settings.community.name, clock.local(clock.now())
    with task.site.database.reading() as session:
        asked = session.get_one(RegisterExport, number)
        kind, wanted = KINDS[asked.kind], _wanted(asked)
        rows = []
        for row in kind.rows(session, wanted):
            rows.append(row)
            if len(rows) % STEP_EVERY == 0:
                task.step(len(rows), max(asked.rows, len(rows)), "读出来")
        _check_number(kind, asked, len(rows))
        who, form = asked.staff.name, asked.facts["form"]
    period = f"{wanted.first} 至 {wanted.last}" if kind.has_period else "全部"
    made = Table(
        title=f"{community}{kind.title}台账({period})",
        unit=community,
        day=f"{now:%Y-%m-%d}",
        filled_by=who,
        mark=f"{who} {now:%Y-%m-%d %H:%M} 导出 第{number}号",
        columns=kind.columns,
        rows=rows,
    )
    return made, f"{kind.title}_{now:%Y%m%d}_{number}", form


def _wanted(asked: RegisterExport) -> Wanted:
    first, last = (date.fromisoformat(asked.facts[name]) for name in ("first", "last"))
    return Wanted(first, last, asked.whole)


def _check_number(kind: Kind, asked: RegisterExport, rows: int) -> None:
    """It may have grown since it was asked for: then a second person has to look after all."""
    if kind.personal and asked.decided_by is None and rows > MOST_ALONE:
        raise Refusal("registers.too_many_now", most=MOST_ALONE)


def _note_taken(by: Actor, asked: RegisterExport, content: bytes, rows: int) -> None:
    if asked.state not in ("agreed", "taken"):
        raise Refusal("registers.not_agreed")
    asked.state, asked.rows, asked.taken_at = "taken", rows, clock.now()
    asked.sha256 = sha256(content).hexdigest()
    period = f"{asked.facts['first']}/{asked.facts['last']}"
    facts = {"kind": asked.kind, "period": period, "rows": rows, "whole": asked.whole}
    audit.note(by, "registers.export", asked, sha256=asked.sha256[:16], form=asked.facts["form"], **facts)

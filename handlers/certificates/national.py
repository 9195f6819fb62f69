"""The export for the national system of volunteer records: asked for, agreed to by a second person when it is large,
made as a file that lives for a day, each record marked with the batch that it went with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, contains_eager

from app import audit, clock, work
from app.sheets.writing import CSV, XLSX, Column, Table, as_csv, as_xlsx
from app.work import Task
from handlers.certificates.files import open_file
from handlers.certificates.national_fields import (
    CORRECTED,
    DAY_FORMS,
    FIELDS,
    NEW,
    SAME,
    TAKEN_BACK,
    TITLES,
    Record,
    Template,
    cells_of,
    digest_of,
    mapping_of,
    record_of,
)
from models import certificate_export as model
from models.certificate_export import ENTITIES, NationalBatch, NationalMapping, NationalMark
from models.certificates import terms
from models.hours import ServiceHours
from models.identity import Actor, Person
from models.lately import counted_lately
from models.refusal import Refusal
from models.registers import ALONE_WITHIN, MOST_ALONE
from models.sight import need_staff
from models.volunteer_file import VolunteerFile

FORMS = {"xlsx": XLSX, "csv": CSV.partition(";")[0]}
STEP, OPENED_AT_ONCE, WIDTH = 500, 200, 16
MOST_COLUMNS, LONGEST_HEAD = 30, 30


class Counted(NamedTuple):
    """How many records there are, and how many of those that stand were never reported."""

    every: int
    unmarked: int


@dataclass(frozen=True, slots=True)
class Found:
    """A record with what it says now and whether it was reported before."""

    number: int
    record: Record
    digest: str
    mark: NationalMark | None
    gone: bool = False

    @property
    def change(self) -> str:
        if self.mark is None:
            return NEW
        if self.mark.digest == self.digest:
            return SAME
        return TAKEN_BACK if self.gone else CORRECTED


# ---- which records ---------------------------------------------------------------------------------------------------


def _is_marked(entity: str, column: Any) -> ColumnElement[bool]:
    return exists().where(NationalMark.entity == entity, NationalMark.record_id == column)


def _hours() -> Select[ServiceHours]:
    """What stands, and what was reported and does not stand any more; of those who are still themselves."""
    reported = _is_marked("hours", ServiceHours.id)
    stands = or_(ServiceHours.state == "posted", reported)
    return select(ServiceHours).where(ServiceHours.person_id.is_not(None), stands).order_by(ServiceHours.id)


def _volunteers() -> Select[VolunteerFile]:
    themselves = Person.erased_at.is_(None), Person.merged_into_id.is_(None)
    return select(VolunteerFile).join(VolunteerFile.person).where(*themselves).order_by(VolunteerFile.id)


def _all_of(entity: str) -> Select[Any]:
    return _hours() if entity == "hours" else _volunteers()


def _rows_of(entity: str) -> Select[Any]:
    """The same with what a record of it says."""
    return _hours() if entity == "hours" else _volunteers().options(contains_eager(VolunteerFile.person))


def count(session: Session, entity: str) -> Counted:
    """All of them are gone through once."""
    number = ServiceHours.id if entity == "hours" else VolunteerFile.id
    new = ~_is_marked(entity, number)
    new = and_(ServiceHours.state == "posted", new) if entity == "hours" else new
    sums = func.count(), func.sum(case((new, 1), else_=0))
    rows = _all_of(entity).order_by(None).with_only_columns(*sums, maintain_column_froms=True)
    every, unmarked = session.execute(rows).one()
    return Counted(every, int(unmarked or 0))


def shown(session: Session, entity: str) -> Counted:
    """The same for a page, where it may be as it was a moment ago."""
    return counted_lately(
        session, ("national", entity), lambda: count(session, entity), lambda one: one.every
    )


def found_in(session: Session, entity: str, mapping: Template, rows: Sequence[Any]) -> Iterator[Found]:
    marks, rule = model.marks_of(session, entity, [row.id for row in rows]), terms(session)
    for row in rows:
        if isinstance(row, VolunteerFile):
            record: Record | None = Record(session, row, rule, mapping.day_form)
            gone = False
        else:
            record, gone = record_of(session, rule, mapping.day_form, row), row.state != "posted"
        if record is not None:
            yield Found(row.id, record, digest_of(entity, record), marks.get(row.id), gone)


def first_rows(session: Session, entity: str, mapping: Template, most: int) -> list[tuple[Found, list[str]]]:
    """To look at before anything is made: the newest records."""
    table: Any = ServiceHours if entity == "hours" else VolunteerFile
    rows = session.scalars(_rows_of(entity).order_by(None).order_by(table.id.desc()).limit(most)).all()
    found = found_in(session, entity, mapping, rows)
    return [(one, cells_of(mapping, entity, one.record, one.change)) for one in found]


# ---- asking and agreeing ---------------------------------------------------------------------------------------------


def ask(by: Actor, entity: str, *, only_changes: bool, form: str) -> NationalBatch:
    """A small batch may be made at once; of many people a second one says yes, as for every register."""
    staff = need_staff(by)
    if entity not in ENTITIES or form not in FORMS:
        raise Refusal("certificates.no_such_batch")
    counted = count(by.session, entity)
    rows = counted.unmarked if only_changes else counted.every
    if not rows and not only_changes:
        raise Refusal("certificates.nothing_to_report")
    state = "waiting" if rows + _alone(by) > MOST_ALONE else "agreed"
    row = NationalBatch(
        entity=entity, only_changes=only_changes, form=form, rows=rows, state=state, staff_id=staff.id
    )
    by.session.add(row)
    audit.note(by, "certificates.ask_national", row, entity=entity, rows=rows, state=state)
    return row


def _alone(by: Actor) -> int:
    """Rows that they have had made by themselves within a day."""
    mine = NationalBatch.staff_id == need_staff(by).id, NationalBatch.decided_by_id.is_(None)
    lately = NationalBatch.state == "made", NationalBatch.asked_at > clock.now() - ALONE_WITHIN
    return (
        by.session.scalar(select(func.coalesce(func.sum(NationalBatch.rows), 0)).where(*mine, *lately)) or 0
    )


def decide(by: Actor, batch: NationalBatch, *, yes: bool) -> None:
    """Nobody agrees to their own wish."""
    staff = need_staff(by)
    if batch.staff_id == staff.id:
        raise Refusal("certificates.not_your_own_batch")
    if not model.decide(by.session, batch, "agreed" if yes else "refused", staff):
        raise Refusal("certificates.decided_already")
    action = "certificates.agree_national" if yes else "certificates.refuse_national"
    audit.note(by, action, batch, rows=batch.rows)


def ask_to_make(by: Actor, batch: NationalBatch) -> int:
    """The number of the long work; only whoever wanted it, within a day."""
    if batch.staff_id != need_staff(by).id:
        raise Refusal("certificates.not_your_batch")
    if not batch.may_be_made:
        raise Refusal("certificates.not_agreed")
    row = work.ask_for(by, "certificates.national", batch=batch.id)
    by.session.flush()
    return row.id


# ---- the long work ---------------------------------------------------------------------------------------------------


def make(task: Task) -> Mapping[str, Any]:
    """The file, and a mark on each of its records. Done again it holds the same records: those that bear its number."""
    number = task.facts["batch"]
    _open_missing_files(task)
    found, table, form = _collected(task, number)
    content = as_csv(table) if form == "csv" else as_xlsx(table)
    task.step(len(found), len(found), "写成文件")
    task.writing(lambda by: _note_made(by, by.session.get_one(NationalBatch, number), found, content))
    name = f"{table.title}_第{number}批.{form}"
    task.give_file(content, name=name, media_type=FORMS[form], purpose="certificates.national")
    return {"rows": len(found), "sha256": sha256(content).hexdigest(), "batch": number}


def _open_missing_files(task: Task) -> None:
    """Whoever has hours that stand gets a volunteer's number."""
    while task.writing(_open_some):
        task.step(0, 1, "编志愿者编号")


def _open_some(by: Actor) -> int:
    has_file = exists().where(VolunteerFile.person_id == Person.id)
    stands = exists().where(ServiceHours.person_id == Person.id, ServiceHours.state == "posted")
    themselves = Person.erased_at.is_(None), Person.merged_into_id.is_(None), Person.name.is_not(None)
    without = select(Person).where(*themselves, stands, ~has_file).order_by(Person.id).limit(OPENED_AT_ONCE)
    rows = by.session.scalars(without).all()
    for person in rows:
        open_file(by, person)
    return len(rows)


def _collected(task: Task, number: int) -> tuple[list[tuple[int, str]], Table, str]:
    with task.site.database.reading() as session:
        batch = session.get_one(NationalBatch, number)
        mapping, rows, found = mapping_of(session, batch.entity), [], []
        for one in _every(task, session, batch, mapping):
            rows.append(cells_of(mapping, batch.entity, one.record, one.change))
            found.append((one.number, one.digest))
        _check_number(batch, len(rows))
        columns = [Column(head, WIDTH) for head, _ in mapping.columns]
        title, who, form = TITLES[batch.entity], batch.staff.name, batch.form
        day = f"{clock.today():%Y-%m-%d}"
    return found, Table(title, "", day, who, "", columns, rows, bare=True), form


def _every(task: Task, session: Session, batch: NationalBatch, mapping: Template) -> Iterator[Found]:
    rows = session.scalars(_rows_of(batch.entity).execution_options(yield_per=STEP)).partitions(STEP)
    total, done = max(batch.rows, 1), 0
    for some in rows:
        done += len(some)
        task.step(done, max(total, done), "读出来")
        for one in found_in(session, batch.entity, mapping, some):
            again = one.mark is not None and one.mark.batch_id == batch.id
            if not batch.only_changes or again or one.change != SAME:
                yield one


def _check_number(batch: NationalBatch, rows: int) -> None:
    if not rows:
        raise Refusal("certificates.nothing_changed")
    if batch.decided_by_id is None and rows > MOST_ALONE:
        raise Refusal("certificates.too_many_now", most=MOST_ALONE)


def _note_made(by: Actor, batch: NationalBatch, found: Sequence[tuple[int, str]], content: bytes) -> None:
    if batch.state not in ("agreed", "made"):
        raise Refusal("certificates.not_agreed")
    batch.state, batch.rows, batch.made_at = "made", len(found), clock.now()
    batch.sha256 = sha256(content).hexdigest()
    _mark(by, batch, found)
    facts = {"entity": batch.entity, "rows": batch.rows, "only_changes": batch.only_changes}
    audit.note(by, "certificates.make_national", batch, sha256=batch.sha256[:16], form=batch.form, **facts)


def _mark(by: Actor, batch: NationalBatch, found: Sequence[tuple[int, str]]) -> None:
    connection = by.session.connection()
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(NationalMark)
    newest = {name: insert.excluded[name] for name in ("digest", "batch_id", "at")}
    marked = insert.on_conflict_do_update(index_elements=["entity", "record_id"], set_=newest)
    facts = {"entity": batch.entity, "batch_id": batch.id, "at": clock.now()}
    rows = [{"record_id": number, "digest": digest, **facts} for number, digest in found]
    connection.execute(marked, rows)


# ---- the mapping -----------------------------------------------------------------------------------------------------


def change_mapping(
    by: Actor, entity: str, columns: Sequence[tuple[str, str]], day_form: str
) -> NationalMapping:
    """Which columns a file has from now on, in this order, and how a day is written in it."""
    staff, heads = need_staff(by), [head for head, _ in columns]
    if entity not in ENTITIES or day_form not in DAY_FORMS or not 0 < len(columns) <= MOST_COLUMNS:
        raise Refusal("certificates.bad_mapping")
    if any(field not in FIELDS[entity] or len(head) > LONGEST_HEAD for head, field in columns):
        raise Refusal("certificates.bad_mapping")
    if twice := next((head for head in heads if heads.count(head) > 1), None):
        raise Refusal("certificates.head_twice", head=twice)
    row = by.session.get(NationalMapping, entity)
    if row is None:
        row = NationalMapping(entity=entity)
        by.session.add(row)
    row.columns = [{"head": head, "field": field} for head, field in columns]
    row.day_form, row.staff_id, row.changed_at = day_form, staff.id, clock.now()
    audit.note(by, "certificates.change_mapping", row, entity=entity, count=len(columns))
    return row


def reset_mapping(by: Actor, entity: str) -> None:
    """Back to what we came with."""
    row = by.session.get(NationalMapping, entity)
    if row is not None:
        audit.note(by, "certificates.change_mapping", row, entity=entity, count=0)
        by.session.delete(row)

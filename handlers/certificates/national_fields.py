"""The fields that a column for the national system may be filled with, and how a record becomes cells.

Every cell is text: a number of eighteen digits stays one. What is shown on a page is covered; the file is not.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy.orm import Session

from app import clock, privacy
from app.understanding.phone import mask_name, mask_phone
from app.words import TEMPLATES
from models.certificate_export import ENTITIES, NationalMapping
from models.certificates import CertificateTerms, hours_text
from models.hours import ServiceHours
from models.identity import Person
from models.volunteer_file import VolunteerFile, covered, entries_of, file_of, usable_number

DAY_FORMS = {
    "%Y-%m-%d": "2026-03-05",
    "%Y/%m/%d": "2026/03/05",
    "%Y年%m月%d日": "2026年03月05日",
    "%Y%m%d": "20260305",
}
TITLES = {"volunteers": "志愿者", "hours": "服务时间"}
NEW, CORRECTED, TAKEN_BACK, SAME = "新增", "更正", "撤销", "不变"
CHANGE = "change"
NUMBER_TO_COME = "(做的时候编)"


@dataclass(frozen=True, slots=True)
class Template:
    """How one kind of record is written: (head, field) of each column, and a day's form."""

    columns: tuple[tuple[str, str], ...]
    day_form: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record to be reported: a volunteer, or one service of theirs (`hours`)."""

    session: Session
    kept: VolunteerFile
    terms: CertificateTerms
    day_form: str
    hours: ServiceHours | None = None

    @property
    def person(self) -> Person:
        return self.kept.person

    def day(self, day: date | None) -> str:
        return day.strftime(self.day_form) if day else ""

    def entries(self, kind: str) -> str:
        found = self.session.scalars(entries_of(self.person))
        return ";".join(f"{self.day(one.day)} {one.words}" for one in found if one.kind == kind)


Cell = Callable[[Record], str]


def _served(cell: Callable[[Record, ServiceHours], str]) -> Cell:
    return lambda one: cell(one, one.hours) if one.hours is not None else ""


def _confirmed(one: Record, row: ServiceHours) -> str:
    return one.day(clock.local(row.confirmed_at).date()) if row.confirmed_at else ""


def _stands(row: ServiceHours) -> int:
    """Minutes that count today: of what was taken back nothing."""
    return row.minutes if row.state == "posted" else 0


OF_BOTH: dict[str, tuple[str, Cell]] = {
    "number": ("志愿者编号", lambda one: one.kept.number),
    "name": ("姓名", lambda one: one.person.name or ""),
    "id_type": ("证件类型", lambda one: one.kept.id_type or ""),
    "id_number": ("证件号码", lambda one: usable_number(one.session, one.kept) or ""),
    "phone": ("手机号", lambda one: one.person.phone or ""),
    "issuer": ("记录单位", lambda one: one.terms.issuer),
    CHANGE: ("变化(新增、更正、撤销)", lambda _: ""),
}
FIELDS: dict[str, dict[str, tuple[str, Cell]]] = {
    "volunteers": OF_BOTH
    | {
        "sex": ("性别", lambda one: one.kept.sex),
        "born": ("出生日期", lambda one: one.day(one.kept.birthday)),
        "area": ("服务区域", lambda one: one.kept.area),
        "skills": ("技能", lambda one: one.kept.skills or ""),
        "service_types": ("服务类别", lambda one: "、".join(one.kept.service_types)),
        "trainings": ("培训", lambda one: one.entries("training")),
        "awards": ("表彰奖励", lambda one: one.entries("award")),
        "opened": ("建档日期", lambda one: one.day(clock.local(one.kept.opened_at).date())),
    },
    "hours": OF_BOTH
    | {
        "record": ("记录编号", _served(lambda _, row: f"H{row.id:08}")),
        "what": ("服务内容", _served(lambda _, row: row.what)),
        "place": ("服务地点", _served(lambda _, row: row.place)),
        "day": ("服务日期", _served(lambda one, row: one.day(clock.local(row.started_at).date()))),
        "begins": ("开始时间", _served(lambda _, row: f"{clock.local(row.started_at):%H:%M}")),
        "ends": ("结束时间", _served(lambda _, row: f"{clock.local(row.ended_at):%H:%M}")),
        "hours": ("小时", _served(lambda one, row: hours_text(_stands(row), one.terms.unit))),
        "minutes": ("分钟", _served(lambda _, row: str(_stands(row)))),
        "confirmed": ("确认日期", _served(_confirmed)),
    },
}
COVERED: dict[str, Callable[[str], str]] = {"name": mask_name, "id_number": covered, "phone": mask_phone}


@cache
def at_first() -> dict[str, Template]:
    """What we came with: templates/certificates/national.toml."""
    written = tomllib.loads((TEMPLATES / "certificates" / "national.toml").read_text(encoding="utf-8"))
    return {
        entity: Template(
            tuple((column["head"], column["field"]) for column in written[entity]["columns"]),
            written[entity]["day_form"],
        )
        for entity in ENTITIES
    }


def mapping_of(session: Session, entity: str) -> Template:
    own = session.get(NationalMapping, entity)
    if own is None:
        return at_first()[entity]
    return Template(tuple((one["head"], one["field"]) for one in own.columns), own.day_form)


def cells_of(mapping: Template, entity: str, record: Record, change: str) -> list[str]:
    return [change if field == CHANGE else FIELDS[entity][field][1](record) for _, field in mapping.columns]


def covered_cells(mapping: Template, cells: Sequence[str]) -> list[str]:
    """As a page may show them."""
    fields = [field for _, field in mapping.columns]
    return [
        COVERED[field](cell) if field in COVERED else cell for field, cell in zip(fields, cells, strict=True)
    ]


def digest_of(entity: str, record: Record) -> str:
    """What a record says, whatever columns are chosen and however a day is written: keyed, so that nobody finds an
    identity number by trying."""
    said: Mapping[str, str] = {
        field: cell(record) for field, (_, cell) in FIELDS[entity].items() if field not in (CHANGE, "issuer")
    }
    return privacy.keyring().blind(
        "national_mark.digest", json.dumps(said, ensure_ascii=False, sort_keys=True)
    )


def record_of(session: Session, terms: CertificateTerms, day_form: str, row: ServiceHours) -> Record | None:
    """None when nobody is known by name any more. Who has no file yet gets a number when the batch is made."""
    if row.person is None or row.person.name is None:
        return None
    kept = file_of(session, row.person)
    if kept is None:
        kept = VolunteerFile(person=row.person, number=NUMBER_TO_COME, service_types=[])
    return Record(session, kept, terms, day_form, row)

"""A person's proofs and volunteer's file as a whole: a copy, forgetting, joining two records of one person.

An erased person leaves a line in the register: the number, the hours, the day. A register without gaps is what makes a
false proof visible.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import audit, files
from app.words import day_words, hours_words, moment_words
from handlers.certificates.sentences import ENTRY_WORDS, STATES
from models.certificate_lists import certificates_of
from models.certificates import Certificate, CertificateObjection, hold
from models.identity import Actor, Person
from models.volunteer_file import VolunteerEntry, VolunteerFile, entries_of, file_of

UNNUMBERED = ("applied", "checked", "posting", "ready")


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    return {
        "志愿者档案": _file_told(file_of(session, person)),
        "培训、表彰和评价": [_entry_told(one) for one in session.scalars(entries_of(person))],
        "志愿证明": [_told(one) for one in session.scalars(certificates_of(person))],
        "说过的异议": [_objection_told(one) for one in session.scalars(_said_by(person))],
    }


def _file_told(kept: VolunteerFile | None) -> dict[str, str]:
    if kept is None:
        return {}
    told = {
        "志愿者编号": kept.number,
        "证件类型": kept.id_type,
        "证件号码": kept.id_covered,
        "出生日期": kept.born,
        "技能": kept.skills,
        "服务类别": "、".join(kept.service_types),
        "服务区域": kept.area,
    }
    return {heading: value for heading, value in told.items() if value}


def _entry_told(one: VolunteerEntry) -> dict[str, str]:
    told = {"类别": ENTRY_WORDS[one.kind], "内容": one.words, "哪一天": day_words(one.day)}
    told |= {"单位": one.given_by} if one.given_by else {}
    return told | ({"时长": hours_words(one.minutes)} if one.minutes else {})


def _told(one: Certificate) -> dict[str, str]:
    told = {
        "编号": one.number,
        "情况": STATES[one.state],
        "申请时间": moment_words(one.asked_at),
        "用途": one.purpose,
        "时长": hours_words(one.minutes) if one.minutes else None,
        "公示到": day_words(one.posting_until) if one.posting_until else None,
        "原因": one.reason,
    }
    return {heading: value for heading, value in told.items() if value}


def _said_by(person: Person) -> Any:
    mine = select(CertificateObjection).where(CertificateObjection.person_id == person.id)
    return mine.order_by(CertificateObjection.id)


def _objection_told(one: CertificateObjection) -> dict[str, str]:
    told = {"说的": one.words, "时间": moment_words(one.at), "答复": one.answer}
    return {heading: value for heading, value in told.items() if value}


# ---- forgetting ------------------------------------------------------------------------------------------------------


def forget(by: Actor, person: Person) -> None:
    """The file goes; what has no number is withdrawn; what has one keeps number, hours and day."""
    rows = by.session.scalars(certificates_of(person)).all()
    for row in rows:
        _blank(by, hold(by.session, row))
    for said in by.session.scalars(_said_by(person)).all():
        said.person_id = said.words = said.contact = said.answer = None
    by.session.execute(delete(VolunteerEntry).where(VolunteerEntry.person_id == person.id))
    by.session.execute(delete(VolunteerFile).where(VolunteerFile.person_id == person.id))
    audit.note(by, "certificates.forget", person, certificates=len(rows))


def _blank(by: Actor, row: Certificate) -> None:
    if row.state in UNNUMBERED:
        row.state = "withdrawn"
    kept, row.scan = row.scan, None
    row.person = None
    row.content = row.digest = row.purpose = row.reason = None
    for said in row.objections:
        said.words = said.contact = said.answer = None
    by.session.flush()
    if kept is not None:
        files.remove(by.session, kept)


# ---- two records of one person ---------------------------------------------------------------------------------------


def merge(by: Actor, kept: Person, gone: Person) -> None:
    """Proofs and entries come along. Of two files the second stays where it is, with its number, until they part."""
    by.session.flush()
    for table in (Certificate, CertificateObjection, VolunteerEntry):
        moved = update(table).where(table.person_id == gone.id).values(person_id=kept.id)
        by.session.execute(moved)
    if file_of(by.session, kept) is None:
        by.session.execute(
            update(VolunteerFile).where(VolunteerFile.person_id == gone.id).values(person_id=kept.id)
        )
    by.session.expire_all()

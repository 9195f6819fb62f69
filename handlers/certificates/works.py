"""Papers that take a moment: the proof itself, the sheet for the board, the register of a year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app import audit, clock
from app.print import PDF, drawn_code, paper
from app.understanding.phone import mask_name
from app.words import day_words
from app.work import Task
from handlers.certificates.content import mark_of
from handlers.certificates.paper_words import heads_of, printed
from models.certificate_lists import for_the_board, register_of
from models.certificates import Certificate, hours_text, proof_of, terms
from models.identity import Actor
from models.refusal import Refusal
from models.staff import StaffMember
from models.volunteer_file import file_of, usable_number


def print_paper(task: Task) -> Mapping[str, Any]:
    number, draft = task.facts["certificate"], task.facts["draft"]
    task.step(0, 2, "收集内容")
    with task.site.database.reading() as session:
        row = session.get_one(Certificate, number)
        facts = paper_facts(task, session, row, draft=draft)
        called = row.called
    task.step(1, 2, "排版")
    made = paper("certificates/proof", facts)
    task.give_file(made, name=f"{facts['title']} {called}.pdf", media_type=PDF, purpose="certificates.paper")
    return {"draft": draft, "called": called, "certificate": number}


def paper_facts(task: Task, session: Session, row: Certificate, *, draft: bool) -> dict[str, Any]:
    """Word for word what was frozen; the number of the identity card comes from the file, if it is still that one."""
    told = row.content
    if told is None:
        raise Refusal("certificates.person_gone")

    by_name = session.get_one(StaffMember, task.staff_id).name
    number = told["id_covered"] if draft else whole_number(session, row)
    return {
        "title": printed("draft_title" if draft else "title"),
        "watermark": printed("watermark") if draft else "",
        "numbered": printed("numbered", number=row.number) if row.number and not draft else "",
        "sentence": printed("sentence", **told),
        "heads": [printed(f"head_{block}") for block in ("person", "service", "issuer", "more")],
        "person": [
            [printed("name"), told["name"]],
            [printed("volunteer"), told["volunteer"]],
            [printed("id_type"), told["id_type"] or printed("by_hand")],
            [printed("id_number"), number or printed("by_hand")],
        ],
        "service": [
            [printed("hours"), printed("hours_told", **told)],
            [printed("period"), printed("period_told", **told)],
        ],
        "summary": told["summary"],
        "columns": heads_of("columns_summary" if told["summary"] else "columns"),
        "lines": told["services"],
        "issuer": [
            [printed("issuer"), told["issuer"]],
            [printed("phone"), told["phone"]],
            [printed("head"), told["head"]],
            [printed("clerk"), told["clerk"]],
        ],
        "signatures": [printed("head_signs"), printed("clerk_signs")],
        "more": _more(row, told, draft=draft),
        "notes": told["notes"],
        "qr": "" if draft or row.number is None else drawn_code(verify_address(task, row.number)),
        "by_hand": printed("by_hand"),
        "scan": printed("scan"),
        "seal": printed("seal"),
        "mark": printed("mark", name=by_name, at=f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"),
    }


def _more(row: Certificate, told: Mapping[str, Any], *, draft: bool) -> list[list[str]]:
    dated = f"{clock.local(row.printed_at):%Y-%m-%d}" if row.printed_at and not draft else ""
    number = row.number if row.number and not draft else ""
    pairs = [[printed("number"), number], [printed("day"), dated], [printed("purpose"), told["purpose"]]]
    return [[name, words] for name, words in pairs if words]


def whole_number(session: Session, row: Certificate) -> str:
    """What stands on the paper and nowhere else; nothing when it was taken back or is another by now."""
    told = row.content or {}
    number = usable_number(session, file_of(session, row.person)) if row.person else None
    return number if number and mark_of(number) == told["id_mark"] else ""


def verify_address(task: Task, number: str) -> str:
    return (
        f"{task.site.settings.web.public_url.rstrip('/')}/h5/certificates/verify/{number}/{proof_of(number)}"
    )


# ---- the board -------------------------------------------------------------------------------------------------------


def print_board(task: Task) -> Mapping[str, Any]:
    """Everybody whose proof hangs or is to hang: a covered name and hours, no place."""
    with task.site.database.reading() as session:
        rows = session.scalars(for_the_board()).all()
        rule = terms(session)
        lines = [_board_line(row, rule.unit, rule.posting_days) for row in rows]
        facts = _sheet(task, session, "board") | {"lines": lines}
        facts["sentence"] = printed("board_sentence", days=rule.posting_days)
        facts["object"] = printed("board_object", phone=rule.phone)
    if not lines:
        raise Refusal("certificates.nothing_to_post")
    made = paper("certificates/board", facts)
    task.writing(lambda by: audit.note(by, "certificates.print_board", None, count=len(lines)))
    task.give_file(made, name=f"{facts['title']}.pdf", media_type=PDF, purpose="certificates.board")
    return {"names": len(lines)}


def _board_line(row: Certificate, unit: int, days: int) -> list[str]:
    told = row.content or {}
    until = day_words(row.posting_until) if row.posting_until else printed("board_not_yet", days=days)
    hours = hours_text(row.minutes or 0, unit)
    return [
        mask_name(told.get("name", "")),
        f"{hours}小时",
        f"{told.get('since')} 至 {told.get('until')}",
        until,
    ]


# ---- the register ----------------------------------------------------------------------------------------------------


def print_register(task: Task) -> Mapping[str, Any]:
    year = task.facts["year"]
    with task.site.database.reading() as session:
        unit = terms(session).unit
        lines = [_register_line(row, unit) for row in session.scalars(register_of(year))]
        facts = _sheet(task, session, "register", year=year) | {"lines": lines}
    made = paper("certificates/register", facts)
    task.writing(lambda by: _note_register(by, year, len(lines)))
    task.give_file(made, name=f"{facts['title']}.pdf", media_type=PDF, purpose="certificates.register")
    return {"numbers": len(lines)}


def _note_register(by: Actor, year: int, count: int) -> None:
    audit.note(by, "certificates.print_register", None, year=year, count=count)


def _register_line(row: Certificate, unit: int) -> list[str]:
    told = row.content or {}
    dated = f"{clock.local(row.printed_at):%Y-%m-%d}" if row.printed_at else ""
    return [
        row.number or "",
        dated,
        told.get("name", ""),
        told.get("volunteer", ""),
        hours_text(row.minutes or 0, unit),
        printed(f"register_{row.state}"),
        (row.reason or "") if row.state == "void" else "",
        "",
    ]


def _sheet(task: Task, session: Session, kind: str, **facts: Any) -> dict[str, Any]:
    name = session.get_one(StaffMember, task.staff_id).name
    community = task.site.settings.community
    return {
        "community": f"{community.name} · {community.account_name}",
        "title": printed(f"{kind}_title", **facts),
        "columns": heads_of(f"{kind}_columns"),
        "mark": printed("mark", name=name, at=f"{clock.local(clock.now()):%Y-%m-%d %H:%M}"),
    }

"""Somebody has died (trust L07): one member of the staff writes down which proof a close relative brought, a second one
looks at it and decides; then the record is deleted, or a copy of it may be handed over once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app import audit, clock
from handlers.people.consents import need_reason
from handlers.people.rights import erase, export
from models.deaths import WISHES, DeathReport
from models.identity import Actor, Person
from models.refusal import Refusal
from models.sight import need_sight, need_staff


def report_death(by: Actor, person: Person, *, wish: str, relative: str, proof: str) -> DeathReport:
    """Nothing changes yet, but that a second person of the staff must look at it."""
    need_sight(by, person)
    staff = need_staff(by)
    if wish not in WISHES or len(relative.strip()) < 2:
        raise Refusal("people.relative_needed")
    if person.erased_at is not None:
        raise Refusal("people.not_on_file")
    waiting = DeathReport.person_id == person.id, DeathReport.state == "waiting"
    if by.session.scalar(select(DeathReport).where(*waiting)) is not None:
        raise Refusal("people.death_reported")
    facts = {"wish": wish, "relative": relative.strip(), "proof": need_reason(proof)}
    report = DeathReport(person_id=person.id, person=person, reported_by_id=staff.id, **facts)
    by.session.add(report)
    audit.note(by, "people.report_death", report, person=person.id, wish=wish)
    return report


def decide_death(by: Actor, report: DeathReport, agreed: bool) -> dict[str, Any] | None:
    """The second person: a no changes nothing. The copy that is handed over is what this returns, once."""
    staff = need_staff(by)
    by.session.refresh(report, with_for_update=True)
    if report.state != "waiting":
        raise Refusal("people.death_decided")
    if report.reported_by_id == staff.id:
        raise Refusal("people.needs_a_second_person")
    report.state, report.decided_by_id = ("agreed" if agreed else "refused"), staff.id
    report.decided_at = clock.now()
    audit.note(by, "people.decide_death", report, person=report.person_id, agreed=agreed, wish=report.wish)
    if not agreed:
        return None
    if report.wish == "copy":
        return export(by, report.person)
    erase(by, report.person)
    return None

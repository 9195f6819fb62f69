"""The clocks of the law at the office: a new version from a day on, a name under each number once it was checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select

from app import audit, clock
from models.identity import Actor
from models.petitions_clock import FIRST_RULES, KINDS, PetitionRule, rules_of
from models.refusal import Refusal


def confirm_rule(by: Actor, rule: PetitionRule) -> None:
    """Somebody has looked it up in the gazette."""
    if by.staff is not None and rule.confirmed_by is None:
        rule.confirmed_by, rule.confirmed_at = by.staff.id, clock.now()
    audit.note(by, "petitions.confirm_rule", rule)


def add_version(by: Actor, valid_from: date, days: Mapping[str, int], source: str) -> int:
    """A later version: cases that are registered keep theirs. Refuses with petitions.rule_too_early."""
    latest = by.session.scalar(select(func.max(PetitionRule.version))) or 0
    known = rules_of(by.session, latest)
    if known and valid_from <= known[0].valid_from:
        raise Refusal("petitions.rule_too_early", day=known[0].valid_from)
    for kind in KINDS:
        working = FIRST_RULES[kind][1]
        row = PetitionRule(version=latest + 1, kind=kind, days=days[kind], working=working)
        row.source, row.valid_from = source, valid_from
        by.session.add(row)
    audit.note(by, "petitions.add_version", None, version=latest + 1)
    return latest + 1

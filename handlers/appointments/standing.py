"""The rows that every installation has: the rule of its visits (strikes off) and the usual reasons."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.reasons import VisitReason, usual_reasons
from models.strikes import VisitRule, rule_of


def essentials(session: Session) -> None:
    """Once; what the community has changed since stays."""
    if session.get(VisitRule, 1) is None:
        session.add(rule_of(session))
    if session.scalar(select(VisitReason.id).limit(1)) is None:
        session.add_all(usual_reasons())
    session.flush()

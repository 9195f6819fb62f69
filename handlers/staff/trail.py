"""留痕, for the auditor: who did what, when, to what; never what was read or written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

from flask import g, render_template, request, url_for
from sqlalchemy import Select, select

from app import clock
from app.channels.console import current_site, looking, staff
from app.channels.trail_words import action_words, fact_words, object_words
from handlers.staff.console import console
from models.audit import AuditLine
from models.staff import StaffMember

PER_PAGE = 50
LAST_PAGE = 100_000


@console.get("/trail")
@staff("auditor")
def trail() -> str:
    g.menu_word = "留痕"
    asked = {name: request.args.get(name, "").strip() for name in ("who", "what", "day", "about")}
    page = min(max(1, request.args.get("page", 1, int)), LAST_PAGE)
    with looking() as by:
        names = {f"staff:{one.id}": one.name for one in by.session.scalars(select(StaffMember))}
        found = by.session.scalars(
            _lines(asked).order_by(AuditLine.id.desc()).limit(PER_PAGE + 1).offset((page - 1) * PER_PAGE)
        ).all()
        features = [(feature.name, feature.title) for feature in current_site().house.features]
        facts: dict[str, Any] = {"asked": asked, "page": page, "more": len(found) > PER_PAGE, "names": names}
        facts |= {"features": features, "who_words": _who(names), "address": _page_address(asked)}
        facts |= {"action_words": action_words, "fact_words": fact_words, "object_words": object_words}
        return render_template("staff/console_trail.html", lines=found[:PER_PAGE], **facts)


def _lines(asked: dict[str, str]) -> Select[AuditLine]:
    """The lines that the filter lets through; what does not read as a filter is left out."""
    lines = select(AuditLine)
    if asked["who"] == "staff":
        lines = lines.where(AuditLine.actor.like("staff:%"))
    elif asked["who"]:
        lines = lines.where(AuditLine.actor == asked["who"])
    if asked["what"]:
        lines = lines.where(AuditLine.action.startswith(f"{asked['what']}.", autoescape=True))
    if asked["about"].isdecimal():
        lines = lines.where(AuditLine.object_kind == "person", AuditLine.object_id == asked["about"])
    day = _day(asked["day"])
    if day is not None:
        start, end = clock.at(day, time()), clock.at(day + timedelta(days=1), time())
        lines = lines.where(AuditLine.at >= start, AuditLine.at < end)
    return lines


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None


def _page_address(asked: dict[str, str]) -> Callable[[int], str]:
    return lambda page: url_for("staff_console.trail", **{"page": page} | asked)  # type: ignore[arg-type]


def _who(names: dict[str, str]) -> Callable[[str], str]:
    def words(actor: str) -> str:
        kind, _, number = actor.partition(":")
        if actor in names:
            return names[actor]
        return f"居民{number}号" if kind == "person" else "系统"

    return words

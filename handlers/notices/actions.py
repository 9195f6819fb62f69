"""What happens to a notice: written, published, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from app import audit, clock
from models.identity import Actor
from models.notice_search import index
from models.notices import CATEGORIES, Notice
from models.refusal import Refusal

LONGEST_TITLE = 60
LONGEST_SUMMARY = 2000


def draft(  # noqa: PLR0913 (a notice has these parts; all by keyword)
    by: Actor,
    *,
    title: str,
    category: str,
    source: str,
    summary: str,
    valid_from: date,
    valid_until: date | None = None,
    bring: Sequence[str] = (),
    body: str = "",
    source_number: str | None = None,
) -> Notice:
    """A notice that nobody sees yet."""
    notice = Notice(
        author_id=by.staff.id if by.staff else None, bring=[thing for thing in bring if thing.strip()]
    )
    notice.source_number, notice.body = source_number, body
    _fill(notice, title, category, source, summary)
    _set_days(notice, valid_from, valid_until)
    by.session.add(notice)
    audit.note(by, "notices.draft", notice)
    return notice


def edit(  # noqa: PLR0913 (a notice has these parts; all by keyword)
    by: Actor,
    notice: Notice,
    *,
    title: str,
    category: str,
    source: str,
    summary: str,
    bring: Sequence[str] | None = None,
    body: str | None = None,
    source_number: str | None = None,
) -> Notice:
    """Change the words; a published one is found by its new words at once. What is None stays as it is."""
    notice = _locked(by, notice)
    _fill(notice, title, category, source, summary)
    notice.bring = notice.bring if bring is None else [thing for thing in bring if thing.strip()]
    notice.body = notice.body if body is None else body
    notice.source_number = notice.source_number if source_number is None else source_number or None
    by.session.flush()
    index(by.session, notice)
    audit.note(by, "notices.edit", notice)
    return notice


def set_days(by: Actor, notice: Notice, valid_from: date, valid_until: date | None) -> Notice:
    notice = _locked(by, notice)
    _set_days(notice, valid_from, valid_until)
    audit.note(by, "notices.set_days", notice)
    return notice


def publish(by: Actor, notice: Notice) -> Notice:
    """From now on it answers (from `valid_from` on, if that day is still to come).

    Refuses with notices.own_draft: who wrote it does not publish it.
    """
    notice = _locked(by, notice)
    if notice.state == "published":
        return notice
    if by.staff is not None and by.staff.id == notice.author_id:
        raise Refusal("notices.own_draft")
    notice.state, notice.published_at = "published", clock.now()
    by.session.flush()
    index(by.session, notice)
    audit.note(by, "notices.publish", notice)
    return notice


def withdraw(by: Actor, notice: Notice) -> Notice:
    """It answers no more; who held its digit is told that it is gone."""
    notice = _locked(by, notice)
    notice.state = "withdrawn"
    by.session.flush()
    index(by.session, notice)
    audit.note(by, "notices.withdraw", notice)
    return notice


def _fill(notice: Notice, title: str, category: str, source: str, summary: str) -> None:
    if category not in CATEGORIES:
        raise Refusal("notices.no_such_category", category=category)
    if not 0 < len(title.strip()) <= LONGEST_TITLE or not 0 < len(summary.strip()) <= LONGEST_SUMMARY:
        raise Refusal("notices.too_long", title=LONGEST_TITLE, summary=LONGEST_SUMMARY)
    notice.title, notice.category, notice.source = title.strip(), category, source.strip()
    notice.summary = summary.strip()


def _set_days(notice: Notice, valid_from: date, valid_until: date | None) -> None:
    if valid_until is not None and valid_until < valid_from:
        raise Refusal("notices.days_reversed")
    notice.valid_from, notice.valid_until = valid_from, valid_until


def _locked(by: Actor, notice: Notice) -> Notice:
    same = (
        select(Notice)
        .where(Notice.id == notice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return by.session.scalars(same).one()

"""Those who read a notice before it is published: two reviewers with their proofs, who lets personal data stand, and
the rule for offices that are too small for two reviewers. And what somebody is still writing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app import audit, clock
from handlers.notices.actions import locked, newest_for
from models.identity import Actor
from models.notices import (
    PROOFS,
    STAGES,
    TWO_PEOPLE,
    Notice,
    NoticeKept,
    NoticeReview,
    NoticeRule,
    NoticeVersion,
    kept_by,
    standing_reviews,
)
from models.refusal import Refusal
from models.staff import StaffMember

SHORTEST_REASON = 4
LONGEST_KEPT = 30_000


def review(
    by: Actor,
    notice: Notice,
    *,
    number: int,
    stage: str,
    passed: bool,
    proofs: Collection[str],
    comment: str,
) -> NoticeReview:
    """A verdict on the version that was read. To pass it all three proofs are ticked; to return it says why.

    Refuses with notices.not_your_stage, newer_version, own_draft, both_stages, proofs_missing, say_why.
    """
    staff, notice = _reviewer(by, stage), locked(by, notice)
    version = newest_for(by, notice, number)
    _check_reviewer(by, staff, version, stage)
    if passed and set(proofs) != set(PROOFS):
        raise Refusal("notices.proofs_missing")
    if not passed and len(comment.strip()) < SHORTEST_REASON:
        raise Refusal("notices.say_why")
    row = _verdict(by, version, stage) or NoticeReview(version_id=version.id, stage=stage)
    row.staff_id, row.digest, row.passed, row.made_at = staff.id, version.digest, passed, clock.now()
    row.proofs, row.comment = sorted(set(proofs) & set(PROOFS)), comment.strip()
    by.session.add(row)
    audit.note(by, "notices.review", notice, version=version.number, stage=stage, passed=passed)
    return row


def _verdict(by: Actor, version: NoticeVersion, stage: str) -> NoticeReview | None:
    """The one that was given before, whether it still stands or not: it is given anew."""
    one = NoticeReview.version_id == version.id, NoticeReview.stage == stage
    return by.session.scalar(select(NoticeReview).where(*one))


def _reviewer(by: Actor, stage: str) -> StaffMember:
    if by.staff is None or stage not in STAGES or stage not in by.staff.roles:
        raise Refusal("notices.not_your_stage")
    return by.staff


def _check_reviewer(by: Actor, staff: StaffMember, version: NoticeVersion, stage: str) -> None:
    """Nobody reviews their own words, and the two reviews are two people's."""
    if version.author_id == staff.id:
        raise Refusal("notices.own_draft")
    others = (one for other, one in standing_reviews(by.session, version).items() if other != stage)
    if any(one.staff_id == staff.id for one in others):
        raise Refusal("notices.both_stages")


def allow(by: Actor, notice: Notice, number: int, reason: str) -> NoticeVersion:
    """Somebody with a name lets personal data stand in this version (trust B34), and says why. Not who wrote it."""
    notice = locked(by, notice)
    version = newest_for(by, notice, number)
    if by.staff is None or version.author_id == by.staff.id:
        raise Refusal("notices.own_draft")
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refusal("notices.say_why")
    version.allowed_by_id, version.allowed_reason = by.staff.id, reason.strip()
    audit.note(by, "notices.allow_personal", notice, version=version.number)
    return version


def switch_two_people(by: Actor, on: bool) -> NoticeRule:
    """For an office that has no two reviewers: a second person alone publishes. Written down with who did it."""
    if by.staff is None or "approver" not in by.staff.roles:
        raise Refusal("notices.approver_only")
    row = by.session.get(NoticeRule, TWO_PEOPLE) or NoticeRule(name=TWO_PEOPLE)
    row.on, row.staff_id = on, by.staff.id
    by.session.add(row)
    audit.note(by, "notices.two_people", None, on=on)
    return row


def keep(by: Actor, about: int, fields: Mapping[str, str]) -> NoticeKept | None:
    """Keep what is being written, without making a version of it. Too much to keep is not kept (None)."""
    if by.staff is None or sum(map(len, fields.values())) > LONGEST_KEPT:
        return None
    row = kept_by(by.session, by.staff.id, about)
    if row is None:
        row = NoticeKept(staff_id=by.staff.id, about=about, fields=dict(fields))
        by.session.add(row)
        audit.note(by, "notices.keep_draft", None, notice=about)
    elif row.fields != dict(fields):
        row.fields, row.kept_at = dict(fields), clock.now()
    return row

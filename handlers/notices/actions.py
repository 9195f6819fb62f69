"""What happens to a notice: written, changed, published, brought back, withdrawn. Reviews are in reviewing.py."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from app import audit, clock
from handlers.notices import reading
from handlers.notices.checking import Known, checks_of, unticked
from handlers.notices.parts import USUAL, checked
from models.identity import Actor
from models.notice_search import index
from models.notices import (
    CHECKS,
    STAGES,
    TWO_PEOPLE,
    Content,
    Notice,
    NoticeVersion,
    digest_of,
    kept_by,
    newest,
    rule_is_on,
    standing_reviews,
    version_with_number,
)
from models.refusal import Refusal
from models.titles import slips, titles


def draft(by: Actor, *, as_written: bool = False, ticked: Collection[str] = (), **parts: Any) -> Notice:
    """A notice that nobody sees yet. `parts` are those of models.notices.PARTS and OPTIONAL; some have a usual value.
    `ticked` are the doubts (CHECKS) that its author has looked at and lets stand."""
    content = checked(USUAL | parts)
    notice = Notice(author_id=by.staff.id if by.staff else None, version=1)
    version = _version(by, content, number=1, as_written=as_written, ticked=ticked)
    notice.take(version)
    by.session.add(notice)
    by.session.flush()
    version.notice_id = notice.id
    by.session.add(version)
    audit.note(by, "notices.draft", notice)
    return notice


def edit(
    by: Actor,
    notice: Notice,
    *,
    base: int | None = None,
    as_written: bool | None = None,
    ticked: Collection[str] | None = None,
    **changes: Any,
) -> NoticeVersion:
    """A new version with these changes, unless nothing changes. A published notice goes on answering with the old one.

    `base` is the version that the writer had before them. Refuses with notices.saved_meanwhile.
    """
    notice = locked(by, notice)
    last = newest(by.session, notice)
    if base is not None and base != last.number:
        raise Refusal("notices.saved_meanwhile", number=last.number)
    content = checked(last.parts | changes, last.content)
    stands = last.as_written if as_written is None else as_written
    lets_stand = _known_checks(last.ticked if ticked is None else ticked)
    if (digest_of(content), stands, lets_stand) == (last.digest, last.as_written, last.ticked):
        return last
    version = _version(by, content, number=last.number + 1, as_written=stands, ticked=lets_stand)
    return _add(by, notice, version)


def restore(by: Actor, notice: Notice, number: int) -> NoticeVersion:
    """What version `number` said is the newest version again; whoever publishes decides as about any other."""
    notice = locked(by, notice)
    old, last = version_with_number(by.session, notice, number), newest(by.session, notice)
    if old is None:
        raise Refusal("notices.no_such_version", number=number)
    if old.digest == last.digest:
        return last
    content, stands = dict(old.content), old.as_written
    version = _version(by, content, number=last.number + 1, as_written=stands, ticked=old.ticked)
    version.from_number = number
    return _add(by, notice, version)


def publish(
    by: Actor,
    notice: Notice,
    number: int | None = None,
    *,
    offices: Collection[str] = (),
    hosts: Collection[str] = (),
    urgent: bool = False,
) -> Notice:
    """From now on the newest version answers (from `valid_from` on, if that day is still to come).

    `number` is the version that was looked at; what is `urgent` is read by others afterwards. What was published in a
    hurry, or returned since, needs its readers when it is published once more (with another broadcast). Refuses with
    notices.newer_version, own_draft, returned, not_reviewed, own_review, and with what check_words refuses with.
    """
    notice = locked(by, notice)
    version = newest_for(by, notice, number)
    if by.staff is not None:
        _check_may_publish(by, version, urgent)
    if notice.state == "published" and version.number == notice.version:
        return notice
    if by.staff is not None:
        check_words(by, version, offices=offices, hosts=hosts)
    notice.published_at = notice.published_at if notice.state == "published" else clock.now()
    notice.take(version)
    notice.state = "published"
    version.published_at, version.published_by_id = clock.now(), by.staff.id if by.staff else None
    by.session.flush()
    index(by.session, notice)
    audit.note(by, "notices.publish", notice, version=version.number, two=rule_is_on(by.session, TWO_PEOPLE))
    return notice


def withdraw(by: Actor, notice: Notice) -> Notice:
    """It answers no more; who held its digit is told that it is gone."""
    notice = locked(by, notice)
    notice.state = "withdrawn"
    by.session.flush()
    index(by.session, notice)
    audit.note(by, "notices.withdraw", notice)
    return notice


def locked(by: Actor, notice: Notice) -> Notice:
    same = (
        select(Notice)
        .where(Notice.id == notice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return by.session.scalars(same).one()


def newest_for(by: Actor, notice: Notice, seen: int | None) -> NoticeVersion:
    """The newest version, if it is the one that was seen."""
    last = newest(by.session, notice)
    if seen is not None and seen != last.number:
        raise Refusal("notices.newer_version", number=last.number)
    return last


# ---- parts -----------------------------------------------------------------------------------------------------------


def _version(
    by: Actor, content: Content, *, number: int, as_written: bool, ticked: Collection[str]
) -> NoticeVersion:
    return NoticeVersion(
        number=number,
        content=content,
        digest=digest_of(content),
        author_id=by.staff.id if by.staff else None,
        as_written=as_written,
        ticked=_known_checks(ticked),
    )


def _known_checks(ticked: Collection[str]) -> list[str]:
    return sorted(set(ticked) & set(CHECKS))


def _add(by: Actor, notice: Notice, version: NoticeVersion) -> NoticeVersion:
    version.notice_id = notice.id
    by.session.add(version)
    if notice.state == "draft":
        notice.take(version)
    notice.changed_at = clock.now()
    audit.note(by, "notices.edit", notice, version=version.number)
    return version


def _check_may_publish(by: Actor, version: NoticeVersion, urgent: bool) -> None:
    """Whoever wrote it does not publish it; two others have read it, unless the office is too small for that."""
    me = by.staff.id if by.staff else None
    if version.author_id == me:
        raise Refusal("notices.own_draft")
    reviews = standing_reviews(by.session, version)
    if not all(review.passed for review in reviews.values()):
        raise Refusal("notices.returned")
    if urgent or rule_is_on(by.session, TWO_PEOPLE):
        return
    if missing := [stage for stage in STAGES if stage not in reviews]:
        raise Refusal("notices.not_reviewed", first=STAGES[0] in missing, second=STAGES[1] in missing)
    if any(review.staff_id == me for review in reviews.values()):
        raise Refusal("notices.own_review")


def check_words(
    by: Actor, version: NoticeVersion, *, offices: Collection[str] = (), hosts: Collection[str] = ()
) -> None:
    """Whether these words may go out. `offices` are phone numbers that everybody may know, `hosts` those of our own.
    Refuses with notices.not_plain, personal_data, must_mend, look_again."""
    plainness = reading.plainness_of(version.content)
    if not plainness.is_plain and not version.as_written:
        raise Refusal("notices.not_plain", score=plainness.score)
    personal = reading.personal_in(version.told, offices)
    if personal and version.allowed_by_id is None:
        raise Refusal("notices.personal_data", count=len(personal))
    known = Known(titles(by.session), slips(by.session), hosts)
    left = unticked(checks_of(version.content, known), version.ticked)
    told = "、".join(one.words for one in left[:3])
    if any(one.must for one in left):
        raise Refusal("notices.must_mend", count=len(left), words=told)
    if left:
        raise Refusal("notices.look_again", count=len(left), words=told)


def score_of(version: NoticeVersion) -> int:
    """Its 大白话分."""
    return reading.plainness_of(version.content).score


# ---- what is being written -------------------------------------------------------------------------------------------


def forget_kept(by: Actor, about: int) -> None:
    """What was kept while writing is saved or thrown away."""
    if by.staff is not None and (row := kept_by(by.session, by.staff.id, about)) is not None:
        by.session.delete(row)
        audit.note(by, "notices.forget_kept", None, notice=about)

"""What happens to a broadcast before it is sent: drafted, changed, proposed, sent back, approved with its audience.

Every change makes a new digest, so that what was tested and approved is what is sent. Approval is one unit: the words
are published, the audience becomes rows, and the time of the beginning is set.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app import audit, clock
from handlers.broadcasts.article import title_of
from handlers.broadcasts.freezing import freeze
from handlers.notices import actions as notices
from models import audience
from models import broadcast_run as run
from models.approval import FINAL, PROOFS, digest_of, last_change, reading_missing, was_tested
from models.broadcasts import HOLD, OPEN, ROADS, Broadcast, BroadcastReview
from models.identity import Actor
from models.means import USUAL, Means
from models.notices import CATEGORIES, Notice, NoticeVersion, newest
from models.refusal import Refusal
from models.staff import StaffMember

SHORTEST_REASON = 4
PUBLISH = "publish"  # the article also stands in the account's list; nobody is told by it
MAY_BE_CHANGED = ("topic", "urgent", "audience", "roads", "send_at", "useful_until", "version")


def draft(by: Actor, notice: Notice, *, corrects: Broadcast | None = None, **chosen: Any) -> Broadcast:
    """The newest words of this notice, to be sent to these people. Nobody gets anything yet. `chosen` are some of
    MAY_BE_CHANGED; its topic is the notice's category unless told otherwise. A correction goes to who got `corrects`.

    Refuses with broadcasts.for_nobody, unknown_audience, unknown_topic, unknown_road, no_road, times_reversed.
    """
    row = Broadcast(notice=notice, version=newest(by.session, notice), corrects=corrects)
    row.author_id = by.staff.id if by.staff else None
    told = dict(audience.EVERYBODY if corrects is None else {"got": corrects.id})
    usual = {"topic": row.version.content["category"], "urgent": False, "audience": told, "roads": ROADS}
    _set(row, usual | {name: value for name, value in chosen.items() if value is not None})
    _check(by, row)
    by.session.add(row)
    audit.note(by, "broadcasts.draft", row, notice=notice.id, urgent=row.urgent)
    return row


def edit(by: Actor, broadcast: Broadcast, *, revision: int, **changes: Any) -> Broadcast:
    """Change what is named in MAY_BE_CHANGED (`version` takes other words of the same notice). What was tested,
    proposed or returned before is void. `revision` is what the writer had before them.

    Refuses with broadcasts.too_late, saved_meanwhile and whatever a draft refuses with.
    """
    row = locked(by, broadcast)
    if row.state not in OPEN:
        raise Refusal("broadcasts.too_late", state=row.state)
    if revision != row.revision:
        who, what = last_change(by.session, row)
        raise Refusal("broadcasts.saved_meanwhile", who=who, what=what)
    before = {name: getattr(row, name) for name in MAY_BE_CHANGED}
    _set(row, changes)
    _check(by, row)
    changed = [name for name in MAY_BE_CHANGED if getattr(row, name) != before[name]]
    if changed:
        _back_to_draft(row)
        audit.note(by, "broadcasts.edit", row, changed=changed, revision=row.revision)
    return row


def propose(by: Actor, broadcast: Broadcast, means: Means = USUAL) -> Broadcast:
    """Ask for the last word on exactly what was tested; its words are looked through again, as days pass.

    Refuses with broadcasts.too_late, newer_words, not_tested, for_nobody, notices.article_title_too_long, and with what
    notices.check_words refuses with.
    """
    row = locked(by, broadcast)
    if row.state == "proposed":
        return row
    if row.state != "draft":
        raise Refusal("broadcasts.too_late", state=row.state)
    _check_words_are_newest(by, row)
    notices.check_words(by, row.version, offices=means.offices, hosts=means.hosts)
    if {"mass", PUBLISH} & set(row.roads):
        title_of(row.version.content)  # refuses what no article can be called
    digest = digest_of(row)
    if not was_tested(by.session, row, digest):
        raise Refusal("broadcasts.not_tested")
    if by.session.scalar(audience.audience_of(by.session, row).limit(1)) is None:
        raise Refusal("broadcasts.for_nobody")
    row.digest, row.state, row.proposed_at = digest, "proposed", clock.now()
    row.revision += 1
    audit.note(by, "broadcasts.propose", row, digest=digest[:12], revision=row.revision)
    return row


def send_back(by: Actor, broadcast: Broadcast, comment: str) -> Broadcast:
    """Whoever has the last word says what must change; it is a draft again.

    Refuses with broadcasts.approver_only, not_proposed, say_why.
    """
    staff, row = _approver(by), locked(by, broadcast)
    if row.state != "proposed" or row.digest is None:
        raise Refusal("broadcasts.not_proposed", state=row.state)
    if len(comment.strip()) < SHORTEST_REASON:
        raise Refusal("broadcasts.say_why")
    _give_word(by, row, staff, row.digest, passed=False, proofs=(), comment=comment)
    _back_to_draft(row)
    audit.note(by, "broadcasts.send_back", row, revision=row.revision)
    return row


def approve(
    by: Actor,
    broadcast: Broadcast,
    *,
    digest: str,
    proofs: Collection[str],
    comment: str = "",
    means: Means = USUAL,
) -> Broadcast:
    """The last word on what was looked at (`digest`): the words are published, the audience is fixed, and after the
    hold it begins. `means` says what this installation can do.

    Refuses with broadcasts.approver_only, not_proposed, changed_meanwhile, own, proofs_missing, for_nobody,
    useful_no_more, and with what notices.publish refuses with.
    """
    staff, row = _approver(by), locked(by, broadcast)
    _check_may_approve(by, row, staff, digest, proofs)
    hurried = row.urgent and bool(reading_missing(by.session, row))
    known = {"offices": means.offices, "hosts": means.hosts}
    notices.publish(by, row.notice, row.version.number, urgent=row.urgent, **known)
    now = clock.now()
    row.state, row.approved_by_id, row.approved_at = "approved", staff.id, now
    row.hold_until = now + HOLD
    row.begins_at = begins_at(row, means)
    row.useful_until = run.useful_until(row)
    if row.useful_until <= row.begins_at:
        raise Refusal("broadcasts.useful_no_more", begins=row.begins_at)
    if row.urgent and not hurried:
        row.reviewed_later_at = now
    row.revision += 1
    _give_word(by, row, staff, digest, passed=True, proofs=proofs, comment=comment)
    frozen = freeze(by, row, means)
    audit.note(by, "broadcasts.approve", row, digest=digest[:12], urgent=row.urgent, **frozen)
    return row


def begins_at(broadcast: Broadcast, means: Means) -> datetime:
    """When it begins: after the hold, not before it was to be, and not in quiet hours unless it is urgent."""
    held = broadcast.hold_until or clock.now() + HOLD
    earliest = max(held, broadcast.send_at or held)
    if broadcast.urgent:
        return earliest
    return run.quiet_end(earliest, means.quiet_from, means.quiet_until) or earliest


def locked(by: Actor, broadcast: Broadcast) -> Broadcast:
    same = select(Broadcast).where(Broadcast.id == broadcast.id).with_for_update()
    return by.session.scalars(same.execution_options(populate_existing=True)).one()


# ---- what is checked -------------------------------------------------------------------------------------------------


def _set(row: Broadcast, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in MAY_BE_CHANGED:
            raise TypeError(name)
        setattr(row, name, value)


def _check(by: Actor, row: Broadcast) -> None:
    """What may be sent at all; the description of the audience is kept in its plain form."""
    row.audience = audience.checked(by.session, row.audience)
    if row.topic not in CATEGORIES:
        raise Refusal("broadcasts.unknown_topic")
    if not set(row.roads) <= {*ROADS, PUBLISH}:
        raise Refusal("broadcasts.unknown_road")
    row.roads = [road for road in (*ROADS, PUBLISH) if road in row.roads]
    if not set(row.roads) & set(ROADS):
        raise Refusal("broadcasts.no_road")
    until, begins = row.useful_until, row.send_at or clock.now()
    if until is not None and until <= begins:
        raise Refusal("broadcasts.times_reversed")


def _check_words_are_newest(by: Actor, row: Broadcast) -> None:
    last: NoticeVersion = newest(by.session, row.notice)
    if last.id != row.version_id:
        raise Refusal("broadcasts.newer_words", number=last.number)


def _check_may_approve(
    by: Actor, row: Broadcast, staff: StaffMember, digest: str, proofs: Collection[str]
) -> None:
    if row.state != "proposed":
        raise Refusal("broadcasts.not_proposed", state=row.state)
    if not digest == row.digest == digest_of(row):
        raise Refusal("broadcasts.changed_meanwhile")
    if staff.id in (row.author_id, row.version.author_id):
        raise Refusal("broadcasts.own")
    if set(proofs) != set(PROOFS):
        raise Refusal("broadcasts.proofs_missing")
    _check_words_are_newest(by, row)
    if not was_tested(by.session, row, digest):
        raise Refusal("broadcasts.not_tested")


def _approver(by: Actor) -> StaffMember:
    if by.staff is None or "approver" not in by.staff.roles:
        raise Refusal("broadcasts.approver_only")
    return by.staff


def _back_to_draft(row: Broadcast) -> None:
    row.state, row.digest, row.proposed_at = "draft", None, None
    row.revision += 1


def _give_word(
    by: Actor,
    row: Broadcast,
    staff: StaffMember,
    digest: str,
    *,
    passed: bool,
    proofs: Collection[str],
    comment: str,
) -> None:
    word = BroadcastReview(broadcast_id=row.id, stage=FINAL, staff_id=staff.id, digest=digest, passed=passed)
    word.proofs, word.comment = sorted(proofs), comment.strip()
    by.session.add(word)

"""The last word on a broadcast: bound to exactly what was tested, by somebody else, and then nothing changes any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from handlers.broadcasts import actions
from handlers.notices import actions as notices
from models.approval import PROOFS, digest_of, later_missing
from models.broadcasts import Broadcast, BroadcastRecipient, BroadcastReview
from models.notices import Notice
from models.refusal import Refusal
from tests.broadcasts.planning import (
    after_a_test,
    approve,
    approved,
    approver,
    colleague,
    notice,
    place,
    proposed,
    resident,
    writer,
)
from tests.neighbours import Town, frozen
from tests.staff.clerks import audited


@pytest.fixture
def neighbours(sqlite_town: Town) -> Town:
    def unit(session: Session) -> None:
        home = place(session, "committee", "互助中路")
        for name in ("马秀兰", "才让卓玛", "韩世杰"):
            resident(session, name, home)

    sqlite_town.writing(unit)
    return sqlite_town


def refused(town: Town, unit: Callable[[Session], object]) -> str:
    with pytest.raises(Refusal) as why:
        town.writing(unit)
    return why.value.code


def test_an_approved_broadcast_is_published_frozen_and_waits_five_minutes(neighbours: Town) -> None:
    with frozen("2026-11-23 10:00"):
        row = neighbours.writing(lambda session: approved(session).id)
        with neighbours.reading() as session:
            broadcast = session.get_one(Broadcast, row)
            people = session.scalars(select(BroadcastRecipient).order_by(BroadcastRecipient.position)).all()
            assert (broadcast.state, broadcast.notice.state) == ("approved", "published")
            assert broadcast.begins_at == broadcast.hold_until == clock.now() + timedelta(minutes=5)
            assert broadcast.useful_until == broadcast.begins_at + timedelta(hours=24)
            assert [(one.position, one.road, one.state) for one in people] == [
                (1, "mass", "queued"),
                (2, "mass", "queued"),
                (3, "mass", "queued"),
            ]
            (line,) = audited(session, "broadcasts.approve")
            assert line.facts["mass"] == 3
            assert line.facts["unreached"] == 0


def test_b25_what_was_not_tested_cannot_be_proposed(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        actions.propose(writer(session), actions.draft(writer(session), notice(session)))

    assert refused(neighbours, unit) == "broadcasts.not_tested"


def test_b25_any_edit_after_the_proposal_voids_the_test_and_the_proposal(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        row = proposed(session)
        before, seen = digest_of(row), row.revision
        actions.edit(writer(session), row, revision=seen, urgent=True)
        assert (row.state, row.digest) == ("draft", None)
        assert digest_of(row) != before
        actions.propose(writer(session), row)

    assert refused(neighbours, unit) == "broadcasts.not_tested"


def test_saving_what_is_the_same_changes_nothing(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        row = proposed(session)
        actions.edit(writer(session), row, revision=row.revision, audience={"everybody": True}, urgent=False)
        assert row.state == "proposed"

    neighbours.writing(unit)


def test_nobody_approves_what_they_have_not_read(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        row = proposed(session)
        read = row.digest or ""
        actions.edit(writer(session), row, revision=row.revision, roads=("custom",))
        actions.propose(writer(session), after_a_test(session, row))
        actions.approve(approver(session), row, digest=read, proofs=PROOFS)

    assert refused(neighbours, unit) == "broadcasts.changed_meanwhile"


def test_b16_who_wrote_it_never_approves_it(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        row = after_a_test(session, actions.draft(approver(session), notice(session)))
        approve(session, actions.propose(approver(session), row))

    assert refused(neighbours, unit) == "broadcasts.own"


def test_b16_only_an_approver_has_the_last_word(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        row = proposed(session)
        actions.approve(colleague(session, "fu"), row, digest=row.digest or "", proofs=PROOFS)

    assert refused(neighbours, unit) == "broadcasts.approver_only"


def test_all_three_proofs_are_ticked(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        row = proposed(session)
        actions.approve(approver(session), row, digest=row.digest or "", proofs=PROOFS[:2])

    assert refused(neighbours, unit) == "broadcasts.proofs_missing"


def test_b25_without_the_two_reviews_nothing_is_sent_and_nothing_is_left_behind(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        approve(session, proposed(session, notice=notice(session, reviewed=False)))

    assert refused(neighbours, unit) == "notices.not_reviewed"
    with neighbours.reading() as session:
        assert session.scalar(select(func.count()).select_from(BroadcastRecipient)) == 0


def test_what_is_urgent_goes_with_one_word_and_is_read_by_two_others_afterwards(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        row = proposed(session, notice=notice(session, reviewed=False), urgent=True)
        approve(session, row)
        assert row.state == "approved"
        assert row.notice.state == "published"
        assert later_missing(session, row) == 2

    neighbours.writing(unit)


def test_words_that_went_out_in_a_hurry_go_out_again_at_leisure_only_when_two_others_have_read_them(
    neighbours: Town,
) -> None:
    def unit(session: Session) -> int:
        hurried = proposed(session, notice=notice(session, reviewed=False), urgent=True)
        approve(session, hurried)
        return hurried.notice_id

    def again(session: Session) -> None:
        approve(session, proposed(session, notice=session.get_one(Notice, number)))

    number = neighbours.writing(unit)
    assert refused(neighbours, again) == "notices.not_reviewed"


def test_urgent_words_that_were_read_before_need_no_later_reading(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        row = approved(session, urgent=True)
        assert row.reviewed_later_at == row.approved_at
        assert later_missing(session, row) == 0

    neighbours.writing(unit)


def test_newer_words_of_the_notice_are_never_sent_unread(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        row = proposed(session)
        notices.edit(writer(session), row.notice, summary="后天停水。")
        approve(session, row)

    assert refused(neighbours, unit) == "broadcasts.newer_words"


def test_what_is_sent_back_says_why_and_is_a_draft_again(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        row = proposed(session)
        actions.send_back(approver(session), row, "楼号写错了")
        assert (row.state, row.digest) == ("draft", None)
        word = session.scalars(select(BroadcastReview)).one()
        assert (word.passed, word.comment) == (False, "楼号写错了")

    neighbours.writing(unit)
    assert (
        refused(neighbours, lambda s: actions.send_back(approver(s), proposed(s), "错"))
        == "broadcasts.say_why"
    )


@pytest.mark.parametrize(
    ("at", "begins"),
    [
        ("2026-11-23 20:50", "2026-11-23 20:55"),
        ("2026-11-23 20:56", "2026-11-24 08:00"),
        ("2026-11-24 03:00", "2026-11-24 08:00"),
        ("2026-11-24 07:58", "2026-11-24 08:03"),
    ],
)
def test_in_quiet_hours_it_waits_for_the_morning(neighbours: Town, at: str, begins: str) -> None:
    with frozen(at):
        row = neighbours.writing(lambda session: approved(session).begins_at)
        assert row is not None
        assert f"{clock.local(row):%Y-%m-%d %H:%M}" == begins


def test_what_is_urgent_wakes_people(neighbours: Town) -> None:
    with frozen("2026-11-24 03:00"):
        begins = neighbours.writing(lambda session: approved(session, urgent=True).begins_at)
        assert begins == clock.now() + timedelta(minutes=5)


def test_what_would_come_too_late_is_not_approved(neighbours: Town) -> None:
    def unit(session: Session) -> None:
        approve(session, proposed(session, useful_until=clock.now() + timedelta(hours=2)))

    with frozen("2026-11-23 22:00"):
        assert refused(neighbours, unit) == "broadcasts.useful_no_more"

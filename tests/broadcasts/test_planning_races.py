"""Two of the staff at once, on both databases: one wins, the other is told, and nobody approves what they did not read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers.broadcasts import actions
from models.approval import PROOFS, standing_final
from models.broadcasts import Broadcast, BroadcastRecipient, BroadcastReview
from models.refusal import Refusal
from tests.broadcasts.planning import approver, colleague, proposed, resident, writer
from tests.neighbours import Town
from tests.races import at_once

ROUNDS = 4


@pytest.fixture
def crowd(town: Town) -> Town:
    def unit(session: Session) -> None:
        for name in ("马秀兰", "才让卓玛", "韩世杰"):
            resident(session, name)
        approver(session)
        colleague(session, "li2", "approver")

    town.writing(unit)
    return town


def tried(town: Town, unit: Callable[[Session], object]) -> Callable[[], str]:
    """The code of the refusal, "" when it was done."""

    def run() -> str:
        try:
            town.site.database.writing(lambda session: (unit(session), "")[1])
        except Refusal as why:
            return why.code
        return ""

    return run


def one_row(town: Town) -> tuple[int, str, int]:
    def unit(session: Session) -> tuple[int, str, int]:
        row = proposed(session)
        return row.id, row.digest or "", row.revision

    return town.writing(unit)


def approving(town: Town, login: str, number: int, digest: str) -> Callable[[], str]:
    def unit(session: Session) -> None:
        by = colleague(session, login, "approver")
        actions.approve(by, session.get_one(Broadcast, number), digest=digest, proofs=PROOFS)

    return tried(town, unit)


def test_of_two_approvers_at_once_one_has_the_last_word_and_the_audience_is_fixed_once(crowd: Town) -> None:
    for _ in range(ROUNDS):
        number, digest, _ = one_row(crowd)
        codes = at_once([approving(crowd, login, number, digest) for login in ("li", "li2")])
        assert sorted(codes) == ["", "broadcasts.not_proposed"]
        with crowd.reading() as session:
            mine = BroadcastRecipient.broadcast_id == number
            assert session.scalar(select(func.count()).select_from(BroadcastRecipient).where(mine)) == 3
            words = select(BroadcastReview).where(BroadcastReview.broadcast_id == number)
            assert len(session.scalars(words).all()) == 1


def test_of_an_edit_and_an_approval_at_once_nothing_unread_is_ever_approved(crowd: Town) -> None:
    for _ in range(ROUNDS):
        number, digest, revision = one_row(crowd)

        def editing(session: Session, number: int = number, revision: int = revision) -> None:
            row = session.get_one(Broadcast, number)
            actions.edit(writer(session), row, revision=revision, topic="安全")

        codes = at_once([tried(crowd, editing), approving(crowd, "li", number, digest)])
        assert codes in (["", "broadcasts.not_proposed"], ["broadcasts.too_late", ""])
        with crowd.reading() as session:
            row = session.get_one(Broadcast, number)
            final = standing_final(session, row)
            if row.state == "approved":
                assert row.topic == "停水停电"
                assert final is not None
                assert final.digest == row.digest == digest
            else:
                assert (row.state, row.digest, final) == ("draft", None, None)


def test_of_two_edits_at_once_the_loser_learns_who_and_what(crowd: Town) -> None:
    number, _, revision = one_row(crowd)

    def editing(topic: str, login: str) -> Callable[[Session], None]:
        def unit(session: Session) -> None:
            by, row = colleague(session, login, "desk"), session.get_one(Broadcast, number)
            actions.edit(by, row, revision=revision, topic=topic)

        return unit

    crowd.writing(lambda session: colleague(session, "zhang", "desk"))
    works = [tried(crowd, editing("安全", "wang")), tried(crowd, editing("健康", "zhang"))]
    assert sorted(at_once(works)) == ["", "broadcasts.saved_meanwhile"]

"""A wish that was made true counts as hours: the claimer says how long, the wisher has said yes, the staff confirm."""

from __future__ import annotations

from typing import Any

import pytest

from app.cli import check_invariants
from handlers.hours import actions as hours
from handlers.wishes import actions
from models.refusal import Refusal
from models.wishes import Claim, Wish
from tests.hours.shifts import does, records
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor
from tests.wishes.conftest import acts, claimed


@pytest.fixture
def kept(sqlite_town: Town) -> tuple[Phone, int, int]:
    """韩世杰 has fulfilled a wish of 马秀兰, who said so: (who fulfilled it, wish, claim)."""
    ma, han = sqlite_town.phone("马秀兰"), sqlite_town.phone("韩世杰")
    with frozen("2026-11-23 12:00"):
        for phone in (ma, han):
            sqlite_town.writing(lambda session, phone=phone: phone.actor(session).me.id)
        wish, claim = claimed(sqlite_town)
        acts(sqlite_town, han, actions.mark_done, (Claim, claim))
        acts(sqlite_town, ma, actions.confirm, (Wish, wish))
    return han, wish, claim


def tells(town: Town, phone: Phone, claim: int, minutes: int) -> Any:
    return acts(town, phone, actions.tell_time, (Claim, claim), minutes)


def test_the_time_of_a_promise_is_told_on_the_page_and_confirmed_by_the_staff(
    sqlite_town: Town, kept: tuple[Phone, int, int]
) -> None:
    han, _, _ = kept
    with frozen("2026-11-23 12:30"):
        visitor = Visitor(sqlite_town, han).opens("/h5/wishes/mine").presses("记下", minutes="60")
        assert "您说用了1小时" in visitor.words
        assert "待确认" in han.says("志愿时长")
        assert does(sqlite_town, hours.confirm, han) == "confirmed", "who wished has said yes before"
        assert check_invariants(sqlite_town.site) == []


def test_it_is_corrected_before_the_yes_and_capped(sqlite_town: Town, kept: tuple[Phone, int, int]) -> None:
    han, wish, claim = kept
    with frozen("2026-11-23 12:30"):
        for wrong in (0, -60, 241):
            with pytest.raises(Refusal, match=r"hours\.too_many"):
                tells(sqlite_town, han, claim, wrong)
        tells(sqlite_town, han, claim, 60)
        tells(sqlite_town, han, claim, 90)
        assert [row["minutes"] for row in records(sqlite_town)] == [90]
        acts(sqlite_town, sqlite_town.phone("马秀兰"), actions.take_back_confirmation, (Wish, wish))
        assert does(sqlite_town, hours.confirm, han) == "hours.not_now", "it is not done after all"


def test_nobody_tells_the_time_of_others(sqlite_town: Town, kept: tuple[Phone, int, int]) -> None:
    _, _, claim = kept
    stranger = sqlite_town.phone("路人")
    with frozen("2026-11-23 12:30"):
        visitor = Visitor(sqlite_town, stranger)
        assert visitor.sends(f"/h5/wishes/promised/{claim}/time", minutes="60", once="k").status == 404
        with pytest.raises(Refusal, match=r"wishes\.not_yours"):
            tells(sqlite_town, stranger, claim, 60)
        assert records(sqlite_town) == []

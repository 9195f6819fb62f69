"""Two of the staff at once, on both databases: what finds the cards always is what stands in the rows."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.guides import actions
from handlers.guides.loading import install
from models.guide_misses import GuideMiss, note_miss
from models.guides import GuideCard, GuidePhrasing, the_edition_is_of_these_words
from models.identity import Actor
from models.refusal import Refusal
from tests.neighbours import Town
from tests.races import at_once


@pytest.fixture
def both(town: Town) -> Town:
    town.writing(install)
    return town


def test_two_who_add_at_once_leave_an_edition_with_both(both: Town) -> None:
    def add(number: int, words: str) -> None:
        both.writing(lambda session: actions.add_phrasing(job(session), card(session, number), words))

    at_once([lambda n=n: add(n, f"呱唧第{n}种") for n in range(1, 5)])  # type: ignore[misc]
    with both.reading() as session:
        assert the_edition_is_of_these_words(session) == []
        assert len(session.scalars(select(GuidePhrasing).where(GuidePhrasing.words.like("呱唧%"))).all()) == 4


def test_the_same_words_go_to_one_card_and_the_other_is_told(both: Town) -> None:
    def add(number: int) -> str:
        def unit(session: Session) -> str:
            actions.add_phrasing(job(session), card(session, number), "呱唧呱唧本本")
            return "added"

        try:
            return both.writing(unit)
        except Refusal as why:
            return why.code

    assert sorted(at_once([lambda: add(1), lambda: add(2)])) == ["added", "guides.phrasing_taken"]


def test_what_many_ask_in_vain_at_once_is_counted_each_time(both: Town) -> None:
    at_once([lambda: both.writing(lambda session: note_miss(session, "咕噜咕噜在哪"))] * 6)
    with both.reading() as session:
        assert session.scalars(select(GuideMiss.times)).all() == [6]


def test_two_installations_at_once_lay_down_one_set(town: Town) -> None:
    at_once([lambda: town.writing(install)] * 2)
    with town.reading() as session:
        keys = session.scalars(select(GuideCard.key)).all()
    assert len(keys) == len(set(keys))


def job(session: Session) -> Actor:
    return Actor(session, channel="job")


def card(session: Session, number: int) -> GuideCard:
    return session.get_one(GuideCard, number)

"""How many messages somebody has allowed: what counts, what counts once only, and what two senders may take."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from models import grants
from models.grants import Grant, Spending, Told, people_with
from models.identity import Identity
from models.topics import TopicChoice, people_against
from tests.neighbours import Town
from tests.races import at_once

NEWS = "T-NEWS"
NOW = clock.now()


class Hand:
    """One neighbour's yes and no, as they are told to us."""

    def __init__(self, town: Town, name: str = "马秀兰") -> None:
        self.town = town
        self.phone = town.phone(name)
        self.phone.follows()
        with town.reading() as session:
            identity = self.phone.identity(session)
            assert identity is not None
            self.id, self.person_id = identity.id, identity.person_id

    def says_yes(self, told: Told = "popup", seconds: float = 0, lasting: bool = False) -> None:
        at = NOW + timedelta(seconds=seconds)
        self.town.writing(lambda s: grants.allow(s, self.id, NEWS, told, lasting=lasting, at=at) and None)

    def ends(self, seconds: float = 0) -> None:
        self.town.writing(lambda s: grants.end(s, self.id, NEWS, NOW + timedelta(seconds=seconds)))

    def spends(self) -> bool:
        return self.town.writing(lambda s: grants.spend(s, Spending(self.id, NEWS)))

    @property
    def left(self) -> int:
        with self.town.reading() as session:
            return session.scalar(select(Grant.left).where(Grant.identity_id == self.id)) or 0

    def is_reachable(self, road: str = "notice") -> bool:
        with self.town.reading() as session:
            return self.person_id in session.scalars(people_with(road)).all()


def test_each_yes_is_one_message_and_a_tap_that_is_told_twice_is_one_yes(sqlite_town: Town) -> None:
    hand = Hand(sqlite_town)
    hand.says_yes("page")
    hand.says_yes("popup", 1)
    assert hand.left == 1
    hand.says_yes("popup", 20)
    hand.says_yes("popup", 25)
    hand.says_yes("page", 26)
    assert hand.left == 3
    hand.says_yes("page", 300)
    hand.says_yes("page", 310)
    assert hand.left == 5, "a remembered yes shows no popup: the page alone tells of it"
    hand.says_yes("popup", 900)
    assert hand.left == 6, "a report long after is of another tap"


def test_a_yes_in_an_article_has_no_page_to_tell_of_it(sqlite_town: Town) -> None:
    hand = Hand(sqlite_town)
    hand.says_yes("article")
    hand.says_yes("page", 5)
    assert hand.left == 2


def test_a_no_in_the_settings_ends_all_but_what_was_allowed_after_it(sqlite_town: Town) -> None:
    hand = Hand(sqlite_town)
    for second in range(3):
        hand.says_yes("article", second)
    hand.ends(1)
    assert hand.left == 1, "this no came late: the last yes is younger"
    hand.ends(2)
    assert (hand.left, hand.is_reachable()) == (0, False)


def test_a_grant_for_long_is_not_used_up(sqlite_town: Town) -> None:
    hand = Hand(sqlite_town)
    hand.says_yes(lasting=True)
    assert hand.spends()
    assert hand.spends()
    assert hand.left == 1
    hand.ends(5)
    assert not hand.spends()


def test_two_sends_and_one_grant_exactly_one_goes_by_it(town: Town) -> None:
    hand = Hand(town)
    hand.says_yes()
    assert sorted(at_once([hand.spends] * 4)) == [False, False, False, True]
    assert hand.left == 0


def test_what_wechat_refused_for_certain_is_there_again(sqlite_town: Town) -> None:
    hand = Hand(sqlite_town)
    hand.says_yes()
    assert hand.spends()
    sqlite_town.writing(lambda s: grants.give_back(s, Spending(hand.id, NEWS)))
    assert hand.left == 1


def test_two_yeses_at_once_are_two(town: Town) -> None:
    hand = Hand(town)
    at_once([lambda: hand.says_yes("article")] * 4)
    assert hand.left == 4


def test_who_left_is_not_written_to_and_an_account_s_grant_is_none_of_the_mini_program(
    sqlite_town: Town,
) -> None:
    hand = Hand(sqlite_town)
    hand.says_yes()
    assert hand.is_reachable()
    assert not hand.is_reachable("mini")
    hand.phone.unfollows()
    assert not hand.is_reachable()

    def never_followed(session: Session) -> None:
        session.get_one(Identity, hand.id).follow_changed_at = None

    sqlite_town.writing(never_followed)
    assert hand.is_reachable()


def test_a_topic_is_wanted_until_somebody_says_otherwise(sqlite_town: Town) -> None:
    hand = Hand(sqlite_town)

    def unit(session: Session) -> None:
        session.add(TopicChoice(person_id=hand.person_id, topic="活动"))

    sqlite_town.writing(unit)
    with sqlite_town.reading() as session:
        assert session.scalars(people_against("活动")).all() == [hand.person_id]
        assert session.scalars(people_against("政策")).all() == []

"""Many claim one wish at once: one lease, on both databases, and the others are told what else there is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from app.database import Busy
from handlers.wishes import actions
from models.refusal import Refusal
from models.wishes import Claim, Wish
from tests.neighbours import Town
from tests.wishes.conftest import claimed, clerk, published, sent, sound, state


def claims_in(town: Town) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count()).select_from(Claim)) or 0


def race(town: Town, people: int, wishes: list[int]) -> list[str]:
    """Everybody claims at the same moment, in turn of the wishes; how it ended for each."""
    start = Barrier(people)
    names = [f"邻居{number}" for number in range(people)]
    for name in names:
        town.writing(lambda s, who=name: town.phone(who).actor(s))

    def one(number: int) -> str:
        start.wait()
        phone, wish = town.phone(names[number]), wishes[number % len(wishes)]
        for _ in range(20):
            try:
                town.writing(lambda s: actions.claim(phone.actor(s), s.get_one(Wish, wish)))
                return "claimed"
            except Refusal as why:
                return why.code + f":{len(why.instead)}"
            except Busy:
                continue
        return "busy"

    with ThreadPoolExecutor(people) as pool:
        return list(pool.map(one, range(people)))


@pytest.mark.parametrize("people", [2, 20])
def test_claims_at_once_are_one_lease(town: Town, people: int) -> None:
    wish, *_ = published(town, "想要第一个", "想要第二个", "想要第三个")
    outcomes = race(town, people, [wish])
    assert sorted(outcomes) == ["claimed", *["wishes.taken:2"] * (people - 1)]
    assert (claims_in(town), state(town, wish)) == (1, "claimed")
    assert len(sent(town, "claimed")) == 1
    assert sound(town)


def test_one_person_on_two_devices_gets_no_third_claim(town: Town) -> None:
    wishes = published(town, "想要第一个", "想要第二个", "想要第三个")
    start = Barrier(3)
    town.writing(lambda s: town.phone("韩世杰").actor(s))

    def one(wish: int) -> str:
        start.wait()
        try:
            town.writing(lambda s: actions.claim(town.phone("韩世杰").actor(s), s.get_one(Wish, wish)))
        except Refusal as why:
            return why.code
        return "claimed"

    with ThreadPoolExecutor(3) as pool:
        outcomes = sorted(pool.map(one, wishes))
    assert outcomes == ["claimed", "claimed", "wishes.too_many_claims"]
    assert sound(town)


def test_two_phones_at_once_and_the_loser_chooses_another(town: Town) -> None:
    published(town, "想要第一个", "想要第二个", "想要第三个")
    phones = [town.phone("韩世杰"), town.phone("才让卓玛")]
    for phone in phones:
        assert "最晚" in phone.says("心愿站", "1", "1")
    start = Barrier(2)

    def confirms(number: int) -> str:
        start.wait()
        return phones[number].says("1")

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(confirms, range(2)))
    won = [answer for answer in answers if "您认领了" in answer]
    (lost,) = (answer for answer in answers if "您认领了" not in answer)
    assert len(won) == 1
    assert "不用再认领了" in lost
    assert "1 想要第二个" in lost
    assert "2 想要第三个" in lost
    loser = phones[answers.index(lost)]
    assert "您认领了" in loser.says("1", "1")
    assert claims_in(town) == 2
    assert sound(town)


def test_giving_back_and_finishing_at_once_is_one_of_both(town: Town) -> None:
    wish, claim = claimed(town)
    start = Barrier(2)

    def one(step: int) -> str:
        start.wait()
        action = (actions.give_back, actions.mark_done)[step]
        try:
            town.writing(lambda s: action(clerk(s), s.get_one(Claim, claim)))
        except Refusal as why:
            return why.code
        return "done"

    town.writing(clerk)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == ["done", "wishes.claim_over"]
    assert state(town, wish) in ("public", "done")
    assert sound(town)

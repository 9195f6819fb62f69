"""The machinery of stories itself: a town is led back wholly, and a broken story is found again and made short."""

from __future__ import annotations

import json
import random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.identity import Person
from models.refusal import Refusal
from tests.fuzz.beginnings import Beginning
from tests.fuzz.stories import Story, tell
from tests.neighbours import Town


class Growing(Story):
    """People come and go; what breaks is the third who stays."""

    remembers = ("came",)

    def __init__(self, town: Town) -> None:
        self.town, self.came = town, 0
        self.steps = (self.comes, self.comes, self.goes, self.nothing)

    def comes(self, dice: random.Random) -> None:
        self.town.writing(lambda session: session.add(Person(name=f"某人{dice.randrange(9)}")))
        self.came += 1

    def goes(self, _dice: random.Random) -> None:
        def unit(_session: Session) -> None:
            raise Refusal("story.nobody_goes")

        self.town.writing(unit)

    def nothing(self, _dice: random.Random) -> None:
        pass

    def holds(self) -> None:
        with self.town.reading() as session:
            there = len(session.scalars(select(Person)).all())
        assert there == self.came, "the town was not led back"
        assert there < 3, "three are too many"


def test_a_broken_story_is_told_in_as_few_steps_as_it_needs(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AssertionError, match="three are too many"):
        tell(Growing(town), few=30, length=12)
    told = capsys.readouterr().out
    played = json.loads(told.split("PLAY='")[1].split("'")[0])
    assert [name for name, _ in played] == ["comes"] * 3
    monkeypatch.setenv("PLAY", json.dumps(played))
    other = Growing(town)
    with town.reading() as session:
        other.came = len(session.scalars(select(Person)).all())
    with pytest.raises(AssertionError, match="three are too many"):
        tell(other)


def test_a_town_that_was_led_back_gives_the_same_numbers(town: Town) -> None:
    def one(name: str) -> int:
        def unit(session: Session) -> Person:
            made = Person(name=name)
            session.add(made)
            return made

        return town.writing(unit).id

    first = one("马秀兰")
    beginning = Beginning(town)
    assert one("韩世杰") == first + 1
    beginning.restore()
    assert one("卓玛") == first + 1
    beginning.keep()
    one("祁生华")
    beginning.restore()
    with town.reading() as session:
        assert {one.name for one in session.scalars(select(Person))} == {"马秀兰", "卓玛"}
    beginning.forget()

"""Whatever is typed, tapped and waited for, in any order: no step is skipped (B25), one question is open at a time, a
confirmation comes after all answers, nothing is done without it, a repeat changes nothing, and what is kept of a talk
asks the same question when it is read again."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import func, select

from app import clock
from app.questions import means_yes
from app.talks import MOST_TALKS
from models.conversation import Conversation
from tests.conversation.toy import ToyBooking, ToyForm, ToySlot
from tests.fuzz.stories import tell, walk
from tests.neighbours import Phone, Town, content_of, frozen, message_ids

# The questions of each dialogue, in the order in which they are asked; the one that must stand last before anything is
# done.
QUESTIONS = {
    "toy.book": ["which_service", "which_time", "confirm"],
    "toy.form": ["name", "phone", "building", "review"],
    "toy.trip": ["listen", "start", "end"],
}
WORDS = ("预约", "帮别人约", "报名", "请假", "家人", "电话", "新闻", "人工", "菜单")
ANSWERS = (
    "1",
    "1",
    "1",
    "2",
    "3",
    "理发",
    "马秀兰",
    "13900000001",
    "3号楼",
    "2026-12-01",
    "2026-12-05",
    "没有",
    "对",
    "听懂了",
)
FITTING = {
    "which_service": "1",
    "which_time": "1",
    "confirm": "1",
    "name": "马秀兰",
    "phone": "13900000001",
    "building": "3号楼",
    "review": "1",
    "start": "2026-12-01",
}
STEERING = (
    "0",
    "返回",
    "取消",
    "算了",
    "重来",
    "撤销",
    "更多",
    "接着",
    "改时间",
    "改一下",
    "先到这里",
    "不懂",
)


class Talker:
    """One neighbour with a telephone, and what their last push was."""

    def __init__(self, town: Town, traveller: time_machine.Coordinates) -> None:
        self.town, self.clock = town, traveller
        self.phone: Phone = town.phone("马秀兰")
        self.phone.says("电话")
        self.last: tuple[str, str] | None = None
        self.before = self.after = self._state()
        self.said, self.deeds = "", 0
        self.steps: Sequence[Callable[[random.Random], object]] = (
            *(self.says_word,) * 3,
            *(self.answers,) * 7,
            *(self.steers,) * 3,
            self.taps,
            self.repeats,
            self.is_late,
            self.is_silent,
            self.somebody_takes_a_slot,
            self.slots_come_free,
        )

    # ---- steps

    def says_word(self, dice: random.Random) -> None:
        self._push(dice.choice(WORDS))

    def answers(self, dice: random.Random) -> None:
        """Mostly what was asked for."""
        asked = self.after["talks"][-1]["asked"] if self.after["talks"] else ""
        fits = FITTING.get(asked)
        self._push(fits if fits and dice.random() < 0.8 else dice.choice(ANSWERS))

    def steers(self, dice: random.Random) -> None:
        self._push(dice.choice(STEERING))

    def taps(self, dice: random.Random) -> None:
        self._turn(lambda: self.phone.clicks(dice.choice(WORDS)), "")

    def is_late(self, dice: random.Random) -> None:
        """What was typed before the last answer arrives after it."""
        at = int(clock.now().timestamp()) - 60
        self._turn(lambda: self.phone.says(dice.choice(ANSWERS), at=at), "late")

    def repeats(self, _dice: random.Random) -> None:
        if self.last is not None:
            xml, answer = self.last
            kept = self._state()
            assert content_of(self.phone.deliver(xml)) == answer
            assert self._state() == kept

    def is_silent(self, dice: random.Random) -> None:
        self.clock.shift(timedelta(minutes=dice.choice((1, 9, 11, 16, 60 * 24, 60 * 24 * 8))))
        self.before = self.after

    def somebody_takes_a_slot(self, dice: random.Random) -> None:
        def unit(session: Any) -> None:
            taken = select(ToyBooking.slot_id).where(ToyBooking.live == 1)
            free = session.scalars(select(ToySlot.id).where(ToySlot.id.not_in(taken))).all()
            if len(free) > 6:
                session.add(ToyBooking(slot_id=dice.choice(free)))

        self.town.writing(unit)
        self.after = self.before = self._state()

    def slots_come_free(self, _dice: random.Random) -> None:
        def unit(session: Any) -> None:
            for one in session.scalars(select(ToyBooking).where(ToyBooking.live == 1)):
                one.live = None

        self.town.writing(unit)
        self.after = self.before = self._state()

    # ---- what a push does

    def _push(self, words: str) -> None:
        xml = self.phone.xml("text", f"<Content>{words}</Content><MsgId>{next(message_ids)}</MsgId>")
        self._turn(lambda: content_of(self.phone.deliver(xml)), words)
        self.last = xml, self.answer

    def _turn(self, push: Callable[[], str], words: str) -> None:
        self.before = self._state()
        self.answer, self.said = push(), words
        self.after = self._state()
        assert self.answer, f"silence for {words}"
        assert "出了点问题" not in self.answer, self.answer

    def _state(self) -> dict[str, Any]:
        with self.town.reading() as session:
            row = session.scalars(select(Conversation)).one()
            count = session.scalar(select(func.count()).where(ToyBooking.live == 1)) or 0
            forms = session.scalar(select(func.count(ToyForm.id))) or 0
            return {"talks": row.talks, "live": count, "forms": forms, "offers": row.offers}

    # ---- what must hold

    def holds(self) -> None:
        talks = self.after["talks"]
        names = [talk["name"] for talk in talks]
        assert len(names) <= MOST_TALKS
        assert len(set(names)) == len(names)
        for talk in talks:
            _no_step_is_skipped(talk)
        self._nothing_is_done_unconfirmed()

    def _nothing_is_done_unconfirmed(self) -> None:
        """Something new stands in the books only after a yes to the confirmation that stood open on top."""
        done = (self.after["live"] > self.before["live"]) or self.after["forms"] > self.before["forms"]
        if not done:
            return
        self.deeds += 1
        top = self.before["talks"][-1]
        assert top["asked"] == QUESTIONS[top["name"]][-1], f"done while asking {top['asked']}"
        assert means_yes(self.said), f"done by {self.said!r}"
        assert self.after["live"] - self.before["live"] + self.after["forms"] - self.before["forms"] == 1


def _no_step_is_skipped(talk: dict[str, Any]) -> None:
    """What is asked comes behind everything before it, answered; nothing is answered behind it, except what will be
    asked again because an earlier answer was changed."""
    order = QUESTIONS.get(talk["name"])
    answered = [key for key, _ in talk["answers"]]
    if order is None or talk["asked"] not in order:
        return  # a list of any length; or the house's own questions, for whom it is
    before = order[: order.index(talk["asked"])]
    assert [key for key in before if key not in answered and key != "listen"] == [], talk
    assert len(set(answered)) == len(answered), talk
    assert order[-1] not in answered, talk


def test_no_talk_skips_a_step_or_does_anything_twice(town: Town) -> None:
    with frozen("2026-11-23 09:00") as traveller:
        tell(Talker(town, traveller), few=4, length=25)


def test_many_turns_end_in_deeds_and_in_none_twice(town: Town) -> None:
    with frozen("2026-11-23 09:00") as traveller:
        talker = Talker(town, traveller)
        walk(talker, 250)
        assert talker.deeds > 0

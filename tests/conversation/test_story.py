"""Whatever is typed, tapped and waited for, in any order: no step is skipped (B25), one question is open at a time, a
confirmation comes after all answers, nothing is done without it, a repeat changes nothing, and what is kept of a talk
asks the same question when it is read again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import func, select, update

from app import clock
from app.talks import MOST_TALKS
from app.words import moment_words
from models.conversation import Conversation
from tests.conversation.manners import (
    UNDO,
    UNDONE_WITHIN,
    State,
    Told,
    keeps_its_manners,
    no_step_is_skipped,
)
from tests.conversation.toy import ToyBooking, ToyForm, ToyService, ToySlot
from tests.fuzz.stories import Story, tell, walk
from tests.neighbours import Phone, Town, content_of, frozen, message_ids

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


class Talker(Story):
    """One neighbour with a telephone, and what their last push was."""

    remembers = ("answer", "last", "deed", "state", "deeds", "undone")

    def __init__(self, town: Town, traveller: time_machine.Coordinates) -> None:
        self.town, self.clock = town, traveller
        self.phone: Phone = town.phone("马秀兰")
        self.answer = self.phone.says("电话")
        self.last: tuple[str, str] | None = None
        self.deed: tuple[int, float] | None = None  # the booking that 撤销 would take back, and since when
        self.state, self.deeds, self.undone = self._state(), 0, 0
        self.chat_words = frozenset(town.site.house.chat_words())
        self.steps: Sequence[Callable[[random.Random], object]] = (
            *(self.says_word,) * 3,
            *(self.answers,) * 5,
            *(self.steers,) * 3,
            *(self.comes_to_the_yes,) * 3,
            self.changes_an_answer,
            self.a_rival_is_quicker,
            *(self.takes_back,) * 2,
            self.taps,
            self.repeats,
            self.is_late,
            self.is_silent,
            self.somebody_takes_a_slot,
            self.slots_come_free,
            self.a_window_changes_before_the_yes,
        )

    # ---- steps

    def says_word(self, dice: random.Random) -> None:
        self._push(dice.choice(WORDS))

    def answers(self, dice: random.Random) -> None:
        """Mostly what was asked for."""
        fits = FITTING.get(self._asked())
        self._push(fits if fits and dice.random() < 0.8 else dice.choice(ANSWERS))

    def steers(self, dice: random.Random) -> None:
        self._push(dice.choice(STEERING))

    def comes_to_the_yes(self, dice: random.Random) -> None:
        """Through all questions to the last; now and then beyond it."""
        self._answers_all(*dice.choice((("预约", "confirm"), ("报名", "review"))))
        if dice.random() < 0.3:
            self._push("1")

    def _answers_all(self, word: str, last: str) -> None:
        self._push(word)
        for _ in range(4):
            asked = self._asked()
            if asked in FITTING and asked != last:
                self._push(FITTING[asked])

    def changes_an_answer(self, dice: random.Random) -> None:
        self.comes_to_the_yes(dice)
        self._push("改一下")
        self._push("1")

    def a_rival_is_quicker(self, dice: random.Random) -> None:
        """The list that was shown is not what would be listed when the digit arrives."""
        self._push("预约")
        self._push(str(dice.randrange(1, 4)))
        self.somebody_takes_a_slot(dice)
        self._push(str(dice.randrange(1, 4)))

    def takes_back(self, dice: random.Random) -> None:
        """Soon, in the last second, a second too late."""
        self.clock.shift(timedelta(seconds=dice.choice((1, 598, 602))))
        self._push("撤销")

    def taps(self, dice: random.Random) -> None:
        """The same button twice in one second is one push that came twice."""
        word = dice.choice(WORDS)
        self.clock.shift(timedelta(seconds=1))
        self._turn("taps", word, lambda: self.phone.clicks(word))

    def is_late(self, dice: random.Random) -> None:
        """What was typed before the last answer arrives after it."""
        word, at = dice.choice(ANSWERS), int(clock.now().timestamp()) - 60
        self._turn("late", word, lambda: self.phone.says(word, at=at))

    def repeats(self, _dice: random.Random) -> None:
        if self.last is not None:
            xml, answer = self.last
            assert content_of(self.phone.deliver(xml)) == answer
            assert self._state() == self.state

    def is_silent(self, dice: random.Random) -> None:
        self.clock.shift(timedelta(minutes=dice.choice((1, 9, 11, 16, 60 * 24, 60 * 24 * 8))))

    def somebody_takes_a_slot(self, dice: random.Random) -> None:
        def unit(session: Any) -> None:
            taken = select(ToyBooking.slot_id).where(ToyBooking.live == 1)
            free = select(ToySlot.id).where(ToySlot.id.not_in(taken)).order_by(ToySlot.id)
            if len(found := session.scalars(free).all()) > 6:
                shown = self._shown_first()
                session.add(ToyBooking(slot_id=shown if shown in found else dice.choice(found)))

        self.town.writing(unit)
        self.state = self._state()

    def _shown_first(self) -> int | None:
        """The time that this neighbour sees at the head of their list."""
        top = self.state.top
        shown = top["shown"] if top and top["asked"] == "which_time" else []
        return int(shown[0]["row"][1]) if shown else None

    def slots_come_free(self, _dice: random.Random) -> None:
        def unit(session: Any) -> None:
            for one in session.scalars(select(ToyBooking).where(ToyBooking.live == 1)):
                one.live = None

        self.town.writing(unit)
        self.state = self._state()

    def a_window_changes_before_the_yes(self, dice: random.Random) -> None:
        """What has been read out is not so any more."""
        self._answers_all("预约", "confirm")
        self.town.writing(
            lambda session: session.execute(update(ToySlot).values(window=dice.randrange(1, 9)))
        )
        self.state = self._state()
        self._push("1")

    # ---- what a push does

    def _push(self, words: str) -> None:
        xml = self.phone.xml("text", f"<Content>{words}</Content><MsgId>{next(message_ids)}</MsgId>")
        self._turn("says", words, lambda: content_of(self.phone.deliver(xml)))
        self.last = xml, self.answer

    def _asked(self) -> str:
        return str(self.state.top["asked"]) if self.state.top else ""

    def _turn(self, how: str, words: str, push: Callable[[], str]) -> None:
        before, earlier, now = self.state, self.answer, clock.now().timestamp()
        started = time.thread_time()
        self.answer = push()
        took, self.state = time.thread_time() - started, self._state()
        deed = self.deed[0] if self.deed and now - self.deed[1] <= UNDONE_WITHIN.total_seconds() else None
        told = (self.answer, earlier, now, took, deed, self.chat_words)
        keeps_its_manners(Told(how, words, before, self.state, *told))
        self._note_deeds(before, now, undone=how == "says" and words in UNDO)

    def _note_deeds(self, before: State, now: float, *, undone: bool) -> None:
        if undone:
            self.undone += len(before.booked.keys() - self.state.booked.keys())
            self.deed = None
        for number in self.state.booked.keys() - before.booked.keys():
            self.deed, self.deeds = (number, now), self.deeds + 1
        self.deeds += self.state.forms - before.forms

    def _state(self) -> State:
        with self.town.reading() as session:
            row = session.scalars(select(Conversation)).one()
            live = select(ToyBooking.id, ToySlot, ToyService).where(ToyBooking.live == 1)
            books = live.join(ToySlot, ToySlot.id == ToyBooking.slot_id)
            books = books.join(ToyService, ToyService.id == ToySlot.service_id)
            booked = {
                number: f"{service.name},{moment_words(slot.starts)},{slot.window}号窗口"
                for number, slot, service in session.execute(books)
            }
            forms = session.scalar(select(func.count(ToyForm.id))) or 0
            return State(row.talks, row.offers or {}, booked, forms, row.heard)

    # ---- what must hold

    def holds(self) -> None:
        names = [talk["name"] for talk in self.state.talks]
        assert len(names) <= MOST_TALKS
        assert len(set(names)) == len(names)
        for talk in self.state.talks:
            no_step_is_skipped(talk)


def test_no_talk_skips_a_step_or_does_anything_twice(town: Town) -> None:
    with frozen("2026-11-23 09:00") as traveller:
        tell(Talker(town, traveller), few=4, length=25)


def test_many_turns_end_in_deeds_and_in_none_twice(town: Town) -> None:
    with frozen("2026-11-23 09:00") as traveller:
        talker = Talker(town, traveller)
        walk(talker, 250)
        assert talker.deeds > 0

"""What a conversation owes whoever writes (reference: people 2.3 and the rules of the dialogues), asked of one turn: what
was said, how the talk stood before and after it, and what was answered. Each rule names itself when it does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.questions import means_yes
from app.understanding.numbers import choice_number

QUIET, FORGOTTEN, UNDONE_WITHIN = timedelta(minutes=15), timedelta(days=7), timedelta(minutes=10)
SOON = 5.0  # seconds
BACK, RESTART, UNDO = {"0", "返回"}, {"重来"}, {"撤销"}
LEAVE, GO_ON, STAY = {"取消", "算了"}, {"接着"}, {"0", "2", "接着"}
ANYWHERE = {"人工"}
CHOICES = {"which_service", "which_time"}
# The questions of each dialogue, in the order in which they are asked; the last must stand open before anything is done.
QUESTIONS = {
    "toy.book": ["which_service", "which_time", "confirm"],
    "toy.form": ["name", "phone", "building", "review"],
    "toy.trip": ["listen", "start", "end"],
}
ALL = {key for order in QUESTIONS.values() for key in order}


@dataclass(frozen=True)
class State:
    """The conversation as it is kept, and what stands in the books."""

    talks: list[dict[str, Any]]
    offers: dict[str, Any]
    booked: dict[int, str]  # the number of each booking that stands: its sentence
    forms: int
    heard: int

    @property
    def top(self) -> dict[str, Any] | None:
        return self.talks[-1] if self.talks else None

    def talk(self, name: str) -> dict[str, Any] | None:
        return next((one for one in self.talks if one["name"] == name), None)


@dataclass(frozen=True)
class Told:
    """One push and everything about it. `how`: says, taps, late. `deed` is the booking that may still be taken back."""

    how: str
    words: str
    before: State
    after: State
    answer: str
    earlier: str  # the answer before
    now: float
    seconds: float
    deed: int | None
    chat_words: frozenset[str]

    @property
    def top(self) -> dict[str, Any] | None:
        return self.before.top

    @property
    def typed(self) -> bool:
        return self.how == "says"

    @property
    def meta(self) -> str | None:
        return self.top["meta"] if self.top else None

    @property
    def silence(self) -> timedelta:
        return timedelta(seconds=self.now - self.top["at"]) if self.top else timedelta()

    @property
    def comes_to_the_question(self) -> bool:
        """Typed at an open question of the dialogue's own, without a question of the house's in between."""
        open_now = self.typed and self.top is not None and self.silence <= QUIET
        return open_now and self.meta is None and self.top is not None and self.top["asked"] in ALL

    @property
    def same_talk(self) -> dict[str, Any]:
        """The open talk as it stands now; it must be there."""
        assert self.top is not None
        found = self.after.talk(self.top["name"])
        assert found is not None, f"{self.top['name']} is gone after {self.words!r}: {self.answer}"
        return found


def nobody_gets_silence(told: Told) -> None:
    assert told.answer, f"silence for {told.words!r}"
    assert "出了点问题" not in told.answer, told.answer


def an_answer_comes_in_time(told: Told) -> None:
    assert told.seconds < SOON, f"{told.seconds:.1f} s for {told.words!r}"


def digits_belong_to_what_was_read_last(told: Told) -> None:
    """A digit is the option that was shown, or an offer of the answer in between; never anything listed elsewhere."""
    number = choice_number(told.words)
    if told.top is None or number is None or not told.typed or told.silence > QUIET:
        return
    offers = told.before.offers
    if told.meta == "aside" and offers and told.now <= offers["until"] and str(number) in offers["digits"]:
        title = offers["digits"][str(number)][1]["title"]
        assert title in told.answer, f"{number} after an offer of {title}: {told.answer}"
        assert told.same_talk["answers"] == told.top["answers"], "a digit of an offer answered a question"
    shown = told.top["shown"]
    if told.comes_to_the_question and told.top["asked"] in CHOICES and 1 <= number <= len(shown):
        gone = "没有了" in told.answer or "都约满了" in told.answer
        chosen = [told.top["asked"], shown[number - 1]]
        assert gone or chosen in told.same_talk["answers"], f"{number} is not {chosen}: {told.answer}"


def a_yes_belongs_to_the_sentence_that_was_read(told: Told) -> None:
    """Something new stands in the books only after a yes to the confirmation that stood open, and is what it said."""
    new = told.after.booked.keys() - told.before.booked.keys()
    forms = told.after.forms - told.before.forms
    if not new and not forms:
        return
    assert told.top is not None
    assert told.top["asked"] == QUESTIONS[told.top["name"]][-1], f"done while asking {told.top['asked']}"
    assert means_yes(told.words), f"done by {told.words!r}"
    assert told.words not in GO_ON, "to go on is no yes"
    assert len(new) + forms == 1, "one yes, two deeds"
    for number in new:
        sentence = told.after.booked[number]
        assert sentence in told.earlier, f"{sentence} was not what was read out: {told.earlier}"


def nothing_is_undone_but_by_asking(told: Told) -> None:
    """Ten minutes long 撤销 takes the last deed back, once; after that, and by any other word, nothing goes."""
    gone = told.before.booked.keys() - told.after.booked.keys()
    if not (told.typed and told.words in UNDO):
        assert gone == set(), f"{told.words!r} undid {gone}"
        return
    wanted = {told.deed} & told.before.booked.keys()
    assert gone == wanted, f"撤销 undid {gone} and should have undone {wanted}: {told.answer}"


def back_goes_to_the_question_before(told: Told) -> None:
    if not (told.comes_to_the_question and told.words in BACK and told.top):
        return
    order = QUESTIONS[told.top["name"]]
    answered = [key for key, _ in told.top["answers"]]
    before = [key for key in order[: order.index(told.top["asked"])] if key in answered]
    if before and "没有了" not in told.answer and "都约满了" not in told.answer:
        assert told.same_talk["asked"] == before[-1], f"back from {told.top['asked']}: {told.same_talk}"
        assert before[-1] not in [key for key, _ in told.same_talk["answers"]]
    elif answered:
        assert told.same_talk["answers"] == told.top["answers"], "answers were lost by going back"


def to_begin_afresh_is_to_ask_everything(told: Told) -> None:
    if told.comes_to_the_question and told.words in RESTART:
        assert told.same_talk["answers"] == []


def leaving_asks_once(told: Told) -> None:
    """Where something would be lost; a no to that loses nothing."""
    if told.top is None or not told.typed or told.silence > QUIET:
        return
    if told.comes_to_the_question and told.words in LEAVE and told.top["answers"]:
        assert told.same_talk["answers"] == told.top["answers"]
        assert told.same_talk["meta"] == "leave", told.answer
    if told.meta == "leave" and (means_yes(told.words) or told.words in LEAVE):
        assert told.after.talk(told.top["name"]) is None, told.answer
    if told.meta == "leave" and told.words in STAY:
        assert told.same_talk["answers"] == told.top["answers"]


def after_silence_the_talk_is_named(told: Told) -> None:
    """A quarter of an hour later nothing typed is taken for the answer to a question that is long out of sight."""
    if told.top is None or not told.typed or told.words in UNDO | ANYWHERE | told.chat_words:
        return
    if told.meta == "aside" and choice_number(told.words) is not None:
        return
    if QUIET < told.silence < FORGOTTEN and told.meta != "resume":
        assert "接着办吗" in told.answer, f"{told.words!r} after {told.silence}: {told.answer}"
        assert told.same_talk["answers"] == told.top["answers"]
    if told.silence > FORGOTTEN:
        assert "放了七天" in told.answer, told.answer
        assert told.after.talk(told.top["name"]) is None


def two_misses_offer_a_person(told: Told) -> None:
    if told.typed and "没看懂" in told.answer and "没看懂" in told.earlier:
        assert "人工" in told.answer or "工作人员" in told.answer, told.answer


def a_late_word_answers_nothing(told: Told) -> None:
    """What was written before our last question is no answer to it (trust F21)."""
    is_late = told.how == "late" and told.now - 60 < told.before.heard
    if is_late and told.top and told.silence < FORGOTTEN:
        assert "刚才那条我还没收到" in told.answer, told.answer
        kept = [one for one in told.top["answers"] if one not in told.same_talk["answers"]]
        assert not kept or "没有了" in told.answer, f"a late word changed {kept}"


def some_words_work_everywhere(told: Told) -> None:
    if told.typed and told.words in ANYWHERE:
        assert "马上来" in told.answer, told.answer


def to_go_on_is_no_answer(told: Told) -> None:
    """Also where nobody asked whether to: the open question is read again."""
    if (
        told.typed
        and told.words in GO_ON
        and told.top
        and told.top["asked"] in ALL
        and told.silence < FORGOTTEN
    ):
        assert told.after.booked == told.before.booked
        gone = "没有了" in told.answer or "都约满了" in told.answer
        assert gone or told.same_talk["answers"] == told.top["answers"], told.answer
        assert "没看懂" not in told.answer, told.answer


RULES: Sequence[Callable[[Told], None]] = (
    nobody_gets_silence,
    an_answer_comes_in_time,
    digits_belong_to_what_was_read_last,
    a_yes_belongs_to_the_sentence_that_was_read,
    nothing_is_undone_but_by_asking,
    back_goes_to_the_question_before,
    to_begin_afresh_is_to_ask_everything,
    leaving_asks_once,
    after_silence_the_talk_is_named,
    two_misses_offer_a_person,
    a_late_word_answers_nothing,
    some_words_work_everywhere,
    to_go_on_is_no_answer,
)


def keeps_its_manners(told: Told) -> None:
    for rule in RULES:
        try:
            rule(told)
        except AssertionError as fault:
            raise AssertionError(f"{rule.__name__}: {fault}") from fault


def no_step_is_skipped(talk: dict[str, Any]) -> None:
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

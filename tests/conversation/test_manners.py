"""Each rule of tests/conversation/manners.py fails where the engine is bent at that place: a story that could not fail would
prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app import kept, questions, talks
from app.conversation import Turn
from app.questions import Choose, Confirm
from app.talk import Talk
from app.talks import OpenTalks
from tests.conversation.manners import State, Told, an_answer_comes_in_time
from tests.conversation.test_story import Talker
from tests.fuzz.stories import walk
from tests.neighbours import Town, frozen

Bend = Callable[[pytest.MonkeyPatch], None]
ENOUGH = 1200  # steps; most are caught in the first hundred


def replaced(owner: Any, name: str, by: Any) -> Bend:
    return lambda patch: patch.setattr(owner, name, by)


def read_from_today(question: Choose[Any], session: Any, text: str, shown: list[Any], label: Any) -> Any:
    """The list is made again when the digit arrives, instead of the one that was shown."""
    listed = [kept.keep(one) for one in question.offer(session, 0)[0]]
    return READ(question, session, text, listed, label)


READ = Choose.read
PUT = Talk._put_question


def loses_an_answer(talk: Talk, *how: Any, **more: Any) -> Any:
    spoken = PUT(talk, *how, **more)
    talk.state["answers"] = talk.state["answers"][1:]
    return spoken


def goes_to_the_beginning(talk: Talk) -> bool:
    there, talk.state["answers"] = bool(talk.state["answers"]), []
    return there


def leaves_unasked(stack: OpenTalks) -> None:
    stack.ask() if stack.top.back() else stack.leave()


def says_the_same_again(turn: Turn) -> None:
    turn.speech.tell("_base.not_understood_here")
    turn.talks.ask()


BENT: dict[str, tuple[str, Bend]] = {
    "who is not understood hears nothing": (
        "nobody_gets_silence",
        replaced(Turn, "_not_understood_here", lambda _turn: None),
    ),
    "a digit means what would be listed now": (
        "digits_belong_to_what_was_read_last",
        replaced(Choose, "read", read_from_today),
    ),
    "a digit never means the answer in between": (
        "digits_belong_to_what_was_read_last",
        replaced(Turn, "_digit_of_aside", lambda _turn, _text: False),
    ),
    "a yes is a yes to anything": (
        "a_yes_belongs_to_the_sentence_that_was_read",
        replaced(Confirm, "fingerprint", lambda *_: "the same"),
    ),
    "to go on is a yes": (
        "to go on is no yes|to_go_on_is_no_answer",
        replaced(questions, "YES", questions.YES | {"接着"}),
    ),
    "to go on is any answer": (
        "to_go_on_is_no_answer",
        replaced(OpenTalks, "goes_on", lambda _stack, _text: False),
    ),
    "everything can be undone for an hour": (
        "nothing_is_undone_but_by_asking",
        replaced(talks, "UNDO", timedelta(hours=1)),
    ),
    "nothing can be undone": (
        "nothing_is_undone_but_by_asking",
        replaced(talks, "UNDO", timedelta()),
    ),
    "back is back to the beginning": (
        "back_goes_to_the_question_before",
        replaced(Talk, "back", goes_to_the_beginning),
    ),
    "back from an answer that is being changed is the end": (
        "back_goes_to_the_question_before",
        replaced(OpenTalks, "back", leaves_unasked),
    ),
    "to begin afresh keeps what was said": (
        "to_begin_afresh_is_to_ask_everything",
        replaced(Talk, "restart", lambda _talk: None),
    ),
    "leaving asks nothing": ("leaving_asks_once", replaced(OpenTalks, "ask_to_leave", OpenTalks.leave)),
    "silence is an hour": ("after_silence_the_talk_is_named", replaced(talks, "QUIET", timedelta(hours=1))),
    "nothing is forgotten": (
        "after_silence_the_talk_is_named",
        replaced(talks, "FORGET", timedelta(days=365)),
    ),
    "misses are not counted": (
        "two_misses_offer_a_person",
        replaced(Turn, "_not_understood_here", says_the_same_again),
    ),
    "late words are like others": (
        "a_late_word_answers_nothing",
        replaced(Turn, "_late_word", lambda _turn, _text: False),
    ),
    "no word works everywhere": (
        "some_words_work_everywhere",
        replaced(Turn, "_always_word", lambda _turn, _text: False),
    ),
    "an answer is lost": ("digits_belong|'asked': ", replaced(Talk, "_put_question", loses_an_answer)),
}


@pytest.mark.parametrize("bent", BENT)
def test_a_bent_engine_is_seen(sqlite_toys: Town, monkeypatch: pytest.MonkeyPatch, bent: str) -> None:
    rule, bend = BENT[bent]
    with frozen("2026-11-23 09:00") as traveller:
        talker = Talker(sqlite_toys, traveller)
        bend(monkeypatch)
        with pytest.raises(AssertionError, match=rule):
            walk(talker, ENOUGH)


def test_an_answer_after_five_seconds_is_seen() -> None:
    nowhere = State([], {}, {}, 0, 0)
    with pytest.raises(AssertionError, match=r"5\.1 s"):
        an_answer_comes_in_time(Told("says", "菜单", nowhere, nowhere, "好", "", 0.0, 5.1, None, frozenset()))

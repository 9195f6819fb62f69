"""Whoever asks in their own words finds the card: held-out phrasings, slips of the finger, pinyin; small talk does not."""

from __future__ import annotations

import statistics
import time

from app.understanding.asking import Asking
from handlers.guides.loading import shipped_cards
from tests.guides.corpora import asked, not_asked, seen, share_in_first, told_at_once


def test_new_ways_of_asking_find_their_card_among_the_first_three() -> None:
    rows = asked("heldout")
    assert len(rows) >= 400
    tuned, final = rows[0::2], rows[1::2]
    shares = {name: share_in_first(half, 3) for name, half in (("tuned", tuned), ("final", final))}
    print(shares, {"first": share_in_first(final, 1)})
    assert shares["tuned"] >= 0.9
    assert shares["final"] >= 0.9
    assert share_in_first(final, 1) >= 0.8


def test_none_of_these_stands_on_a_card() -> None:
    ways = {words for card in shipped_cards() for words in (card["title"], *card["asks"])}
    assert not ways & {words for _, words in asked("heldout")}


def test_slips_homophones_pinyin_and_initials_find_it_too() -> None:
    rows = asked("typos")
    assert len(rows) >= 100
    assert share_in_first(rows, 3) >= 0.95


def test_what_is_told_without_asking_back_is_nearly_always_right() -> None:
    told = wrong = 0
    for key, words in [*asked("heldout")[1::2], *asked("typos")]:
        best = told_at_once(words)
        told += best is not None
        wrong += best not in (None, key)
    assert told >= 150
    assert wrong / told <= 0.05


def test_small_talk_and_words_of_other_features_claim_no_card() -> None:
    rows = not_asked()
    assert len(rows) >= 70
    assert sum(bool(seen(words, 3)) for words in rows) <= 15  # asked back about at most
    named = {
        "帮我妈约老年证",
        "明天上午约居住证",
        "周三下午约理发",
    }  # who names a time is left to the appointments
    claimed = {words: best for words in rows if (best := told_at_once(words)) and words not in named}
    assert claimed == {}


def test_a_look_up_among_a_thousand_cards_takes_no_time() -> None:
    """Relative to nothing but the 20 ms of people.md, with room: a slow machine is told apart by the median."""
    matters = {
        f"{card['key']}{copy}": [f"{words}{copy or ''}" for words in (card["title"], *card["asks"][:6])]
        for copy in range(6)
        for card in shipped_cards()
    }
    assert len(matters) > 1000
    asking, took = Asking(matters), []
    for _, words in asked("heldout")[:60]:
        before = time.process_time()
        asking.near(words)
        took.append(time.process_time() - before)
    assert statistics.median(took) < 0.02

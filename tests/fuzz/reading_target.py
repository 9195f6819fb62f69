"""Whatever is typed, the readers of days, numbers, phones and addresses answer, and soon: processor time is bounded."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from app import clock
from app.conversation import LONGEST_TEXT
from app.house import normal
from app.understanding import (
    contacts,
    dated,
    emergencies,
    lines,
    linked,
    numbers,
    pasted,
    personal,
    phone,
    plain,
    spelling,
    stretches,
    wide,
)
from app.understanding.crisis import crisis_in
from app.understanding.when import clock_in, day_in, moment_in
from tests.fuzz.words import EVERYDAY, HOSTILE
from tests.fuzz.world import Broken, World
from tests.understanding.test_any_text import WORDS


def _stretches(text: str) -> object:
    """This one says with a ValueError that something is no time."""
    try:
        return stretches.stretches_in(text)
    except ValueError:
        return None


SOON = 0.3  # seconds of processor time for 600 signs; usual is a hundredth of it (B31)
READERS: dict[str, Callable[[str], object]] = {
    "normal": normal,
    "crisis": crisis_in,
    "clock": clock_in,
    "day": lambda text: day_in(text, clock.now()),
    "moment": lambda text: moment_in(text, clock.now()),
    "choice": numbers.choice_number,
    "number": numbers.number_word,
    "two numbers": numbers.two_numbers,
    "phone": phone.phone_in,
    "identity number": phone.id_number_in,
    "mask": phone.mask_id_numbers,
    "mask phones": phone.mask_phones,
    "name": phone.name_in,
    "contacts": contacts.told_in,
    "address": contacts.is_address,
    "odd days": dated.odd_days,
    "emergency": emergencies.emergency_in,
    "bare emergency": emergencies.bare_emergency,
    "line": lines.line_for_others,
    "links": linked.links,
    "pasted": pasted.as_lines,
    "personal": personal.personal_data,
    "plainness": plain.read,
    "spelling": spelling.without_manners,
    "stretches": _stretches,
    "wide": wide.narrow,
}


def cases(_world: World) -> st.SearchStrategy[Any]:
    word = st.sampled_from(sorted({*WORDS, *EVERYDAY, *HOSTILE}))
    text = st.one_of(
        st.lists(word, max_size=12).map("".join),
        st.builds(lambda one, many: one * many, word, st.integers(1, 300)),
        st.builds(lambda one, two, many: (one + two) * many, word, word, st.integers(1, 150)),
        st.text(max_size=LONGEST_TEXT),
    )
    return text.map(lambda said: said[:LONGEST_TEXT])


def play(_world: World, case: Any) -> str:
    for name, read in READERS.items():
        started = time.process_time()
        read(case)
        took = time.process_time() - started
        if took > SOON:
            raise Broken(f"{name} took {took:.2f} s of processor time", f"slow reader: {name}")
    return "read"

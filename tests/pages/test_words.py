"""What pages say where a rule says no: words for a page, not for a chat."""

from __future__ import annotations

import re

import pytest

from app.channels.page_forms import page_words
from app.words import compiled
from handlers.appointments.api import BOOKING, CHANGE
from handlers.appointments.api_waiting import WAITING
from handlers.people.api import JOINING
from tests.house.test_words import ROOT, refusals, written

MET_ON_PAGES = {
    *BOOKING,
    *CHANGE,
    *WAITING,
    "appointments.offer_over",
    "appointments.not_in_line",
    *JOINING,
    "appointments.same_time",
    "appointments.other_service",
    "appointments.undo_is_over",
    "appointments.not_cancelled",
    "activities.full",
    "activities.is_over",
    "activities.has_begun",
    "people.consent_needed",
    "people.not_joined",
    "people.too_many_codes",
    "people.same_person",
    "people.cannot_link",
    "people.cannot_part",
}


# why a time cannot be had is found first and raised in one place (models/booking_rules.py)
NO_SEAT = {
    f"appointments.{why}" for why in ("too_soon", "slot_closed", "slot_full", "slot_held", "nobody_free")
}


def test_words_for_pages_are_about_rules_that_exist_and_can_be_said() -> None:
    assert set(page_words()) <= refusals() | NO_SEAT
    for words in page_words().values():
        compiled(words)


@pytest.mark.parametrize("code", sorted(MET_ON_PAGES))
def test_no_page_tells_anybody_to_answer_with_a_digit(code: str) -> None:
    said = page_words().get(code) or written().source(code)
    assert "回复" not in said


def test_no_page_of_residents_speaks_like_a_chat() -> None:
    wrong = [
        f"{path.name}: {found[0]}"
        for path in (ROOT / "templates").rglob("page_*.html")
        for found in [re.search(r"回复[ “]?\d", path.read_text("utf-8"))]
        if found
    ]
    assert wrong == []

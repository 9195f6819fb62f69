"""The photo of a code is refused after 60 s, every time: at all steps of the clock, for digits, link, page and API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from models.place_code import STEP, code_at, digits_are_right, token_is_right
from tests.activities.plans import a_session, digits, token, wall
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor
from tests.volunteers.test_actions import check, known

DAY = datetime(2026, 11, 23, tzinfo=UTC)
FOR_EVER = st.integers(0, 10**9)
moments = st.builds(
    lambda s, us: DAY + timedelta(seconds=s, microseconds=us), FOR_EVER, st.integers(0, 999_999)
)
secrets = st.binary(min_size=32, max_size=32).map(bytes.hex)


def a_secret(secret: str, number: int = 7) -> Any:
    """All that a code is made from: nothing of it is stored."""
    return SimpleNamespace(id=number, secret=secret)


@settings(max_examples=400, deadline=None)
@given(secret=secrets, shown_at=moments, late=st.floats(60, 10**7))
def test_b26_no_link_is_good_sixty_seconds_after_it_was_shown(
    secret: str, shown_at: datetime, late: float
) -> None:
    held = a_secret(secret)
    photo = code_at(held, shown_at)
    assert not token_is_right(held, photo.token, shown_at + timedelta(seconds=late))


@settings(max_examples=400, deadline=None)
@given(secret=secrets, shown_at=moments, late=st.floats(60, 10**7))
def test_b26_no_digits_are_good_sixty_seconds_later_unless_they_stand_there_again(
    secret: str, shown_at: datetime, late: float
) -> None:
    """Four digits come again by chance, once in 3,333 looks: then they are those of that moment, and no photo's."""
    held, later = a_secret(secret), shown_at + timedelta(seconds=late)
    photo = code_at(held, shown_at)
    standing = {code_at(held, later + timedelta(seconds=step)).digits for step in (-STEP, 0, STEP)}
    assert digits_are_right(held, photo.digits, later) == (photo.digits in standing)


@settings(max_examples=300, deadline=None)
@given(secret=secrets, shown_at=moments, late=st.floats(0, 30))
def test_what_stands_there_is_good_for_half_a_minute_at_least(
    secret: str, shown_at: datetime, late: float
) -> None:
    held, later = a_secret(secret), shown_at + timedelta(seconds=late)
    photo = code_at(held, shown_at)
    assert token_is_right(held, photo.token, later)
    assert digits_are_right(held, photo.digits, later)


@settings(max_examples=200, deadline=None)
@given(one=secrets, other=secrets, at=moments)
def test_b26_a_link_of_one_session_is_never_good_at_another(one: str, other: str, at: datetime) -> None:
    mine, theirs = a_secret(one), a_secret(other, 8)
    assert not token_is_right(theirs, code_at(mine, at).token, at)


@pytest.mark.parametrize("second", range(STEP))
def test_b26_at_every_second_of_a_step_the_edge_is_where_it_is_said_to_be(second: int) -> None:
    held = a_secret("ab" * 32)
    shown_at = DAY + timedelta(seconds=second)
    last = DAY + timedelta(seconds=2 * STEP) - timedelta(microseconds=1)
    photo = code_at(held, shown_at).token
    assert token_is_right(held, photo, last)
    assert not token_is_right(held, photo, last + timedelta(microseconds=1))
    assert last < shown_at + timedelta(seconds=60)


# ---- by every way, through the house -------------------------------------------------------------------------------


@pytest.fixture
def moved() -> Iterator[time_machine.Traveller]:
    with frozen("2026-11-23 09:00:00") as clock:
        yield clock


def test_b26_sixty_seconds_later_no_way_takes_the_photo(sqlite_town: Town, moved: Any) -> None:
    town = sqlite_town
    for hour, second in ((9, 0), (13, 13), (20, 29)):
        moved.move_to(wall(f"2026-11-23 {hour:02}:00:{second:02}"))
        number = a_session(town, f"活动{hour}", f"2026-11-23 {hour:02}:00")
        link, seen = token(town, number), digits(town, number)
        page, chat = Visitor(town, known(town, f"页{second}")), known(town, f"聊{second}")
        moved.shift(60)
        assert page.opens(f"/h5/checkin/{link}").status == 409
        assert "这个码过期了" in page.words
        assert "签到好了" not in chat.says(seen)
        assert check(town, chat, number, token=link) == "volunteers.code_expired"
        assert check(town, chat, number, digits=seen) == "volunteers.code_expired"

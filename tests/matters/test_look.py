"""Pages of matters, wishes and ratings with something on them, in both looks (the empty ones: tests/pages/test_look.py)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser as Chromium

from handlers.matters import actions
from handlers.wishes import actions as wishes
from models.wishes import Wish
from tests.browsers import serving
from tests.matters.conftest import does, said
from tests.neighbours import Phone, Town
from tests.pages.test_look import LOOKS, _faults, context_of
from tests.pages.visitors import Visitor
from tests.ratings.conftest import token
from tests.wishes.conftest import acts, claimed, published

pytestmark = pytest.mark.browser


@pytest.fixture
def paths(sqlite_town: Town, ma: Phone) -> list[str]:
    """What 马秀兰 finds in her hands: a matter in each state, wishes on their way, a visit to rate."""
    begun, done = said(sqlite_town, ma), said(sqlite_town, ma, "井盖翘起来了")
    does(sqlite_town, actions.answer, begun, "师傅明天上午来")
    does(sqlite_town, actions.finish, done, "井盖换好了")
    claimed(sqlite_town)
    (other,) = published(sqlite_town, "一个孩子想要彩笔", by="韩世杰")
    acts(sqlite_town, ma, wishes.claim, (Wish, other))
    visit = token(sqlite_town, ma)
    matters = ["/h5/matters", f"/h5/matters/{begun}", f"/h5/matters/{done}", "/h5/matters/say/建议"]
    return [
        *matters,
        "/h5/wishes",
        f"/h5/wishes/{other}",
        "/h5/wishes/mine?done=claimed",
        f"/h5/ratings/{visit}",
    ]


@pytest.mark.parametrize("look", LOOKS)
def test_pages_with_something_on_them_are_read_seen_and_tapped_easily(
    chromium: Chromium,
    sqlite_town: Town,
    ma: Phone,
    paths: list[str],
    look: str,
) -> None:
    targets, letters = LOOKS[look]
    with serving(sqlite_town) as address:
        page = context_of(chromium, Visitor(sqlite_town, ma), address, look, 320).new_page()
        wrong = []
        for path in paths:
            answer = page.goto(address + path)
            assert answer is not None
            assert answer.status == 200, path
            wrong += [f"{path}: {fault}" for fault in _faults(page, targets, letters)]
    assert wrong == []

"""One office for all the stories: a house that runs, on a Monday morning, in which everybody has been let in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from playwright.sync_api import Browser

from app import clock
from tests.browsers import launched
from tests.roads.street import Street
from tests.stack import Stack
from tests.walks.people import DESK, PHONE, Colleague, Walker

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=clock.COMMUNITY)
FIRST_SIGN_IN = re.compile(r"/console/invitation/\S+")
ComeIn = Callable[..., Colleague]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    data = tmp_path_factory.mktemp("office") / "data"
    data.mkdir()
    (data / "clock").write_text(str(MONDAY.timestamp() - time.time()))
    with Stack(data) as stack:
        walked = Street(stack)
        yield walked
        walked.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as made:
        yield made


@pytest.fixture(scope="module")
def administrator(street: Street, browser: Browser) -> Iterator[Colleague]:
    """The first who comes in, by the link that the start has printed."""
    found = FIRST_SIGN_IN.search(street.stack.output.read_text("utf-8"))
    assert found
    admin = Colleague(browser, street.stack.web, DESK)
    admin.comes_in(found[0])
    yield admin
    admin.leaves()


@pytest.fixture
def come_in(street: Street, browser: Browser, administrator: Colleague) -> Iterator[ComeIn]:
    """`come_in("王干事")`: the administrator gives out a link, and whoever got it opens it, at a desk or on a phone."""
    here: list[Colleague] = []

    def enter(name: str, size: dict[str, int] = DESK) -> Colleague:
        administrator.turns_to("账号")
        administrator.follows(name)
        administrator.presses("发登录链接")
        link = administrator.page.locator("code.link").inner_text()
        made = Colleague(browser, street.stack.web, size)
        here.append(made)
        made.comes_in(link)
        return made

    yield enter
    for one in here:
        one.leaves()


@pytest.fixture
def resident(street: Street, browser: Browser) -> Iterator[Walker]:
    """马秀兰, who follows, at our pages on her phone; the platform asks once who she is."""
    made = Walker(browser, street.stack.web, PHONE)
    made.opens("/h5/")
    made.opens("/h5/me")
    made.follows("马 马秀兰")
    yield made
    made.leaves()

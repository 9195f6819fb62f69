"""The page of a broadcast: anybody may read it, and a reader whom we know leaves a receipt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from sqlalchemy.orm import Session

from models.broadcasts import Broadcast, BroadcastTest
from tests.broadcasts import sent
from tests.broadcasts.sent import TITLE
from tests.browsers import serving
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor
from tests.races import at_once
from tests.staff.clerks import audited, hire

pytestmark = pytest.mark.usefixtures("thursday")


@pytest.fixture
def thursday() -> Iterator[Any]:
    with frozen("2026-11-26 10:00") as moved:
        yield moved


def path(town: Town, number: int) -> str:
    with town.reading() as session:
        return f"/h5/b/{session.get_one(Broadcast, number).code}"


def test_a_stranger_reads_all_of_it_without_saying_who_they_are(sqlite_town: Town) -> None:
    number = sent.broadcast(sqlite_town)
    stranger = Visitor(sqlite_town).opens(path(sqlite_town, number))
    assert stranger.status == 200
    for words in (TITLE, "请提前接好水", "水桶", "因管网检修", "供水公司", "到2030年12月31日(星期二)"):
        assert words in stranger.words
    assert "打电话问" in stranger.words


def test_the_button_is_a_receipt_that_counts_once_and_only_for_the_audience(sqlite_town: Town) -> None:
    number = sent.broadcast(sqlite_town)
    ma, wang = sqlite_town.phone("马秀兰"), sqlite_town.phone("王德福")
    row = sent.to(sqlite_town, number, sent.person_of(sqlite_town, "马秀兰"))
    reader = Visitor(sqlite_town, ma).opens(path(sqlite_town, number))
    assert sent.recipient(sqlite_town, row).read_at is None, "looking alone writes nothing"
    assert "谢谢您,社区知道您看过了" in reader.presses("收到了").words
    assert sent.recipient(sqlite_town, row).read_how == "page"
    assert "社区知道您看过了" in reader.opens(path(sqlite_town, number)).words
    outsider = Visitor(sqlite_town, wang).opens(path(sqlite_town, number))
    assert not outsider.offers("收到了")
    assert outsider.sends(f"{path(sqlite_town, number)}/got").status == 200
    assert "社区知道" not in outsider.words
    with sqlite_town.reading() as session:
        assert len(audited(session, "broadcasts.read")) == 1


def test_an_open_page_says_so_itself_and_two_at_once_are_one_receipt(town: Town) -> None:
    number = sent.broadcast(town)
    ma = town.phone("马秀兰")
    row = sent.to(town, number, sent.person_of(town, "马秀兰"))
    readers = [Visitor(town, ma) for _ in range(4)]
    at_once([lambda one=one: one.sends(f"{path(town, number)}/opened") for one in readers])  # type: ignore[misc]
    assert sent.recipient(town, row).read_how == "page"
    with town.reading() as session:
        assert len(audited(session, "broadcasts.read")) == 1


def test_nobody_unknown_and_no_foreign_page_gives_a_receipt(sqlite_town: Town) -> None:
    number = sent.broadcast(sqlite_town)
    row = sent.to(sqlite_town, number, sent.person_of(sqlite_town, "马秀兰"))
    assert Visitor(sqlite_town).sends(f"{path(sqlite_town, number)}/opened").status == 403
    reader = Visitor(sqlite_town, sqlite_town.phone("马秀兰"))
    foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    answer = reader.client.post(f"{path(sqlite_town, number)}/opened", headers=foreign)
    assert answer.status_code == 403
    assert sent.recipient(sqlite_town, row).read_at is None


def test_an_unknown_code_gets_a_friendly_page(sqlite_town: Town) -> None:
    visitor = Visitor(sqlite_town).opens("/h5/b/0123456789abcdef012345")
    assert visitor.status == 404
    assert "没有这条通知" in visitor.words
    assert visitor.offers("看最新通知")


def test_before_it_is_out_only_testers_have_its_page_and_nothing_counts(sqlite_town: Town) -> None:
    number = sent.broadcast(sqlite_town, state="draft", begun_at=None, ended_at=None)
    assert Visitor(sqlite_town).opens(path(sqlite_town, number)).status == 404
    tester = hire(sqlite_town, "desk")

    def test(session: Session) -> None:
        row = session.get_one(Broadcast, number)
        session.add(
            BroadcastTest(broadcast_id=number, digest=row.digest or "", staff_id=tester.member(session).id)
        )

    sqlite_town.writing(test)
    visitor = Visitor(sqlite_town, sqlite_town.phone("马秀兰")).opens(path(sqlite_town, number))
    assert "试看" in visitor.words
    assert not visitor.offers("收到了")


def test_a_wrong_one_leads_to_what_puts_it_right(sqlite_town: Town) -> None:
    wrong = sent.broadcast(sqlite_town)
    right = sent.correcting(sqlite_town, wrong)
    visitor = Visitor(sqlite_town).opens(path(sqlite_town, wrong))
    assert "这条通知有错,已经更正" in visitor.words
    assert not visitor.offers("收到了")
    assert "这条更正了" in visitor.taps("更正:停水改到大后天").words
    assert visitor.path == path(sqlite_town, right)


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390])
def test_it_fits_a_narrow_phone_and_opening_it_is_a_receipt(
    chromium: Chromium, sqlite_town: Town, width: int
) -> None:
    number = sent.broadcast(sqlite_town)
    row = sent.to(sqlite_town, number, sent.person_of(sqlite_town, "马秀兰"))
    cookie = Visitor(sqlite_town, sqlite_town.phone("马秀兰")).client.get_cookie("session")
    assert cookie is not None
    with serving(sqlite_town) as address:
        context = chromium.new_context(viewport={"width": width, "height": 800})
        context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page = context.new_page()
        page.goto(address + path(sqlite_town, number))
        page.get_by_text("社区知道您看过了").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert sent.recipient(sqlite_town, row).read_how == "page"

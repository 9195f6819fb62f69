"""The link behind the code, one's own hours, and the leader's screen, opened as WeChat opens them."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.activities import actions as activities
from handlers.volunteers import actions
from models.activities import ActivitySession
from models.identity import Identity
from models.volunteers import Attendance
from tests.activities.plans import a_session, digits, house, token
from tests.neighbours import Town, frozen
from tests.pages.conftest import PUBLIC, Browser

NINE = "2026-11-23 09:00:10"


def link(town: Town, number: int) -> str:
    return f"/h5/checkin/{token(town, number)}"


def screen(town: Town, number: int) -> str:
    return town.writing(lambda s: actions.leader_link(house(s), s.get_one(ActivitySession, number)))


def stays(town: Town) -> int:
    with town.reading() as session:
        return len(list(session.scalars(select(Attendance))))


def test_one_scan_is_one_big_page_with_what_when_and_what_next(street: Town, browser: Browser) -> None:
    with frozen(NINE):
        page = browser.opens(link(street, a_session(street)))
        assert page.status_code == 200
        for words in ("签到好了", "河道清洁", "11月23日(星期一)上午9点", "再扫一次负责人屏幕上的码"):
            assert words in page.text
        assert stays(street) == 1


def test_opening_the_link_again_is_the_same_record(street: Town, browser: Browser) -> None:
    with frozen(NINE) as now:
        address = link(street, a_session(street))
        browser.opens(address)
        now.shift(20)
        assert "签到好了" in browser.opens(address).text
        assert stays(street) == 1


def test_the_second_scan_checks_out_and_says_the_minutes(street: Town, browser: Browser) -> None:
    with frozen(NINE) as now:
        number = a_session(street)
        browser.opens(link(street, number))
        now.shift(5400)
        page = browser.opens(link(street, number))
        assert "签退好了" in page.text
        assert "1小时30分钟(待确认)" in page.text
        assert "1小时30分钟" in browser.opens("/h5/hours").text


def test_a_scan_within_the_minute_is_explained(street: Town, browser: Browser) -> None:
    with frozen(NINE) as now:
        number = a_session(street)
        browser.opens(link(street, number))
        now.shift(40)
        assert "您已经签到了" in browser.opens(link(street, number)).text


def test_a_forwarded_link_says_to_scan_again(street: Town, browser: Browser) -> None:
    with frozen(NINE) as now:
        address = link(street, a_session(street))
        now.shift(61)
        page = browser.opens(address)
        assert page.status_code == 409
        assert "这个码过期了" in page.text
        assert street.site.settings.community.phone in page.text
        assert stays(street) == 0


@pytest.mark.parametrize("forged", ["x", "1.x", "999999.AAAA", "１.AAAA", "1" * 5000 + ".A"])
def test_an_invented_link_is_refused_in_words(street: Town, browser: Browser, forged: str) -> None:
    with frozen(NINE):
        a_session(street)
        assert browser.opens(f"/h5/checkin/{forged}").status_code == 409
        assert stays(street) == 0


def test_too_early_says_when(street: Town, browser: Browser) -> None:
    with frozen("2026-11-23 08:00"):
        page = browser.opens(link(street, a_session(street)))
        assert "还没到时候" in page.text
        assert "提前30分钟起可以签到" in page.text


def test_who_is_still_elsewhere_leaves_there_by_one_button(street: Town, browser: Browser) -> None:
    with frozen(NINE) as now:
        first, second = a_session(street), a_session(street, "社区义剪")
        browser.opens(link(street, first))
        now.shift(1800)
        page = browser.opens(link(street, second))
        assert "您还在别处签到中" in page.text
        action = page.text.partition('action="')[2].partition('"')[0]
        left = browser.client.post(action)
        assert "签退好了" in left.text
        assert "签到好了" in browser.opens(link(street, second)).text


def test_nobody_ends_somebody_elses_stay(street: Town, browser: Browser, neighbours: list[str]) -> None:
    with frozen(NINE):
        browser.opens(link(street, a_session(street)))
        other = Browser(street, neighbours[1])
        other.opens("/h5/hours")
        with street.reading() as session:
            stay = session.scalars(select(Attendance.id)).one()
        assert other.client.post(f"/h5/left/{stay}").status_code == 409
        assert street.client.post(f"/h5/left/{stay}").status_code == 403
        with street.reading() as session:
            assert session.scalars(select(Attendance)).one().left_at is None


def test_a_name_is_written_as_text(street: Town, browser: Browser) -> None:
    with frozen(NINE):
        browser.opens("/h5/hours")

        def rename(session: Session) -> None:
            session.scalars(select(Identity)).one().person.name = "<script>alert(1)</script>"

        street.writing(rename)
        page = browser.opens(link(street, a_session(street)))
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text


# ---- the leader's screen ---------------------------------------------------------------------------------------------


def test_the_screen_shows_the_digits_and_a_code_that_scans_to_the_link(street: Town) -> None:
    with frozen(NINE):
        number = a_session(street)
        address = screen(street, number)
        page = street.client.get(address)
        assert digits(street, number) in page.text
        told = street.client.get(f"{address}/code").json
        assert told == {
            "digits": digits(street, number),
            "here": 0,
            "picture": told["picture"],
            "seconds_left": 20,
        }
        assert read_qr(street.client.get(told["picture"]).data) == f"{PUBLIC}{link(street, number)}"


def test_the_screen_turns_over_every_thirty_seconds(street: Town) -> None:
    with frozen(NINE) as now:
        address = screen(street, a_session(street))
        links = set()
        for _ in range(5):
            links.add(read_qr(street.client.get(f"{address}/qr.svg").data))
            now.shift(30)
        assert len(links) == 5


def test_the_screen_counts_who_is_there(street: Town, browser: Browser) -> None:
    with frozen(NINE):
        number = a_session(street)
        address = screen(street, number)
        browser.opens(link(street, number))
        assert street.client.get(f"{address}/code").json["here"] == 1


def test_no_screen_without_its_own_ticket(street: Town) -> None:
    with frozen(NINE):
        one, other = a_session(street), a_session(street, "社区义剪")
        ticket = screen(street, one).rpartition("/")[2]
        moment, _, proof = ticket.partition(".")
        later = str(int(moment) + 9999)
        for number, forged in (
            (other, ticket),
            (one, f"{later}.{proof}"),
            (one, "x"),
            (999, ticket),
            (one, "."),
        ):
            for page in ("", "/code", "/qr.svg"):
                assert street.client.get(f"/h5/screen/{number}/{forged}{page}").status_code == 404


def test_the_screens_link_ends_with_checking_out(street: Town) -> None:
    with frozen(NINE) as now:
        address = screen(street, a_session(street))
        now.shift(timedelta(hours=2, minutes=29))
        assert street.client.get(address).status_code == 200
        now.shift(120)
        assert street.client.get(address).status_code == 404


def test_before_its_time_and_after_closing_the_screen_shows_no_code(street: Town) -> None:
    with frozen("2026-11-23 08:00") as now:
        number = a_session(street)
        address = screen(street, number)
        assert "提前30分钟起显示签到码" in street.client.get(address).text
        assert street.client.get(f"{address}/code").json == {"digits": "", "here": 0}
        now.shift(3600)
        street.writing(lambda s: activities.mark_closed(house(s), s.get_one(ActivitySession, number)))
        assert "这场已经结束了" in street.client.get(address).text
        assert street.client.get(f"{address}/qr.svg").status_code == 404


def test_pages_are_never_kept_by_browsers_and_hold_no_inline_code(street: Town) -> None:
    with frozen(NINE):
        for address in (screen(street, a_session(street)), "/h5/", "/h5/activities", "/h5/nowhere"):
            page = street.client.get(address)
            assert page.headers["Cache-Control"] == "no-store"
            assert " style=" not in page.text
            assert "<style" not in page.text
            assert "onclick" not in page.text


def read_qr(svg: bytes) -> str:
    """What a phone reads from the picture: drawn by its path, decoded by a real decoder."""
    size = int(re.search(rb'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    path = re.search(rb' d="([^"]+)"', svg)[1].decode()  # type: ignore[index]
    picture = Image.new("L", (size, size), 255)
    x = y = 0.0
    for step, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        values = [float(n) for n in numbers.split()]
        if step == "M":
            x, y = values
        elif step == "m":
            x, y = x + values[0], y + values[1]
        else:
            for column in range(int(x), int(x + values[0])):
                picture.putpixel((column, int(y)), 0)
            x += values[0]
    big = picture.resize((size * 8, size * 8), Image.Resampling.NEAREST)
    found = zxingcpp.read_barcodes(Image.open(_png(big)))
    return str(found[0].text)


def _png(picture: Image.Image) -> io.BytesIO:
    drawn = io.BytesIO()
    picture.save(drawn, "PNG")
    drawn.seek(0)
    return drawn

"""Pages that are read: notices, services, one's own visits, everything that we keep."""

from datetime import timedelta

from sqlalchemy import select

from app import clock
from models.notices import Notice
from tests.neighbours import Town
from tests.pages.conftest import Browser


def test_anybody_reads_notices_and_an_expired_one_says_so(sqlite_town: Town) -> None:
    sqlite_town.seed("notices")
    page = sqlite_town.client.get("/h5/notices").text
    assert "高龄补贴开始登记" in page
    assert "招聘会" not in sqlite_town.client.get("/h5/notices?category=健康").text
    assert "1、" not in sqlite_town.client.get("/h5/notices/1").text

    def expire(session) -> None:  # type: ignore[no-untyped-def]
        session.get_one(Notice, 1).valid_until = clock.today() - timedelta(days=1)

    sqlite_town.writing(expire)
    assert "现在不适用" in sqlite_town.client.get("/h5/notices/1").text


def test_a_notice_that_is_not_published_is_nowhere(sqlite_town: Town) -> None:
    sqlite_town.seed("notices")
    sqlite_town.writing(lambda session: setattr(session.get_one(Notice, 1), "state", "draft"))
    assert sqlite_town.client.get("/h5/notices/1").status_code == 404


def test_anybody_reads_what_can_be_booked(sqlite_town: Town) -> None:
    sqlite_town.seed("appointments")
    assert "高龄补贴" in sqlite_town.client.get("/h5/services").text


def test_a_resident_reads_their_own_visits_and_nobody_elses(street: Town, browser: Browser) -> None:
    street.seed("appointments")
    other = street.phone("别人")
    other.says("预约", "1", "1", "别人", "1")
    page = browser.opens("/h5/appointments")
    assert page.status_code == 200
    assert "您现在没有预约" in page.text


def test_a_resident_reads_everything_that_is_kept(street: Town, browser: Browser) -> None:
    browser.opens("/h5/me")

    def name(session) -> None:  # type: ignore[no-untyped-def]
        from models.identity import Person

        session.scalars(select(Person)).first().name = "马秀兰"

    street.writing(name)
    page = browser.opens("/h5/me")
    assert "马秀兰" in page.text


def test_a_stranger_without_wechat_sees_no_personal_page(sqlite_town: Town) -> None:
    for path in ("/h5/me", "/h5/appointments", "/h5/hours"):
        answer = sqlite_town.client.get(path)
        assert answer.status_code in (302, 303), path
        assert "connect/oauth2/authorize" in answer.headers["Location"]

"""视频接访 as pages: asked for, papers under the confidential key, looked up by number, nobody else's."""

from __future__ import annotations

import time
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from models.idempotency import Idempotency
from models.petitions import MOST_PAPERS, Petition, PetitionPaper
from models.petitions_plan import taken_times_are_occupied
from models.stored_file import StoredFile
from tests.matters.test_rules import picture
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor
from tests.petitions.conftest import MATTER, books, petitions, receives

NEW = "/h5/private/new"


@pytest.fixture
def page(sqlite_town: Town) -> Visitor:
    receives(sqlite_town)
    sqlite_town.site.redis.flushdb()
    return Visitor(sqlite_town, sqlite_town.phone("马秀兰"))


def asks(page: Visitor, **more: str) -> Visitor:
    form = {
        "text": MATTER,
        "about_staff": "no",
        "time": "1",
        "way": "named",
        "phone": "13997110001",
        "once": "k",
    }
    return page.sends(NEW, **(form | more))


def test_a_form_gives_number_time_and_last_day_and_twice_is_once(page: Visitor) -> None:
    page.opens(NEW)
    assert "12月3日(星期四)" in page.words
    for _ in range(2):
        asks(page, language="藏语", companion="1")
    [row] = petitions(page.town)
    assert row.number in page.words
    assert "12月11日" in page.words
    assert (row.text, row.language, row.companion, row.phone) == (MATTER, "藏语", True, "13997110001")
    with page.town.reading() as session:
        assert session.scalars(select(Idempotency)).all() == []


def test_who_gives_no_name_gets_a_code_once(page: Visitor) -> None:
    asks(page, way="nameless")
    assert "查询码" in page.words
    code = page.words.partition("查询码 ")[2][:4]
    [row] = petitions(page.town)
    assert (row.name, row.phone) == (None, None)
    stranger = Visitor(page.town, page.town.phone("路人"))
    stranger.sends("/h5/private/look", number=row.number, tail=code)
    assert "收到了,在登记" in stranger.words
    assert "拆迁" not in stranger.page


def test_papers_are_pixels_under_the_confidential_key_and_in_no_common_store(page: Visitor) -> None:
    asks(page)
    [row] = petitions(page.town)
    page.sends(
        f"/h5/private/{row.id}/papers", papers=[(BytesIO(picture()), "a.jpg"), (BytesIO(picture()), "b.jpg")]
    )
    assert "交了2张" in page.words
    assert page.client.get(f"/h5/private/{row.id}/papers/1").mimetype == "image/jpeg"
    with page.town.reading() as session:
        assert session.scalars(select(StoredFile)).all() == []
    with page.town.site.confidential.reading() as session:
        assert len(session.scalars(select(PetitionPaper)).all()) == 2
    page.sends(f"/h5/private/{row.id}/papers", papers=(BytesIO(b"<svg/>"), "a.png"))
    assert "只收照片" in page.words


def test_b13_pictures_are_unpacked_for_whose_petition_it_is_and_no_more_than_have_room(page: Visitor) -> None:
    """Ten megabytes hold hundreds of pictures of forty million pixels, and each costs a second."""
    asks(page)
    [row] = petitions(page.town)
    heavy = BytesIO()
    Image.new("L", (6300, 6300)).save(heavy, "PNG")
    stranger = Visitor(page.town, page.town.phone("路人"))
    for visitor, count in ((stranger, MOST_PAPERS), (page, MOST_PAPERS + 1)):
        visitor.opens("/h5/private")
        sent = [(BytesIO(heavy.getvalue()), f"{n}.png") for n in range(count)]
        started = time.process_time()
        visitor.sends(f"/h5/private/{row.id}/papers", papers=sent)
        assert time.process_time() - started < 0.5
    assert stranger.status == 404
    assert page.status == 409
    assert "最多6张" in page.words
    assert petitions(page.town)[0].state == "received"


def test_b14_somebody_elses_is_not_there(page: Visitor) -> None:
    asks(page)
    [row] = petitions(page.town)
    page.sends(f"/h5/private/{row.id}/papers", papers=(BytesIO(picture()), "a.jpg"))
    stranger = Visitor(page.town, page.town.phone("路人"))
    for address in (f"/h5/private/{row.id}", f"/h5/private/{row.id}/papers/1"):
        assert stranger.opens(address).status == 404
    for step in ("move", "withdraw", "review", "satisfied"):
        assert (
            stranger.sends(f"/h5/private/{row.id}/{step}", time="2", answer="yes", words="不服").status == 404
        )
    assert petitions(page.town)[0].state == "received"
    assert "没有约过" in stranger.opens("/h5/private").words


def test_another_time_frees_the_first_and_giving_up_frees_both(page: Visitor) -> None:
    asks(page)
    [row] = petitions(page.town)
    page.opens(f"/h5/private/{row.id}").presses("就这个时间", time="2")
    assert "9点45分" in page.words
    assert "9点到视频室" in books(page.town.phone("韩建国")), "the first time is free again"
    page.opens(f"/h5/private/{row.id}").presses("不办了")
    assert "您不办了" in page.words
    assert petitions(page.town)[0].state == "withdrawn"
    with page.town.reading() as session:
        assert taken_times_are_occupied(session) == []


def test_words_of_need_go_the_way_of_cries(page: Visitor) -> None:
    asks(page, text="我不想活了,没有人管我")
    assert "12356" in page.words
    assert petitions(page.town) == []


def test_the_link_is_shown_around_the_time_only_to_whom_it_belongs(page: Visitor) -> None:
    asks(page)
    [row] = petitions(page.town)

    def unit(session) -> None:  # type: ignore[no-untyped-def]
        session.get_one(Petition, row.id).link = "https://meeting.tencent.com/dm/abc"

    page.town.site.confidential.writing(unit)
    address = f"/h5/private/{row.id}"
    assert "meeting.tencent" not in page.opens(address).page
    with frozen("2026-12-03 08:45"):
        assert "meeting.tencent" in page.opens(address).page
        assert "下一位就是您" in page.words
    with frozen("2026-12-03 13:00"):
        assert "meeting.tencent" not in page.opens(address).page

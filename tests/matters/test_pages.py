"""说事 as pages: one big box, a picture, a number at once; mine; by number; what must not be kept is not kept."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from handlers.matters import actions
from models.confidential import ConfidentialMatter
from models.matters import MatterPhoto
from models.stored_file import StoredFile
from tests.matters.conftest import LAMP, count, does, joined, matter, said, sound
from tests.matters.test_rules import picture
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor

SAY = "/h5/matters/say/报修"


@pytest.fixture
def page(sqlite_town: Town, ma: Phone) -> Visitor:
    sqlite_town.site.redis.flushdb()  # the pace of the test before
    return Visitor(sqlite_town, ma)


def test_a_lamp_is_reported_and_the_number_stands_on_the_next_page(page: Visitor) -> None:
    page.opens("/h5/matters/say").taps("报修")
    assert "就在东府佳苑3号楼" in page.words
    assert "最晚11月25日(星期三)" in page.words
    page.presses("交给社区", text=LAMP)
    one = matter(page.town)
    assert one.number in page.words
    assert (one.text, one.contact, one.channel) == (LAMP, "confidential", "page")
    assert one.place is not None
    assert one.place.full_name == "东府佳苑3号楼"
    page.taps("看我说的事")
    assert "收到了" in page.words
    assert sound(page.town)


def test_a_picture_comes_along_clean(page: Visitor) -> None:
    sent = {"photo": (BytesIO(picture()), "../../etc/passwd.jpg")}
    page.sends(SAY, text=LAMP, at="home", contact="named", once="k", **sent)
    assert matter(page.town).number in page.words
    with page.town.reading() as session:
        stored = session.scalars(select(StoredFile)).one()
        assert (stored.media_type, stored.name) == ("image/jpeg", "照片")


def test_what_is_no_picture_is_refused_and_the_words_stay(page: Visitor) -> None:
    page.sends(SAY, text=LAMP, contact="named", once="k", photo=(BytesIO(b"<svg/>"), "a.png"))
    assert "不是我们能打开的照片" in page.words
    assert LAMP in page.page
    assert count(page.town) == 0


def test_a_picture_of_more_than_ten_megabytes_is_too_large(page: Visitor) -> None:
    page.sends(SAY, text=LAMP, contact="named", once="k", photo=(BytesIO(b"x" * 11_000_000), "a.jpg"))
    assert page.status == 413
    assert count(page.town) == 0


def test_the_same_form_again_is_one_matter(page: Visitor) -> None:
    for _ in range(3):
        page.sends(SAY, text=LAMP, contact="named", once="same")
        assert matter(page.town).number in page.words
    assert count(page.town) == 1


def test_a_robot_is_slowed_down(page: Visitor) -> None:
    for number in range(10):
        page.sends(SAY, text=f"{LAMP}{number}", contact="named", once=str(number))
    page.sends(SAY, text=LAMP, contact="named", once="more")
    assert page.status == 429
    assert count(page.town) == 10


def test_an_idea_without_a_name_has_a_number_and_a_code(page: Visitor) -> None:
    page.opens("/h5/matters/say/建议")
    assert "不留名" in page.words
    page.presses("交给社区", text="楼门口装一个能坐的长凳", contact="anonymous")
    assert "查询码" in page.words
    code = page.page.rpartition('class="number">')[2].partition("<")[0]
    one = matter(page.town)
    assert one.person_id is None
    page.opens("/h5/matters/look").presses("查", number=one.number, tail=code)
    assert "收到了" in page.words
    assert "长凳" not in page.words
    page.opens("/h5/matters")
    assert "还没有说过事" in page.words


def test_nothing_that_is_kept_leads_from_the_form_to_a_nameless_matter(page: Visitor) -> None:
    page.opens("/h5/matters/say/建议").presses("交给社区", text="楼门口装一个能坐的长凳", contact="anonymous")
    receipt = matter(page.town).receipt
    disk = b"".join(path.read_bytes() for path in page.town.site.settings.data.rglob("town.db*"))
    assert disk.count(receipt.encode()) <= 2, "only in its own row, and in the index on it"


def test_a_repair_without_a_name_is_refused_with_what_to_choose(page: Visitor) -> None:
    page.sends(SAY, text=LAMP, contact="anonymous", once="k")
    assert "要留名才能办" in page.words
    assert count(page.town) == 0


@pytest.mark.parametrize(("words", "told"), [("社区书记贪污", "12388"), ("灯", "至少4个字")])
def test_what_cannot_be_taken_is_told_beside_the_box(page: Visitor, words: str, told: str) -> None:
    page.sends("/h5/matters/say/投诉", text=words, contact="named", once="k")
    assert told in page.words
    assert words in page.page
    assert count(page.town) == 0


def test_a_cry_for_help_goes_the_confidential_way_and_leaves_no_word_here(page: Visitor) -> None:
    page.sends("/h5/matters/say/求助", text="我不想活了", contact="named", once="k")
    assert "12356" in page.words
    page.sends("/h5/matters/say/求助", text="我不想活了", contact="named", once="k")
    assert count(page.town) == 0
    with page.town.site.confidential.reading() as session:
        assert [row.text for row in session.scalars(select(ConfidentialMatter))] == ["我不想活了"]
    disk = b"".join(path.read_bytes() for path in page.town.site.settings.data.rglob("town.db"))
    assert "不想活".encode() not in disk


def test_the_last_word_is_the_residents(page: Visitor, ma: Phone) -> None:
    number = said(page.town, ma)
    does(page.town, actions.finish, number, "灯换好了")
    page.opens("/h5/matters").taps(LAMP[:20])
    assert "灯换好了" in page.words
    page.presses("没解决,接着办", text="还是不亮")
    assert matter(page.town).opened_again == 1
    does(page.town, actions.finish, number, "又换了一个")
    page.opens(f"/h5/matters/{number}").presses("解决了")
    assert matter(page.town).state == "closed"
    page.sends(f"/h5/matters/{number}/unsolved", once="k")
    assert matter(page.town).opened_again == 2, "within 30 days it may still go dark again"
    page.sends(f"/h5/matters/{number}/unsolved", once="l")
    assert page.status == 409


def test_what_is_not_needed_any_more_is_taken_back_with_its_picture(page: Visitor, ma: Phone) -> None:
    number = said(page.town, ma, photo=actions.clean_photo(picture()))
    page.opens(f"/h5/matters/{number}").presses("不用办了")
    assert matter(page.town).state == "withdrawn"
    assert count(page.town, MatterPhoto) == 0


def test_a_note_of_the_staff_is_on_no_page(page: Visitor, ma: Phone) -> None:
    number = said(page.town, ma)
    does(page.town, actions.note, number, "这户老人独居")
    assert "独居" not in page.opens(f"/h5/matters/{number}").page


def test_a_stranger_sees_nothing_of_mine(page: Visitor, ma: Phone) -> None:
    number = said(page.town, ma)
    stranger = Visitor(page.town, joined(page.town, "路人", "13900000009"))
    assert stranger.opens(f"/h5/matters/{number}").status == 404
    for step in ("solved", "unsolved", "withdraw"):
        assert stranger.sends(f"/h5/matters/{number}/{step}", once=step).status == 404
    assert stranger.opens("/h5/matters/received/eHg").status == 404
    assert matter(page.town).state == "received"
    nobody = Visitor(page.town)
    assert nobody.sends(SAY, text=LAMP, contact="named", once="k").status == 403


def test_numbers_are_not_to_be_tried_out(page: Visitor, ma: Phone) -> None:
    said(page.town, ma)
    number = matter(page.town).number
    stranger = Visitor(page.town, joined(page.town, "路人", "13900000009"))
    for tail in range(10, 15):
        stranger.sends("/h5/matters/look", number=number, tail=f"{tail:04d}")
        assert "没找到" in stranger.words
    stranger.sends("/h5/matters/look", number=number, tail="0001")
    assert stranger.status == 429
    assert "七位数字" in page.sends("/h5/matters/look", number="1234567", tail="0001").words
    assert "收到了" in page.sends("/h5/matters/look", number=number, tail="0001").words


def test_a_page_of_somebody_else_sends_nothing_for_me(page: Visitor) -> None:
    answer: Any = page.client.post(SAY, data={"text": LAMP}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert count(page.town) == 0


def test_who_took_consent_back_hears_so_before_they_write(page: Visitor) -> None:
    page.sends("/h5/me/consents/service/withdraw")
    page.opens("/h5/matters/say/报修")
    assert "要您同意“登记办事”才能办" in page.words
    assert "<textarea" not in page.page

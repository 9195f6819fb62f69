"""Words between who promised and who wished: one digit goes across at once, one's own words when the staff have read
them; neither learns who the other is. And the picture that only the staff see."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from handlers.wishes import actions
from handlers.wishes.relay import ready_words
from handlers.wishes.rights import forget
from models.stored_file import StoredFile
from models.wish_proofs import WishProof
from models.wish_words import MOST_A_DAY, WishWord
from models.wishes import Claim, Wish
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.staff.clerks import Clerk, audited
from tests.staff.clerks import clerk as signed_in
from tests.wishes.conftest import acts, claimed, refused, sent, sound

MINE = "周六上午在家,到了喊一声"


@pytest.fixture
def wang(sqlite_town: Town, monday: Any) -> Clerk:
    return signed_in(sqlite_town, "desk", login="wang")


def words(town: Town) -> list[tuple[str, str]]:
    with town.reading() as session:
        return [(one.text, one.state) for one in session.scalars(select(WishWord).order_by(WishWord.id))]


def picture() -> BytesIO:
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "green").save(drawn, "JPEG")
    drawn.seek(0)
    return drawn


def test_one_digit_goes_across_at_once(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    claimed(sqlite_town)
    asked = han.says("我的心愿", "4")
    assert "1 您哪天在家方便?" in asked
    assert "转过去了" in han.says("1")
    assert len(sent(sqlite_town, "word")) == 1
    card = ma.says("我的心愿")
    assert "邻居说:“您哪天在家方便?”" in card
    assert "韩世杰" not in card
    assert "这两天都在家" in ma.says("2")
    assert "转过去了" in ma.says("1")
    assert "许愿人说:“这两天都在家。”" in han.says("我的心愿")


def test_own_words_wait_until_somebody_has_read_them(
    sqlite_town: Town, ma: Phone, han: Phone, wang: Clerk
) -> None:
    wish, _ = claimed(sqlite_town)
    read_back = ma.says("我的心愿", "2", MINE)
    assert "对吗" in read_back
    assert "工作人员看过就转" in ma.says("1")
    assert MINE not in han.says("我的心愿")
    assert sent(sqlite_town, "word") == []
    wang.opens(f"/console/wishes/{wish}")
    assert MINE in wang.words
    wang.sends("/console/wishes/words/1", answer="yes")
    assert f"许愿人说:“{MINE}”" in han.says("我的心愿")
    (told,) = sent(sqlite_town, "word")
    assert MINE not in str(told.facts)
    with sqlite_town.reading() as session:
        assert audited(session, "wishes.pass_word")


def test_what_shows_who_they_are_is_marked_and_not_passed_on(
    sqlite_town: Town, ma: Phone, han: Phone, wang: Clerk
) -> None:
    wish, _ = claimed(sqlite_town)
    han.says("我的心愿", "4", "打我电话13912345678,加www.jia.com", "1")
    wang.opens(f"/console/wishes/{wish}")
    assert "里面有电话、网址" in wang.words
    wang.sends("/console/wishes/words/1", answer="no")
    assert [state for _, state in words(sqlite_town)] == ["refused"]
    assert len(sent(sqlite_town, "word_refused")) == 1
    assert "13912345678" not in ma.says("我的心愿")
    assert "没有转" in han.says("我的心愿")
    wang.sends("/console/wishes/words/1", answer="yes", follow=True)
    assert [state for _, state in words(sqlite_town)] == ["refused"]


def test_words_are_taken_back_while_nobody_has_read_them(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    claimed(sqlite_town)
    han.says("我的心愿", "4", "1")
    assert "收回了" in han.says("撤销")
    assert (words(sqlite_town), sent(sqlite_town, "word")) == ([], [])
    ma.says("我的心愿", "2", MINE, "1")
    assert "收回了" in ma.says("撤销")
    assert words(sqlite_town) == []


def test_a_day_has_room_for_five(sqlite_town: Town, han: Phone) -> None:
    _, claim = claimed(sqlite_town)
    for _ in range(MOST_A_DAY):
        acts(sqlite_town, han, actions.send_word, (Claim, claim), "我这两天就办,请您等一等。")
    with refused("too_many_words"):
        acts(sqlite_town, han, actions.send_word, (Claim, claim), "还有一句")


def test_a_promise_that_ended_carries_no_words(sqlite_town: Town, han: Phone) -> None:
    _, claim = claimed(sqlite_town)
    acts(sqlite_town, han, actions.give_back, (Claim, claim))
    with refused("claim_over"):
        acts(sqlite_town, han, actions.send_word, (Claim, claim), "还在吗")


def test_a_stranger_reads_and_says_nothing(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    _, claim = claimed(sqlite_town)
    acts(sqlite_town, han, actions.send_word, (Claim, claim), MINE)
    stranger = Visitor(sqlite_town, sqlite_town.phone("才让卓玛"))
    for path in (f"/h5/wishes/talk/{claim}", f"/h5/wishes/promised/{claim}/photo"):
        assert stranger.opens(path).status == 404
        assert MINE not in stranger.page
        stranger.sends(path, text="让我看看", once="k")
        assert stranger.status == 404
    assert Visitor(sqlite_town, ma).opens(f"/h5/wishes/promised/{claim}/photo").status == 404
    assert len(words(sqlite_town)) == 1
    with refused("not_yours"):
        acts(sqlite_town, stranger.phone, actions.send_word, (Claim, claim), "让我看看")


def test_the_page_says_the_same_with_a_button(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    _, claim = claimed(sqlite_town)
    claimer = Visitor(sqlite_town, han).opens("/h5/wishes/mine").taps("给许愿的人带句话")
    claimer.presses(ready_words(by_wisher=False)[0])
    assert "转过去了" in claimer.words
    wisher = Visitor(sqlite_town, ma).opens("/h5/wishes/mine").taps("给认领的邻居带句话")
    assert "认领的邻居: 您哪天在家方便?" in wisher.words
    wisher.presses("请工作人员转", text=MINE)
    assert "工作人员看过就转" in wisher.words
    assert MINE not in claimer.opens(f"/h5/wishes/talk/{claim}").words


def test_a_picture_is_for_the_staff_alone(sqlite_town: Town, ma: Phone, han: Phone, wang: Clerk) -> None:
    wish, claim = claimed(sqlite_town)
    claimer = Visitor(sqlite_town, han).opens(f"/h5/wishes/promised/{claim}/photo")
    claimer.sends(f"/h5/wishes/promised/{claim}/photo", photo=(picture(), "stick.jpg"), once="k1")
    assert "收到了" in claimer.words
    claimer.sends(f"/h5/wishes/promised/{claim}/photo", photo=(BytesIO(b"no picture"), "x.jpg"), once="k2")
    assert "打不开" in claimer.words
    wang.opens(f"/console/wishes/{wish}")
    answer = wang.client.get(f"/console/wishes/{wish}/photos/1")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    with sqlite_town.reading() as session:
        assert audited(session, "wishes.see_photo")
    assert "/photos/" not in Visitor(sqlite_town, ma).opens("/h5/wishes/mine").page
    grid = signed_in(sqlite_town, "grid", login="grid")
    assert grid.opens(f"/console/wishes/{wish}/photos/1").status_code == 403


def test_who_is_forgotten_leaves_no_words_and_no_picture(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    wish, claim = claimed(sqlite_town)
    acts(sqlite_town, han, actions.send_word, (Claim, claim), MINE)
    acts(sqlite_town, han, actions.keep_proof, (Claim, claim), (picture().getvalue(), "image/jpeg"))
    acts(sqlite_town, ma, actions.withdraw, (Wish, wish))

    sqlite_town.writing(lambda session: forget(ma.actor(session), ma.actor(session).me))
    assert words(sqlite_town) == []
    with sqlite_town.reading() as session:
        assert session.scalars(select(StoredFile)).all() == []
        assert [one.file_id for one in session.scalars(select(WishProof))] == [None]
    assert sound(sqlite_town)

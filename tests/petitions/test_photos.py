"""Papers photographed and sent in chat: counted at once, taken back one by one, in the confidential lane and nowhere
else."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from handlers.petitions import photos
from models.audit import AuditLine
from models.conversation import Conversation
from models.desk import DeskLine
from models.inbox import InboxRow
from models.outbox import OutboxRow
from models.petition_photos import PetitionPhoto
from models.refusal import Refusal
from models.stored_file import StoredFile
from tests.neighbours import Phone, Town, frozen
from tests.petitions.conftest import books, petitions, receives
from tests.races import at_once

NUMBER = "media-id-of-a-paper-"


@pytest.fixture
def ma(sqlite_town: Town) -> Phone:
    receives(sqlite_town)
    books(sqlite_town.phone("马秀兰"))
    return sqlite_town.phone("马秀兰")


def pictures(phone: Phone, *names: str) -> str:
    said = ""
    for name in names:
        said = phone.sends("image", PicUrl="http://mmbiz/1", MediaId=NUMBER + name)
    return said


def on_the_way(town: Town) -> list[str]:
    with town.site.confidential.reading() as session:
        rows = session.scalars(select(PetitionPhoto).order_by(PetitionPhoto.id))
        return [one.media_id.removeprefix(NUMBER) for one in rows]


def test_pictures_are_counted_taken_back_and_done_with_a_digit(ma: Phone) -> None:
    assert "最多6张" in ma.says("交材料照片")
    assert "收到1张" in pictures(ma, "a")
    assert "收到3张" in pictures(ma, "b", "c")
    assert "收到2张" in ma.says("删掉")
    assert on_the_way(ma.town) == ["a", "b"]
    assert "这里只收照片" in ma.says("这是我家的房产证"), "what is typed here goes nowhere else"
    assert "一共2张,收好了" in ma.says("1")
    assert "收到2张" in ma.says("交材料照片"), "another day goes on counting"


def test_nothing_of_it_stands_in_any_common_table(ma: Phone) -> None:
    ma.says("交材料照片")
    for name in "ab":
        pictures(ma, name)
        with ma.town.reading() as session:
            kept = str([(row.talks, row.offers, row.done) for row in session.scalars(select(Conversation))])
            kept += str([(row.answer, row.kind, row.person_id) for row in session.scalars(select(InboxRow))])
            kept += str([row.facts for row in session.scalars(select(AuditLine))])
            kept += str([row.facts for row in session.scalars(select(OutboxRow))])
            assert NUMBER not in kept
            assert session.scalars(select(DeskLine)).all() == []
            assert session.scalars(select(StoredFile)).all() == []
            assert {(row.kind, row.person_id) for row in session.scalars(select(InboxRow))} == {
                ("guarded", None)
            }
    ma.says("1")
    with ma.town.reading() as session:
        assert [row.talks for row in session.scalars(select(Conversation))] == [[]]


def test_six_and_no_more_and_the_same_push_again_is_one(ma: Phone) -> None:
    ma.says("交材料照片")
    pictures(ma, "a", "a")
    assert on_the_way(ma.town) == ["a"]
    assert "收到6张" in pictures(ma, *"bcdef")
    assert "最多6张" in pictures(ma, "g")
    assert on_the_way(ma.town) == list("abcdef")


def test_only_for_ones_own_and_only_while_it_is_open(ma: Phone) -> None:
    stranger = ma.town.phone("路人")
    assert "没有在办的" in stranger.says("交材料照片")
    number = petitions(ma.town)[0].id
    ma.town.writing(lambda s: _refused(lambda: photos.send(stranger.actor(s), number, "x"), "no_such"))
    with frozen("2026-11-26 09:05"):
        ma.says("交材料照片", "取消")
        assert on_the_way(ma.town) == []
    assert "照片" in pictures(ma, "z"), "outside the talk a picture is a picture"
    assert on_the_way(ma.town) == []


def _refused(work: Any, code: str) -> None:
    with pytest.raises(Refusal, match=rf"^petitions\.{code}$"):
        work()


def test_a_picture_taken_back_while_it_is_fetched_stays_away(town: Town) -> None:
    receives(town)
    ma = town.phone("马秀兰")
    books(ma)
    number = petitions(town)[0].id
    content = BytesIO()
    Image.new("RGB", (40, 30)).save(content, "JPEG")
    cleaned = (content.getvalue(), "image/jpeg")
    for turn in range(3):
        town.writing(lambda s, n=turn: photos.send(ma.actor(s), number, f"{NUMBER}{n}"))
        claimed = town.site.confidential.writing(photos._claimed)
        assert claimed is not None
        at_once(
            [
                lambda c=claimed: photos._settle(town.site, c, cleaned),
                lambda: town.writing(lambda s: photos.take_back(ma.actor(s), number)),
            ]
        )
        with town.reading() as session:
            assert photos.count_of(ma.actor(session), number) == 0

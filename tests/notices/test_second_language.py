"""A block in another language: written by a person whose name stands there, and known to be old when the words change."""

from __future__ import annotations

import pytest

from models.notices import NoticeVersion, content_of, digest_of, newest
from tests.neighbours import Town
from tests.notices.writing import NOTICE, publish, read_by, row, write
from tests.staff.clerks import Clerk, clerk

TIBETAN = "བཀྲ་ཤིས་བདེ་ལེགས།"
BLOCK = {
    "second_language": "藏文",
    "second_text": TIBETAN,
    "second_written_by": "卓玛",
    "second_checked_by": "才让",
}


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "desk", login="wang")


@pytest.fixture
def li(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "approver", login="li")


def last(wang: Clerk) -> NoticeVersion:
    with wang.town.reading() as session:
        found = newest(session, row(wang))
        session.expunge(found)
        return found


def readers(town: Town, path: str, version: int) -> None:
    read_by(clerk(town, "first_review", login=f"chu{version}"), path, version=version)
    read_by(clerk(town, "second_review", login=f"fu{version}"), path, version=version)


def test_residents_read_the_block_with_its_language_and_its_writer(wang: Clerk, li: Clerk) -> None:
    path = write(wang, **BLOCK)
    readers(wang.town, path, 1)
    publish(li, path)
    page = wang.town.client.get(f"/h5/notices/{row(wang).id}").text
    assert f'<div class="other-language" lang="bo"><p>{TIBETAN}</p>' in page
    assert "藏文由卓玛写,才让核对。" in page
    assert "旧版" not in page


def test_changed_words_make_the_block_old_until_somebody_has_compared_them(wang: Clerk, li: Clerk) -> None:
    path = write(wang, **BLOCK)
    changed = NOTICE | BLOCK | {"summary": "低保户可以领取暖补贴。\n带上身份证到3号窗口。"}
    wang.sends(f"{path}/edit", **changed | {"base": "1"})
    assert "译文是按旧版写的" in wang.opens(path).text
    readers(wang.town, path, 2)
    publish(li, path, version=2)
    assert "请写的人再看一眼:藏文" in li.words
    wang.sends(f"{path}/edit", **changed | {"base": "2", "ticked": ["second"]})
    readers(wang.town, path, 3)
    publish(li, path, version=3)
    page = wang.town.client.get(f"/h5/notices/{row(wang).id}").text
    assert "请以汉字为准" in page
    wang.sends(f"{path}/edit", **changed | {"base": "3", "second_still": "y"})
    assert "译文是按旧版写的" not in wang.opens(path).text


def test_nobody_sends_a_block_without_the_name_of_who_wrote_it(wang: Clerk) -> None:
    for wrong, told in (
        ({"second_written_by": ""}, "译文要写上是谁写的"),
        ({"second_checked_by": "卓玛"}, "核对译文的,要是另一个人"),
        ({"second_language": "其他"}, "请写明是哪种文字"),
    ):
        wang.sends("/console/notices/new", **NOTICE | BLOCK | wrong)
        assert told in wang.words
    write(wang, **BLOCK | {"second_language": "其他", "second_other": "托茂话(汉字记音)"})
    second = last(wang).content["second"]
    assert second["language"] == "托茂话(汉字记音)"
    assert 'value="托茂话(汉字记音)"' in wang.opens(f"/console/notices/{row(wang).id}/edit").text


def test_a_block_that_nobody_has_checked_is_a_doubt(wang: Clerk) -> None:
    path = write(wang, **BLOCK | {"second_checked_by": ""})
    assert "译文还没有另一个人核对" in wang.opens(path).text


def test_signs_that_join_letters_stay_and_styles_go(wang: Clerk) -> None:
    joined = "ئۇ\u200cيغۇر \u180eᠪᠢᠴᠢᠭ"
    write(wang, **BLOCK | {"second_language": "维吾尔文", "second_text": f"<p style='x'>{joined}</p>"})
    assert last(wang).content["second"]["text"] == joined


def test_a_notice_without_a_block_keeps_its_digest(wang: Clerk) -> None:
    write(wang)
    version = last(wang)
    assert set(version.content) & {"second", "article_title"} == set()
    assert digest_of(content_of(version.parts)) == version.digest


def test_the_block_is_compared_from_version_to_version(wang: Clerk) -> None:
    path = write(wang, **BLOCK)
    wang.sends(f"{path}/edit", **NOTICE | BLOCK | {"base": "1", "second_text": f"{TIBETAN}{TIBETAN}"})
    assert "另一种文字" in wang.opens(f"/console/notices/versions/{last(wang).id}").text
    assert TIBETAN in last(wang).told

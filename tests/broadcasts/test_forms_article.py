"""A notice as an article: plain words first, the official text last and unchanged, inside WeChat's limits."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from app.settings import Community
from app.wechat.articles import DraftArticle
from handlers.broadcasts import article
from handlers.notices import actions
from models.article_media import keep_upload, uploaded
from models.identity import Actor
from models.notices import NoticeVersion, newest
from models.refusal import Refusal
from tests.broadcasts.test_forms import NOTICE
from tests.neighbours import Town

HERE = Community()


def version(town: Town, **other: Any) -> NoticeVersion:
    def unit(session):  # type: ignore[no-untyped-def]
        made = newest(session, actions.draft(Actor(session, channel="job"), **NOTICE | other))
        session.flush()
        session.expunge(made)
        return made

    return town.writing(unit)


def draft(town: Town, **other: Any) -> DraftArticle:
    link = "https://community.example/h5/b/x"
    return article.draft_of(version(town, **other), HERE, thumb_media_id="cover", link=link)


def test_an_article_has_the_plain_words_first_and_the_official_text_last(sqlite_town: Town) -> None:
    body = "第一条  各单位应当予以落实。\n第二条 自发布之日起施行。"
    made = draft(sqlite_town, body=body, source_number="宁民〔2026〕3号")
    order = ("低保户可以领取暖补贴", "要带什么", "区民政局", "宁民〔2026〕3号", "12月31日(星期四)", "0971")
    places = [made.content.index(words) for words in (*order, "第一条  各单位应当予以落实。")]
    assert places == sorted(places)
    assert made.digest == "低保户可以领取暖补贴,每户600元。带上身份证到2号窗口办。"
    assert (made.author, made.thumb_media_id) == ("互助中路社区", "cover")
    assert made.source_url.endswith("/h5/b/x")


def test_whatever_is_typed_stays_words(sqlite_town: Town) -> None:
    words = "请来<script>alert(1)</script><img src=x onerror=a>{{ 7*7 }}"
    made = draft(sqlite_town, summary=words, body=words, bring=[words], title=words[:30], source=words[:50])
    assert "<script" not in made.content
    assert "<img" not in made.content
    assert "{{ 7*7 }}" in made.content


def test_lists_stay_lists(sqlite_town: Town) -> None:
    made = draft(sqlite_town, summary="请带上:\n· 身份证\n· 户口本\n到2号窗口。")
    assert "<li>身份证</li><li>户口本</li></ul>" in made.content


def test_a_long_title_waits_for_a_short_one_from_its_writer(sqlite_town: Town) -> None:
    long = "题" * 33
    with pytest.raises(Refusal) as why:
        draft(sqlite_town, title=long)
    assert why.value.code == "notices.article_title_too_long"
    assert draft(sqlite_town, title=long, article_title="取暖补贴开始办了").title == "取暖补贴开始办了"
    with pytest.raises(Refusal):
        version(sqlite_town, article_title=long)


def test_an_official_text_that_is_too_long_is_left_whole_to_the_page(sqlite_town: Town) -> None:
    made = draft(sqlite_town, body="各单位应当予以落实。\n" * 1800)
    assert len(made.content) < 20_000
    assert "各单位" not in made.content
    assert "点下面的“阅读原文”看全文" in made.content


def test_another_language_says_its_name_and_who_wrote_it(sqlite_town: Town) -> None:
    second = {"language": "藏文", "text": "བཀྲ་ཤིས་བདེ་ལེགས།", "written_by": "卓玛", "checked_by": "才让"}
    made = draft(sqlite_town, second=second)
    assert '<div lang="bo">' in made.content
    assert "藏文由卓玛写,才让核对。" in made.content
    assert "Noto Serif Tibetan" in made.content


def test_on_our_own_pages_no_tag_brings_its_own_look(sqlite_town: Town) -> None:
    content = version(sqlite_town).content
    assert "style=" in article.html_of(content, HERE)
    assert "style=" not in article.html_of(content, HERE, classes=True)


def test_the_cover_is_a_picture_of_the_title_that_wechat_takes(sqlite_town: Town) -> None:
    made = article.cover_png(version(sqlite_town), HERE)
    with Image.open(BytesIO(made)) as cover:
        assert (cover.format, cover.size) == ("PNG", (900, 383))
    assert len(made) < 1_000_000


def test_a_picture_goes_up_to_an_account_once(town: Town) -> None:
    def kept(session):  # type: ignore[no-untyped-def]
        return keep_upload(session, "oa:main", "cover", b"pixels", media_id="m1")

    assert [town.writing(kept), town.writing(kept)] == [True, False]
    with town.reading() as session:
        known = uploaded(session, "oa:main", "cover", b"pixels")
        assert known is not None
        assert known.media_id == "m1"
        assert uploaded(session, "oa:other", "cover", b"pixels") is None
        assert uploaded(session, "oa:main", "picture", b"pixels") is None

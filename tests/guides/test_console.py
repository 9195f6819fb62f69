"""Guides at the console: who may, amber first, another's eyes before new words answer, one click from a miss to a way
of asking, and a sheet of paper."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from models.guide_misses import GuideMiss
from models.guides import GuideCard, GuidePhrasing, GuideSynonym
from tests.guides.test_chat import card_of
from tests.neighbours import Phone, Town, frozen
from tests.staff.clerks import Clerk, clerk

PAGES = ("", "/new", "/misses", "/synonyms", "/try", "/1", "/1/edit", "/versions/1")


@pytest.fixture
def wang(guided: Town) -> Clerk:
    return clerk(guided, "desk")


@pytest.fixture
def li(guided: Town) -> Clerk:
    return clerk(guided, "approver")


def form_of(clerk: Clerk, number: int, **changes: str) -> dict[str, str]:
    with clerk.town.reading() as session:
        card = session.get_one(GuideCard, number)
        told = {name: str(getattr(card, name) or "") for name in ("title", "topic", "terms", "who", "hours")}
        told |= {name: str(getattr(card, name) or "") for name in ("place", "takes", "phone", "service")}
        told |= {"source": card.source, "owner": card.owner, "bring": "\n".join(card.bring)}
    return told | changes


@pytest.mark.parametrize("role", ["grid", "leader", "auditor"])
def test_other_roles_see_nothing_of_it(guided: Town, role: str) -> None:
    stranger = clerk(guided, role)
    for page in PAGES:
        assert stranger.opens(f"/console/guides{page}").status_code == 403, page
    assert stranger.sends("/console/guides/1/retire").status_code == 403
    assert stranger.sends("/console/guides/misses/take-up", words="呱唧唧", card="1").status_code == 403


def test_a_reviewer_reads_and_writes_nothing(guided: Town) -> None:
    reader = clerk(guided, "first_review")
    assert reader.opens("/console/guides").status_code == 200
    assert reader.opens("/console/guides/1").status_code == 200
    assert "核对过了" not in reader.words
    assert reader.sends("/console/guides/1/confirm", version="1", until="2027-01-01").status_code == 403


def test_what_is_overdue_stands_first_then_samples(guided: Town, wang: Clerk) -> None:
    number = card_of(guided, "jiehun").id
    guided.writing(
        lambda session: setattr(
            session.get_one(GuideCard, number), "review_by", clock.today() - timedelta(days=1)
        )
    )
    wang.opens("/console/guides")
    assert "有1张卡过了核对日" in wang.words
    assert wang.words.index("结婚登记") < wang.words.index("低保")
    wang.opens("/console/")
    assert "结婚登记" in wang.words


def test_confirming_says_who_and_when_and_the_sample_line_goes(guided: Town, wang: Clerk, ma: Phone) -> None:
    number = card_of(guided, "dibao").id
    until = (clock.today() + timedelta(days=180)).isoformat()
    wang.opens(f"/console/guides/{number}")
    wang.sends(f"/console/guides/{number}/confirm", follow=True, version="1", until=until)
    assert "核对过了,记下了是您" in wang.words
    assert "王干事" in wang.words
    assert "样例" not in ma.says("低保怎么办")


@pytest.mark.parametrize(("days", "said"), [(0, "下次核对的日子"), (200, "下次核对的日子")])
def test_nobody_confirms_for_longer_than_half_a_year(guided: Town, wang: Clerk, days: int, said: str) -> None:
    number = card_of(guided, "dibao").id
    until = (clock.today() + timedelta(days=days)).isoformat()
    wang.sends(f"/console/guides/{number}/confirm", follow=True, version="1", until=until)
    assert said in wang.words
    assert card_of(guided, "dibao").state == "sample"


def test_new_words_answer_after_somebody_elses_eyes(guided: Town, wang: Clerk, li: Clerk, ma: Phone) -> None:
    number = card_of(guided, "dibao").id
    until = (clock.today() + timedelta(days=90)).isoformat()
    changed = form_of(wang, number, who="家里困难的都可以来问。", base="1")
    wang.sends(f"/console/guides/{number}/edit", follow=True, **changed)
    assert "居民现在看到的是第1版" in wang.words
    assert "家里困难的都可以来问" not in ma.says("低保怎么办")
    wang.sends(f"/console/guides/{number}/confirm", follow=True, version="2", until=until)
    assert "自己写的,要请另一位同事核对" in wang.words
    li.opens(f"/console/guides/{number}")
    li.sends(f"/console/guides/{number}/confirm", follow=True, version="1", until=until)
    assert "现在是第2版了" in li.words
    li.sends(f"/console/guides/{number}/confirm", follow=True, version="2", until=until)
    assert "家里困难的都可以来问" in ma.says("低保怎么办")


def test_b08_b09_what_stands_on_a_card_is_told_as_it_was_typed(
    guided: Town, wang: Clerk, li: Clerk, ma: Phone
) -> None:
    number = card_of(guided, "dibao").id
    until = (clock.today() + timedelta(days=90)).isoformat()
    hostile = "都可以来\u202e问\u200b。{{7*7}}{% raw %}<script>alert(1)</script>"
    wang.sends(f"/console/guides/{number}/edit", **form_of(wang, number, who=hostile, base="1"))
    li.opens(f"/console/guides/{number}")
    li.sends(f"/console/guides/{number}/confirm", follow=True, version="2", until=until)
    said, page = ma.says("低保怎么办"), guided.client.get(f"/h5/guides/{number}").text
    for shown in (said, page, li.opens(f"/console/guides/{number}").text):
        assert "都可以来问。{{7*7}}{% raw %}" in shown
        assert not set(shown) & set("\u202e\u200b")
    assert "<script>alert" not in page + li.page


def test_two_who_write_at_once_are_told(guided: Town, wang: Clerk, li: Clerk) -> None:
    number = card_of(guided, "dibao").id
    wang.sends(f"/console/guides/{number}/edit", **form_of(wang, number, takes="几天", base="1"))
    li.sends(f"/console/guides/{number}/edit", **form_of(li, number, takes="几个星期", base="1"))
    assert "刚有人存了第2版" in li.words


def test_a_new_card_is_found_once_it_is_confirmed(guided: Town, wang: Clerk, li: Clerk, ma: Phone) -> None:
    parts = {
        "title": "磨刀磨剪子",
        "topic": "日常生活",
        "who": "居民都可以来。",
        "source": "社区",
        "owner": "综合窗口",
    }
    answer = wang.sends("/console/guides/new", **parts)
    number = int(answer.headers["Location"].rpartition("/")[2])
    wang.opens(f"/console/guides/{number}")
    assert "少于8种" in wang.words
    wang.sends(f"/console/guides/{number}/phrasings", follow=True, words="菜刀钝了")
    assert "加上了" in wang.words
    assert "磨刀磨剪子" not in ma.says("菜刀钝了")
    until = (clock.today() + timedelta(days=30)).isoformat()
    li.sends(f"/console/guides/{number}/confirm", version="1", until=until)
    assert ma.says("菜刀钝了").startswith("【磨刀磨剪子】")


def test_a_way_of_asking_belongs_to_one_card(guided: Town, wang: Clerk) -> None:
    number = card_of(guided, "jiehun").id
    wang.sends(f"/console/guides/{number}/phrasings", follow=True, words="办低保")
    assert "“低保”已经有这个问法了" in wang.words
    wang.sends(f"/console/guides/{number}/phrasings", follow=True, words="12")
    assert "问法要2到40个字" in wang.words


def test_a_miss_becomes_a_way_of_asking_with_one_click(guided: Town, wang: Clerk, ma: Phone) -> None:
    asked = "呱唧呱唧本本在哪弄"
    ma.says(asked, asked)
    wang.opens("/console/guides/misses")
    assert asked in wang.words
    assert "2次" in wang.words
    number = card_of(guided, "shebaoka").id
    wang.sends("/console/guides/misses/take-up", follow=True, words=asked, card=str(number))
    assert "加上了,下次就能问到" in wang.words
    assert ma.says(asked).startswith("【社保卡办理和补办】")
    with guided.reading() as session:
        assert session.scalar(select(GuideMiss.id)) is None
        row = session.scalars(select(GuidePhrasing).where(GuidePhrasing.words == asked)).one()
        assert row.staff is not None


def test_a_miss_goes_to_a_card_by_name_or_away(guided: Town, wang: Clerk, ma: Phone) -> None:
    ma.says("呱唧呱唧本本", "咕噜咕噜咚咚锵")
    wang.opens("/console/guides/misses?which=all")
    wang.sends("/console/guides/misses/take-up", follow=True, words="呱唧呱唧本本", title="没有的卡")
    assert "没有叫“没有的卡”的卡" in wang.words
    wang.sends("/console/guides/misses/take-up", follow=True, words="呱唧呱唧本本", title="低保")
    wang.sends("/console/guides/misses/drop", follow=True, words="咕噜咕噜咚咚锵")
    assert "没有。居民问的都答上了" in wang.words


def test_misses_are_forgotten_after_four_weeks(guided: Town, ma: Phone) -> None:
    from handlers.guides.jobs import forget_misses
    from models.identity import Actor

    with frozen("2026-11-23 10:00"):
        ma.says("呱唧呱唧本本")
    with frozen("2026-12-22 10:00"):
        assert guided.writing(lambda session: forget_misses(Actor(session, channel="job"))) == "1 misses"


def test_a_street_word_is_understood_everywhere(guided: Town, wang: Clerk, ma: Phone) -> None:
    assert not ma.says("呱哒本本丢了").startswith("【")
    wang.opens("/console/guides/synonyms")
    wang.sends("/console/guides/synonyms", follow=True, word="呱哒本本", meant="身份证")
    assert "记下了" in wang.words
    assert ma.says("呱哒本本丢了").startswith("【身份证丢了】")
    with guided.reading() as session:
        number = session.scalars(select(GuideSynonym.id).where(GuideSynonym.word == "呱哒本本")).one()
    wang.sends(f"/console/guides/synonyms/{number}/remove", follow=True)
    assert "呱哒本本" not in wang.words


def test_the_box_to_try_shows_three_with_their_scores(guided: Town, wang: Clerk) -> None:
    wang.opens("/console/guides/try?q=低保咋弄")
    assert "会直接答第一张卡" in wang.words
    assert wang.words.count("分") >= 3
    wang.opens("/console/guides/try?q=你好")
    assert "答不上" in wang.words


def test_retired_and_brought_back_it_waits_to_be_confirmed(guided: Town, wang: Clerk, ma: Phone) -> None:
    number = card_of(guided, "dibao").id
    wang.sends(f"/console/guides/{number}/retire", follow=True)
    assert "收起来了" in wang.words
    wang.sends(f"/console/guides/{number}/bring-back", follow=True)
    assert "草稿" in wang.words
    assert not ma.says("低保怎么办").startswith("【低保】")


def test_the_form_shows_the_phone_and_the_score_while_typing(guided: Town, wang: Clerk) -> None:
    wang.opens("/console/guides/new")
    wang.sends("/console/guides/look", title="低保", topic="民政救助", who="兹有符合有关规定之居民均可办理。")
    assert "大白话分" in wang.page
    assert "公文话" in wang.page


def test_a_card_is_printed_in_big_letters(guided: Town, wang: Clerk) -> None:
    number = card_of(guided, "dibao").id
    wang.opens(f"/console/guides/{number}")
    answer = wang.sends(f"/console/guides/{number}/print")
    guided.works()
    wang.opens(answer.headers["Location"])
    assert "办事卡-低保.pdf" in wang.page
    assert "data:image/png" in wang.page

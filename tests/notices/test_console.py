"""Notices at the console: one writes, two read, another publishes; residents are answered accordingly."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from handlers.notices import actions
from models.identity import Actor
from models.notice_search import search
from models.notices import Notice, NoticeKept, NoticeReview, newest
from models.staff import member_by_login
from tests.neighbours import Town
from tests.notices.writing import NOTICE, publish, read_by, row, write
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "desk", login="wang")


@pytest.fixture
def li(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "approver", login="li", name="李主任")


@pytest.fixture
def chu(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "first_review", login="chu", name="褚干事")


@pytest.fixture
def fu(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "second_review", login="fu", name="付科长")


def test_a_notice_is_written_read_by_two_published_by_another_and_told(
    wang: Clerk, li: Clerk, chu: Clerk, fu: Clerk
) -> None:
    path = write(wang)
    assert "取暖补贴" in wang.opens(path).text
    assert "1、身份证" in wang.words
    phone = wang.town.phone("马秀兰")
    assert "取暖" not in phone.says("最新通知")
    li.opens("/console/")
    assert "等发布的通知 1" in li.words
    chu.opens("/console/")
    assert "等我审的通知 1" in chu.words
    chu.opens(path)
    assert "我来初审" in chu.words
    assert "依据和日期对过了" in chu.words
    publish(li, path)
    assert "初审和复审都还没通过" in li.words
    read_by(chu, path)
    chu.opens("/console/")
    assert "等我审的通知 0" in chu.words
    publish(li, path)
    assert "复审还没通过" in li.words
    read_by(fu, path)
    publish(li, path)
    assert "发布了" in li.words
    assert row(wang).bring == ["身份证", "低保证"]
    assert "取暖补贴" in phone.says("最新通知")
    li.sends(f"{path}/withdraw")
    assert "取暖" not in phone.says("最新通知")


def test_b16_who_writes_does_not_publish_nor_review(wang: Clerk, fu: Clerk) -> None:
    path = write(wang)
    assert wang.sends(f"{path}/publish", version="1").status_code == 403
    assert read_by(wang, path, "first_review").status_code == 403

    def promote(session):  # type: ignore[no-untyped-def]
        wang.member(session).roles = ["approver", "first_review"]

    wang.town.writing(promote)
    publish(wang, path)
    assert "要请另一位同事" in wang.words
    read_by(wang, path, "first_review")
    assert "要请另一位同事" in wang.words
    assert row(wang).state == "draft"


def test_b16_the_three_who_read_are_three_people(wang: Clerk, chu: Clerk, li: Clerk) -> None:
    path = write(wang)

    def both(session):  # type: ignore[no-untyped-def]
        chu.member(session).roles = ["first_review", "second_review", "approver"]

    wang.town.writing(both)
    read_by(chu, path, "first_review")
    read_by(chu, path, "second_review")
    assert "要两个人" in chu.words
    read_by(clerk(wang.town, "second_review", login="fu"), path, "second_review")
    publish(chu, path)
    assert "您审过这一版" in chu.words
    assert row(wang).state == "draft"


def test_a_reviewer_ticks_every_proof_or_says_why_it_goes_back(wang: Clerk, li: Clerk, chu: Clerk) -> None:
    path = write(wang)
    read_by(chu, path, proofs=["typos"])
    assert "三项都看过" in chu.words
    read_by(chu, path, verdict="return", comment="")
    assert "请写明原因" in chu.words
    read_by(chu, path, verdict="return", comment="窗口号写错了,是3号。{{7*7}}")
    assert "窗口号写错了,是3号。{{7*7}}" in wang.opens(path).text
    publish(li, path)
    assert "审的人退回了" in li.words
    assert chu.sends(f"{path}/review", version="1", stage="second_review", verdict="pass", follow=True).text
    assert "您没有这一审的角色" in chu.words
    assert (
        chu.sends(f"{path}/review", version="1", stage="first_review", verdict="perhaps").status_code == 400
    )


def test_any_edit_voids_what_the_reviewers_said(wang: Clerk, li: Clerk, chu: Clerk, fu: Clerk) -> None:
    path = write(wang)
    read_by(chu, path)
    read_by(fu, path)
    wang.sends(f"{path}/edit", **NOTICE | {"base": "1", "summary": "低保户领取暖补贴,到3号窗口。"})
    publish(li, path, version=1)
    assert "现在是第2版了" in li.words
    publish(li, path, version=2)
    assert "初审和复审都还没通过" in li.words


def test_a_review_does_not_hold_for_words_that_changed_without_a_version(
    wang: Clerk, li: Clerk, chu: Clerk, fu: Clerk
) -> None:
    path = write(wang)
    read_by(chu, path)
    read_by(fu, path)

    def tamper(session):  # type: ignore[no-untyped-def]
        version = newest(session, session.scalars(select(Notice)).one())
        version.content = dict(version.content) | {"summary": "到我家来领。"}

    wang.town.writing(tamper)
    publish(li, path)
    assert "都还没通过" in li.words
    read_by(chu, path)
    assert "审过了" in chu.words


def test_the_old_words_answer_until_the_new_ones_are_published(
    wang: Clerk, li: Clerk, chu: Clerk, fu: Clerk
) -> None:
    path = write(wang)
    for reader in (chu, fu):
        read_by(reader, path)
    publish(li, path)
    phone = wang.town.phone("马秀兰")
    wang.sends(
        f"{path}/edit",
        **NOTICE | {"base": "1", "title": "燃煤补助", "summary": "到3号窗口办。\n带上户口本。"},
    )
    assert "居民现在看到的是第1版" in wang.opens(path).text
    assert "2号窗口" in phone.says("最新通知", "1")
    with wang.town.reading() as session:
        assert [one.title for one in search(session, "取暖补贴")] == [NOTICE["title"]]
        assert search(session, "燃煤补助") == []
    for reader in (chu, fu):
        read_by(reader, path, version=2)
    publish(li, path, version=2)
    assert "3号窗口" in phone.says("最新通知", "1")
    with wang.town.reading() as session:
        assert search(session, "取暖补贴") == []
        assert len(search(session, "燃煤补助")) == 1


def test_versions_are_kept_compared_and_brought_back(wang: Clerk, li: Clerk) -> None:
    path = write(wang)
    wang.sends(f"{path}/edit", **NOTICE | {"base": "1", "summary": "低保户领补贴,到3号窗口。", "bring": ""})
    wang.sends(f"{path}/edit", **NOTICE | {"base": "2", "summary": "低保户领补贴,到3号窗口。", "bring": ""})
    assert "第2版" in wang.opens(path).text
    assert "第3版" not in wang.page
    wang.opens("/console/notices/versions/2")
    assert "<del>2</del><ins>3</ins>号窗口" in wang.page
    assert "要带什么" in wang.words
    wang.sends(f"{path}/restore", version="1", follow=True)
    assert "拿回第1版" in wang.words
    assert row(wang).summary == NOTICE["summary"].replace("\r", "")
    assert wang.opens("/console/notices/versions/9").status_code == 404
    wang.sends(f"{path}/restore", version="9", follow=True)
    assert "没有第9版" in wang.words
    with wang.town.reading() as session:
        assert len(audited(session, "notices.edit")) == 2


def test_two_who_edit_at_once_do_not_overwrite_each_other_unseen(wang: Clerk) -> None:
    path = write(wang)
    zhao = clerk(wang.town, "desk", login="zhao", name="赵干事")
    zhao.sends(f"{path}/edit", **NOTICE | {"base": "1", "title": "赵写的题目"})
    wang.sends(f"{path}/edit", **NOTICE | {"base": "1", "title": "王写的题目"})
    assert "刚有人存了第2版" in wang.words
    assert "王写的题目" in wang.page
    assert 'name="base" type="hidden" value="2"' in wang.page
    wang.sends(f"{path}/edit", **NOTICE | {"base": "2", "title": "王写的题目"})
    assert "第3版" in wang.opens(path).text


def test_hard_words_need_somebody_who_stands_by_them(wang: Clerk, li: Clerk) -> None:
    hard = "兹定于二十五日召开宣讲会,届时请广大居民携带有效证件莅临,逾期不候,特此通知。"
    path = write(wang, summary=hard)
    li.sends("/console/notices/two-people", on="1")
    publish(li, path)
    assert "大白话分只有" in li.words
    wang.sends(f"{path}/edit", **NOTICE | {"base": "1", "summary": hard, "as_written": "y"})
    publish(li, path, version=2)
    assert "发布了" in li.words


def test_two_people_mode_is_switched_by_those_who_publish_and_written_down(wang: Clerk, li: Clerk) -> None:
    path = write(wang)
    assert wang.sends("/console/notices/two-people", on="1").status_code == 403
    li.sends("/console/notices/two-people", on="1", follow=True)
    assert "两人模式" in li.words
    publish(li, path)
    assert "发布了" in li.words
    with li.town.reading() as session:
        assert audited(session, "notices.two_people")[0].facts == {"on": True}
        assert audited(session, "notices.publish")[0].facts == {"version": 1, "two": True}
    li.sends("/console/notices/two-people", on="0")
    other = write(wang, title="另一条通知")
    publish(li, other)
    assert "都还没通过" in li.words


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("找马秀兰,打13900000001", "个人电话"),
        ("钱打到6222021234567890128", "银行卡号"),
        ("住东府佳苑3号楼2单元501室的", "详细住址"),
    ],
)
def test_b34_personal_data_is_not_published_before_somebody_stands_for_it(
    wang: Clerk, li: Clerk, words: str, kind: str
) -> None:
    path = write(wang, summary=f"请来领补贴。\n{words}。")
    assert kind in wang.opens(path).text
    assert "我同意公开" not in wang.page
    assert wang.sends(f"{path}/allow", version="1", reason="本人同意了").status_code == 403
    li.sends("/console/notices/two-people", on="1")
    publish(li, path)
    assert "不能公开的内容" in li.words
    li.sends(f"{path}/allow", version="1", reason="好", follow=True)
    assert "至少4个字" in li.words
    li.sends(f"{path}/allow", version="1", reason="本人要求公开", follow=True)
    publish(li, path)
    assert "发布了" in li.words
    assert "李主任同意公开:本人要求公开" in li.opens(path).text
    with li.town.reading() as session:
        (line,) = audited(session, "notices.allow_personal")
        assert words not in str(line.facts)


def test_b34_an_identity_number_is_covered_before_it_is_kept(wang: Clerk) -> None:
    path = write(wang, summary="请来领补贴。\n身份证110101199003074578。")
    assert "110101199003074578" not in wang.opens(path).text
    assert "199003" not in row(wang).summary


def test_b34_the_numbers_of_offices_may_stand_there(wang: Clerk, li: Clerk) -> None:
    phone = wang.town.site.settings.community.phone
    path = write(wang, summary=f"请来领补贴。\n有事打{phone}。")
    wang.opens(path)
    assert "不能公开的内容" not in wang.words


def test_a_form_that_is_not_right_keeps_what_was_written_and_says_why(wang: Clerk) -> None:
    wang.sends("/console/notices/new", **NOTICE | {"valid_until": "2026-01-01"})
    assert "结束日期不能早于开始日期" in wang.words
    assert "低保户可以领取暖补贴" in wang.page
    wang.sends("/console/notices/new", **NOTICE | {"title": ""})
    assert "请填写" in wang.words
    wang.sends("/console/notices/new", **NOTICE | {"bring": "\n".join("一二三四五六七八九")})
    assert "最多8样" in wang.words
    with wang.town.reading() as session:
        assert session.scalar(select(Notice)) is None


def test_what_is_typed_is_looked_at_and_kept_until_it_is_saved(wang: Clerk) -> None:
    typed = NOTICE | {"summary": "根据有关规定,12月31日前予以缴纳。"}
    wang.sends("/console/notices/look", **typed)
    assert "有关规定" in wang.page
    assert "12月31日(星期四)" in wang.page
    assert "大白话分" in wang.page
    wang.sends("/console/notices/look", title="", summary="")
    assert "写几个字" in wang.page
    assert "自动留了一份" in wang.sends("/console/notices/keep/0", **typed).text
    wang.sends("/console/notices/keep/0", **typed | {"title": "改到一半"})
    other = clerk(wang.town, "desk", login="zhao")
    other.opens("/console/notices/new")
    assert "改到一半" not in other.page
    wang.opens("/console/notices/new")
    assert "改到一半" in wang.page
    assert "没存完的" in wang.words
    wang.sends("/console/notices/throw-away/0")
    assert "改到一半" not in wang.opens("/console/notices/new").text
    wang.sends("/console/notices/keep/0", **typed)
    path = write(wang)
    with wang.town.reading() as session:
        assert session.scalar(select(NoticeKept)) is None
        assert session.scalar(select(NoticeReview)) is None
    wang.sends(path.replace("notices/", "notices/keep/"), **NOTICE | {"base": "1", "valid_until": "nonsense"})
    assert wang.opens(f"{path}/edit").status_code == 200
    wang.sends(path.replace("notices/", "notices/throw-away/"))
    assert "太长" in wang.sends("/console/notices/keep/0", body="字" * 30_001).text


def test_what_comes_from_word_keeps_its_lists_and_loses_its_looks(wang: Clerk) -> None:
    word = (
        "<style>p{color:red}</style><!--[if gte mso 9]><xml>x</xml><![endif]--><p class=MsoNormal>请来<b>登记</b>。</p>"
        "<ul><li>身份证</li><li>户口本</li></ul>"
    )
    write(wang, summary=word, bring="•\t身份证\n\uf0b7\t户口本\n2.\t照片")
    assert row(wang).summary == "请来登记。\n\n· 身份证\n· 户口本"
    assert row(wang).bring == ["· 身份证", "· 户口本", "2、照片"]


def test_b08_b09_what_is_written_is_shown_as_it_is_and_hidden_signs_go(wang: Clerk, li: Clerk) -> None:
    path = write(
        wang,
        title="{{7*7}}<script>alert(1)</script>\u202e\u200b",
        summary="请看{{7*7}}。\n<b>1 < 2</b> 🙂" + "字" * 1500,
    )
    assert row(wang).title == "{{7*7}}<script>alert(1)</script>"
    for page in (path, f"{path}/edit", "/console/notices/versions/1", "/console/notices?which=draft"):
        text = wang.opens(page).text
        assert "<script>alert" not in text
        assert "{{7*7}}" in text
    li.sends("/console/notices/two-people", on="1")
    wang.sends(
        f"{path}/edit",
        **NOTICE | {"base": "1", "title": "{{7*7}}", "summary": "请看{{7*7}}。", "as_written": "y"},
    )
    publish(li, path, version=2)
    heard = wang.town.phone("马秀兰").says("最新通知", "1")
    assert "【{{7*7}}】" in heard
    assert "49" not in heard


def test_lists_are_by_state(wang: Clerk, li: Clerk) -> None:
    li.sends("/console/notices/two-people", on="1")
    draft = write(wang, title="还在写的通知")
    over = write(wang, title="早就过期的通知", valid_from="2020-01-01", valid_until="2020-02-01")
    later = write(wang, title="以后才开始的通知", valid_from="2030-01-01")
    for path in (over, later):
        publish(li, path)
    for which, title in (("draft", "还在写的"), ("over", "早就过期的"), ("later", "以后才开始的")):
        li.opens("/console/notices", query_string={"which": which})
        assert title in li.words, which
    li.opens("/console/notices?which=nonsense")
    assert "这里没有通知" in li.words
    assert draft


def test_strangers_of_the_staff_see_no_draft_and_decide_nothing(wang: Clerk) -> None:
    path = write(wang)
    for role in ("leader", "grid", "auditor", "admin"):
        other: Any = clerk(wang.town, role)
        for page in ("/console/notices", path, f"{path}/edit", "/console/notices/versions/1"):
            assert other.opens(page).status_code == 403, (role, page)
        for act in ("review", "allow", "publish", "restore", "withdraw", "edit"):
            assert other.sends(f"{path}/{act}", version="1").status_code == 403, (role, act)
        for act in ("look", "keep/0", "throw-away/0", "two-people"):
            assert other.sends(f"/console/notices/{act}").status_code == 403, (role, act)


def test_the_invented_neighbourhood_has_one_draft_and_one_change_in_review(sqlite_town: Town) -> None:
    sqlite_town.seed("notices", "staff")
    chu = clerk(sqlite_town, "first_review", login="chu2")
    chu.opens("/console/notices?which=draft")
    assert chu.words.count("等初审") == 2
    assert "有改动" in chu.words
    assert "15个工作日" in sqlite_town.phone("马秀兰").says("居住证怎么办", "1")


# ---- races, on both databases ----------------------------------------------------------------------------------------


def test_b15_two_who_publish_at_once_publish_once(town: Town) -> None:
    from concurrent.futures import ThreadPoolExecutor

    wang = clerk(town, "desk", login="wang")
    approvers = [clerk(town, "approver", login=login) for login in ("li", "zhou")]
    approvers[0].sends("/console/notices/two-people", on="1")
    path = write(wang)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: one.sends(f"{path}/publish", version="1").status_code, approvers))
    assert answers == [302, 302]
    with town.reading() as session:
        assert len(audited(session, "notices.publish")) == 1
        assert len(search(session, "取暖补贴")) == 1


def test_b15_of_an_edit_and_a_publication_at_once_nothing_unread_is_published(town: Town) -> None:
    from concurrent.futures import ThreadPoolExecutor

    wang, li = clerk(town, "desk", login="wang"), clerk(town, "approver", login="li")
    li.sends("/console/notices/two-people", on="1")
    path = write(wang)
    number = int(path.rpartition("/")[2])

    def edit() -> None:
        def unit(session):  # type: ignore[no-untyped-def]
            by = Actor(session, staff=member_by_login(session, "wang"), channel="console")
            actions.edit(by, session.get_one(Notice, number), base=1, summary="没人看过的话,请来。")

        town.writing(unit)

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(edit), pool.submit(li.sends, f"{path}/publish", version="1")]
        for one in done:
            one.result()
    with town.reading() as session:
        notice = session.get_one(Notice, number)
        if notice.state == "published":
            assert notice.version == 1
            assert "没人看过" not in notice.summary
        assert newest(session, notice).number == 2

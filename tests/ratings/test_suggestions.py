"""幸福日志: a suggestion is a matter with a number, an owner and a last day; its public answer is read by two."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.matters import actions as matters
from handlers.matters import rights as matters_rights
from handlers.ratings import actions
from handlers.ratings.publishing import Words
from handlers.ratings.rights import forget, kept_of, merge, part
from handlers.ratings.suggesting import Said
from models.audit import AuditLine
from models.diary import Suggestion, SuggestionEcho, read_by_two
from models.identity import Actor
from models.matters import Matter, one_owner_one_due
from models.refusal import Refusal
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.races import at_once
from tests.ratings.conftest import house, joined, refused, sent
from tests.staff.clerks import Clerk, audited, clerk, hire

IDEA = "小区门口放一条长凳,买菜回来歇一歇"
SHOWN = Words("小区门口想要一条长凳", "长凳下个月装好,放在门卫室旁边。")


@pytest.fixture
def wang(sqlite_town: Town, ma: Phone) -> Clerk:
    return clerk(sqlite_town, "desk", login="wang", name="王秀英")


@pytest.fixture
def li(sqlite_town: Town, ma: Phone) -> Clerk:
    return clerk(sqlite_town, "approver", login="li", name="李主任")


def suggested(town: Town, phone: Phone, text: str = IDEA, may: bool | None = True, **more: Any) -> int:
    return town.writing(lambda s: actions.suggest(phone.actor(s), Said(text, may_show=may, **more)).matter.id)


def staff(session: Session, one: Clerk) -> Actor:
    return Actor(session, staff=one.member(session), channel="console")


def answered(town: Town, one: Clerk, number: int, words: str = "下个月装好") -> None:
    def unit(session: Session) -> None:
        by, row = staff(session, one), session.get_one(Matter, number)
        matters.assign(by, row, one.member(session))
        matters.finish(by, row, words)

    town.writing(unit)


def public(town: Town, one: Clerk, other: Clerk, number: int, told: Words = SHOWN) -> int:
    def unit(session: Session) -> int:
        row = actions.ask_to_show(staff(session, one), session.get_one(Matter, number), told)
        session.flush()
        return actions.show(staff(session, other), row).id

    return town.writing(unit)


def row_of(town: Town) -> Suggestion:
    with town.reading() as session:
        found = session.scalars(select(Suggestion)).one()
        session.expunge_all()
        return found


# ---- chat ------------------------------------------------------------------------------------------------------------


def test_a_suggestion_in_chat_has_a_number_and_a_last_day_at_once(sqlite_town: Town, ma: Phone) -> None:
    assert "一次说完" in ma.says("提建议")
    assert "公开,不写我的名字" in ma.says(IDEA)
    assert "最晚12月7日(星期一)给您回话" in ma.says("1")
    said = ma.says("1")
    assert re.search(r"受理号 \d{3}-\d{4},最晚12月7日", said)
    with sqlite_town.reading() as session:
        matter = session.scalars(select(Matter)).one()
        assert (matter.kind, matter.text, matter.contact) == ("建议", IDEA, "confidential")
        assert (row_of(sqlite_town).may_show, row_of(sqlite_town).state) == (True, "kept")
    assert "建议" in ma.says("我说的事")


def test_a_word_of_the_menu_is_no_suggestion(ma: Phone) -> None:
    answer = ma.says("提建议", "我说的事")
    assert "还没有说过事" in answer, "before, it was read back as a suggestion"
    assert "“提建议”还没办完" in answer


def test_one_without_a_name_is_looked_up_by_its_code_and_leads_to_nobody(
    sqlite_town: Town, ma: Phone
) -> None:
    said = ma.says("写日志", IDEA, "3", "1")
    number, code = re.findall(r"(\d{3}-\d{4})", said)[0], re.findall(r"查询码 (\d{4})", said)[0]
    with sqlite_town.reading() as session:
        matter = session.scalars(select(Matter)).one()
        assert (matter.person_id, matter.contact) == (None, "anonymous")
        lines = session.scalars(select(AuditLine).where(AuditLine.object_kind.in_(("matter", "suggestion"))))
        assert {line.actor for line in lines} == {"house"}
    assert "收到了" in ma.says("查说事", number, code)


def test_a_suggestion_is_spoken_and_waits_to_be_written_down(
    sqlite_town: Town, ma: Phone, wang: Clerk
) -> None:
    ma.says("提建议")
    assert "公开,不写我的名字" in ma.sends("voice", MediaId="voice-1", Format="amr")
    assert "请听" in ma.says("1")
    ma.says("1")
    with sqlite_town.reading() as session:
        matter = session.scalars(select(Matter)).one()
        assert [(one.what, one.media_id) for one in matter.photos] == [("voice", "voice-1")]
        number = matter.id
    answered(sqlite_town, wang, number)
    wang.opens(f"/console/ratings/suggestions/{number}")
    assert wang.page.partition('name="words"')[2].partition(">")[2].partition("</textarea>")[0].strip() == ""


def test_a_suggestion_is_taken_back_within_ten_minutes(sqlite_town: Town, ma: Phone) -> None:
    ma.says("幸福日志", IDEA, "2", "1")
    assert "收回了" in ma.says("撤销")


# ---- the public answer -----------------------------------------------------------------------------------------------


def test_the_answer_is_public_after_a_second_person_has_read_it_and_the_resident_is_told(
    sqlite_town: Town, ma: Phone, wang: Clerk, li: Clerk
) -> None:
    number = suggested(sqlite_town, ma)
    answered(sqlite_town, wang, number)
    wang.opens(f"/console/ratings/suggestions/{number}")
    assert "写公开的话" in wang.words
    seen = re.findall(r'name="seen"[^>]*value="(\d+)"', wang.page)[0]
    wang.sends(
        f"/console/ratings/suggestions/{number}/ask",
        words=SHOWN.words,
        reply=SHOWN.reply,
        seen=seen,
        follow=True,
    )
    assert "您写的,要请另一位同事看" in wang.words
    wang.sends(f"/console/ratings/suggestions/{number}/pass", follow=True)
    assert "要请另一位同事看过" in wang.words
    assert "长凳" not in Visitor(sqlite_town).opens("/h5/suggestions").words
    li.opens("/console/")
    assert "公开前要您看一遍:1条" in li.words
    li.sends(f"/console/ratings/suggestions/{number}/pass", follow=True)
    assert "李主任看过" in li.words
    assert sent(sqlite_town)[-1] == "ratings.shown"
    page = Visitor(sqlite_town).opens("/h5/suggestions").taps("长凳")
    assert "长凳下个月装好" in page.words
    assert "马秀兰" not in page.page
    with sqlite_town.reading() as session:
        assert read_by_two(session) == []
        assert len(audited(session, "ratings.read_suggestion")) >= 2


@pytest.mark.parametrize(
    "words", ["马秀兰说放条长凳", "长凳找王秀英要", "打13912345678要长凳", "住3号楼2单元501室的要长凳"]
)
def test_public_words_show_nobody(sqlite_town: Town, ma: Phone, wang: Clerk, words: str) -> None:
    number = suggested(sqlite_town, ma)
    answered(sqlite_town, wang, number)
    with refused("shows_somebody"):
        sqlite_town.writing(
            lambda s: actions.ask_to_show(
                staff(s, wang), s.get_one(Matter, number), Words(words, SHOWN.reply)
            )
        )


def test_the_first_draft_covers_names_numbers_and_doors(sqlite_town: Town, ma: Phone, wang: Clerk) -> None:
    number = suggested(sqlite_town, ma, "我是马秀兰,住3号楼2单元501室,电话13912345678,请王秀英放条长凳")
    answered(sqlite_town, wang, number)
    wang.opens(f"/console/ratings/suggestions/{number}")
    draft = wang.page.partition('name="words"')[2].partition("</textarea>")[0]
    assert "一位邻居" in draft
    assert not [one for one in ("马秀兰", "王秀英", "13912345678", "501室") if one in draft]


def test_who_wants_it_kept_is_answered_alone_and_who_was_not_asked_is_asked_first(
    sqlite_town: Town, ma: Phone, wang: Clerk
) -> None:
    kept, unasked = suggested(sqlite_town, ma, may=False), suggested(sqlite_town, ma, may=None)
    for number, code in ((kept, "wants_it_kept"), (unasked, "not_asked")):
        answered(sqlite_town, wang, number)
        with refused(code):
            sqlite_town.writing(
                lambda s, n=number: actions.ask_to_show(staff(s, wang), s.get_one(Matter, n), SHOWN)
            )
    agreed = SHOWN._replace(agreed=True)
    row = sqlite_town.writing(
        lambda s: actions.ask_to_show(staff(s, wang), s.get_one(Matter, unasked), agreed)
    )
    assert row.state == "asked"


def test_what_is_public_is_gone_when_who_said_it_says_no(
    sqlite_town: Town, ma: Phone, wang: Clerk, li: Clerk
) -> None:
    number = suggested(sqlite_town, ma)
    answered(sqlite_town, wang, number)
    public(sqlite_town, wang, li, number)
    page = Visitor(sqlite_town, ma).opens(f"/h5/suggestions/mine/{number}")
    page.presses("不公开", may="0")
    assert "您说过不公开" in page.words
    assert "长凳" not in Visitor(sqlite_town).opens("/h5/suggestions").words


def test_what_is_sent_back_or_taken_down_says_why(
    sqlite_town: Town, ma: Phone, wang: Clerk, li: Clerk
) -> None:
    number = suggested(sqlite_town, ma)
    answered(sqlite_town, wang, number)
    sqlite_town.writing(lambda s: actions.ask_to_show(staff(s, wang), s.get_one(Matter, number), SHOWN))
    li.sends(f"/console/ratings/suggestions/{number}/back", why="说清楚哪一天", follow=True)
    assert "说清楚哪一天" in li.words
    assert public(sqlite_town, wang, li, number)
    li.sends(f"/console/ratings/suggestions/{number}/down", why="写错了地方", follow=True)
    assert "写错了地方" in li.words
    assert "长凳" not in Visitor(sqlite_town).opens("/h5/suggestions").words


def test_two_clerks_who_answer_one_suggestion_at_once_are_one_answer(town: Town) -> None:
    ma = joined(town, "马秀兰", "13900000001")
    one, other, third = (
        hire(town, "desk", login=login, name=name)
        for login, name in (("jia1", "甲干事"), ("yi22", "乙干事"), ("bing", "丙干事"))
    )
    number = suggested(town, ma)
    answered(town, one, number)

    def asks(who: Clerk) -> str:
        def unit(session: Session) -> None:
            actions.ask_to_show(staff(session, who), session.get_one(Matter, number), SHOWN, seen=0)

        return ended(town, unit)

    assert sorted(at_once([lambda: asks(one), lambda: asks(other)])) == ["ended", "ratings.changed_meanwhile"]

    def shows() -> str:
        return ended(
            town, lambda s: actions.show(staff(s, third), s.scalars(select(Suggestion)).one(), seen=1)
        )

    assert sorted(at_once([shows, shows])) == ["ended", "ratings.changed_meanwhile"]
    assert sent(town).count("ratings.shown") == 1


def ended(town: Town, unit: Any) -> str:
    try:
        town.site.database.writing(unit)
    except Refusal as why:
        return why.code
    return "ended"


# ---- 我也这样想 ------------------------------------------------------------------------------------------------------


def test_saying_the_same_counts_once_for_each_person_also_when_pressed_twice(town: Town) -> None:
    ma, other = joined(town, "马秀兰", "13900000001"), joined(town, "祁发财", "13900000002")
    one, two = (hire(town, "desk", login=login) for login in ("jia1", "bing"))
    number = suggested(town, ma)
    answered(town, one, number)
    shown = public(town, one, two, number)

    def agrees() -> bool:
        return town.writing(lambda s: actions.echo(other.actor(s), s.get_one(Suggestion, shown)))

    assert sorted(at_once([agrees, agrees, agrees])) == [False, False, True]
    page = Visitor(town, other).opens(f"/h5/suggestions/{shown}")
    assert "1位邻居也这样想" in page.words
    assert not page.offers("我也这样想")


def test_what_is_not_public_is_not_there_for_a_stranger(sqlite_town: Town, ma: Phone, wang: Clerk) -> None:
    number = suggested(sqlite_town, ma)
    stranger = Visitor(sqlite_town, joined(sqlite_town, "路人", "13900000009"))
    assert stranger.opens("/h5/suggestions/1").status == 404
    assert stranger.sends("/h5/suggestions/1/echo", once="k").status == 404
    assert stranger.opens(f"/h5/suggestions/mine/{number}").status == 404
    assert stranger.sends(f"/h5/suggestions/mine/{number}/show", may="1", once="k").status == 404


# ---- the paper book, and what is no suggestion -----------------------------------------------------------------------


def test_the_desk_copies_a_page_of_the_paper_book(wang: Clerk) -> None:
    wang.sends(
        "/console/ratings/suggestions/new",
        text=IDEA,
        book_page="12",
        showing="yes",
        nameless="y",
        follow=True,
    )
    assert "查询码" in wang.words
    assert "意见本第12页" in wang.words
    wang.opens("/console/ratings/suggestions")
    assert "本子第12页" in wang.words


def test_what_is_really_to_be_done_goes_on_under_its_number(
    sqlite_town: Town, ma: Phone, wang: Clerk
) -> None:
    number = suggested(sqlite_town, ma, "二单元楼道灯不亮,能不能换一个")
    with sqlite_town.reading() as session:
        receipt = session.get_one(Matter, number).receipt
    wang.sends(f"/console/ratings/suggestions/{number}/turn", kind="报修", follow=True)
    with sqlite_town.reading() as session:
        after = session.get_one(Matter, number)
        assert (after.kind, after.receipt, str(after.due)) == ("报修", receipt, "2026-11-25")
        assert one_owner_one_due(session) == []
    assert sent(sqlite_town)[-1] == "ratings.turned"
    assert wang.opens(f"/console/ratings/suggestions/{number}").status_code == 404


def test_what_is_overdue_stands_first_on_the_page_of_the_day(
    sqlite_town: Town, ma: Phone, wang: Clerk, monday: Any
) -> None:
    suggested(sqlite_town, ma)
    monday.shift(timedelta(days=20))
    wang.signs_in()
    wang.opens("/console/")
    assert "过了期,还没回话:1条" in wang.words


@pytest.mark.parametrize("role", ["grid", "leader", "auditor", "admin"])
def test_others_of_the_staff_read_no_suggestions(sqlite_town: Town, ma: Phone, role: str) -> None:
    other = clerk(sqlite_town, role, login=role)
    assert other.opens("/console/ratings/suggestions").status_code == 403


# ---- rights ----------------------------------------------------------------------------------------------------------


def test_a_page_takes_a_suggestion_and_shows_it_among_ones_own(sqlite_town: Town, ma: Phone) -> None:
    page = Visitor(sqlite_town, ma).opens("/h5/suggestions/say").presses("交给社区", text=IDEA)
    assert "受理号" in page.words
    page.opens("/h5/suggestions/mine").taps("小区门口")
    assert page.status == 200
    page.opens("/h5/suggestions/say").presses("交给社区", text="好")
    assert page.status == 409
    page.opens("/h5/suggestions/say").presses("交给社区", text="我不想活了")
    assert "12356" in page.words


def test_who_leaves_takes_the_public_words_along(
    sqlite_town: Town, ma: Phone, wang: Clerk, li: Clerk
) -> None:
    number = suggested(sqlite_town, ma)
    answered(sqlite_town, wang, number)
    shown = public(sqlite_town, wang, li, number)
    sqlite_town.writing(lambda s: actions.echo(ma.actor(s), s.get_one(Suggestion, shown)))
    with sqlite_town.reading() as session:
        assert kept_of(session, ma.person(session))["说过也这样想的建议"] == [SHOWN.words]

    def leaves(session: Session) -> None:
        matters_rights.forget(house(session), ma.person(session))
        forget(house(session), ma.person(session))

    sqlite_town.writing(leaves)
    row = row_of(sqlite_town)
    assert (row.state, row.words, row.reply) == ("down", None, None)
    with sqlite_town.reading() as session:
        assert session.scalars(select(SuggestionEcho)).all() == []


def test_two_records_of_one_person_count_once_and_are_parted_again(
    sqlite_town: Town, ma: Phone, wang: Clerk, li: Clerk
) -> None:
    other = joined(sqlite_town, "马秀兰二", "13900000001")
    number = suggested(sqlite_town, joined(sqlite_town, "祁发财", "13900000002"))
    answered(sqlite_town, wang, number)
    shown = public(sqlite_town, wang, li, number)
    sqlite_town.writing(lambda s: actions.echo(other.actor(s), s.get_one(Suggestion, shown)))
    moved = sqlite_town.writing(lambda s: merge(house(s), ma.person(s), other.person(s)))
    assert moved == [shown]
    assert said_the_same(sqlite_town) == [id_of(sqlite_town, ma)]
    sqlite_town.writing(lambda s: part(house(s), ma.person(s), other.person(s), moved))
    assert said_the_same(sqlite_town) == [id_of(sqlite_town, other)]


def said_the_same(town: Town) -> list[int]:
    with town.reading() as session:
        return list(session.scalars(select(SuggestionEcho.person_id)))


def id_of(town: Town, phone: Phone) -> int:
    with town.reading() as session:
        return phone.person(session).id

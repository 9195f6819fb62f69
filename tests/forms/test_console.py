"""Forms at the console: taken up by one, completed, printed, ready, signed; and the forms themselves, looked at by two."""

from __future__ import annotations

import re

import pytest

from handlers.forms import actions
from models.forms import FormDraft
from tests.forms.conftest import DIGITS, draft, form, sent, sound
from tests.neighbours import Phone
from tests.pages.visitors import Visitor
from tests.posters.pages import pages_of, size_of, text_of
from tests.staff.clerks import Clerk, audited, clerk

ID_NUMBER = "11010519491231002X"


@pytest.fixture
def wang(ma: Phone) -> Clerk:
    return clerk(ma.town, "desk", login="wang")


def handed_in(ma: Phone) -> int:
    ma.says("填表", "1", *DIGITS, "1")
    return draft(ma.town).id


def plain(pdf: bytes) -> str:
    return re.sub(r"\s", "", text_of(pdf))


def test_the_twelve_answers_stand_beside_their_labels_on_the_big_print(wang: Clerk, ma: Phone) -> None:
    number = handed_in(ma)
    wang.opens("/console/forms")
    typed = {"csrf_token": wang.token(), "h-id_number": ID_NUMBER}
    answer = wang.client.post(f"/console/forms/{number}/print", data=typed)
    assert answer.mimetype == "application/pdf"
    pdf = answer.data
    assert size_of(pdf) == (210, 297)
    words = plain(pdf)
    one = draft(ma.town)
    told = [(f.label, f.told(one.answered[f.key])) for f in one.asked]
    assert len(told) == 12
    for label, value in told:
        assert f"{label}{value}" in words
    assert f"身份证号{ID_NUMBER}" in words
    assert "本人签字:" in words
    assert f"编号{one.number}" in words
    assert "第1页,共" in words
    with ma.town.reading() as session:
        assert ID_NUMBER not in str([line.facts for line in audited(session, "forms.print")])


def test_a_wrong_identity_number_is_not_printed(wang: Clerk, ma: Phone) -> None:
    number = handed_in(ma)
    wang.opens("/console/forms")
    wang.sends(f"/console/forms/{number}/print", follow=True, **{"h-id_number": "110105194912310021"})
    assert "身份证号不对" in wang.words


def test_it_goes_its_way_from_the_list_to_the_signature(wang: Clerk, ma: Phone) -> None:
    number = handed_in(ma)
    wang.opens("/console/")
    assert "等核对的表 1" in wang.words
    wang.opens("/console/forms")
    assert "马秀兰" not in wang.words
    wang.opens(f"/console/forms/{number}")
    assert "我来办" in wang.words
    wang.sends(f"/console/forms/{number}/take")
    wang.opens(f"/console/forms/{number}")
    wang.sends(f"/console/forms/{number}/ready", follow=True, window="2号窗口")
    assert sent(ma.town) == ["forms.ready"]
    assert "请带身份证到2号窗口签字" in ma.says("我填的表")
    wang.sends(f"/console/forms/{number}/finish", follow=True)
    one = draft(ma.town)
    assert one.state == "done"
    assert str(one.kept_until) == "2027-02-21"
    with ma.town.reading() as session:
        assert len(audited(session, "forms.read")) >= 2
    assert sound(ma.town)


def test_what_is_missing_is_completed_at_the_desk_and_what_is_wrong_stays_to_be_mended(
    wang: Clerk, ma: Phone
) -> None:
    number = handed_in(ma)
    wang.opens("/console/forms")
    wang.sends(f"/console/forms/{number}/take")
    wang.sends(f"/console/forms/{number}/complete", **{"f-born": "1941", "f-sex": "男"})
    assert "八个数字" in wang.words
    assert draft(ma.town).answers["sex"] == "女"
    wang.sends(f"/console/forms/{number}/complete", **{"f-born": "19410308", "f-sex": "男"})
    assert draft(ma.town).answers["born"] == "1941-03-08"
    wang.sends(f"/console/forms/{number}/complete", **{"f-pension": ""})
    wang.sends(f"/console/forms/{number}/ready", follow=True, window="2号窗口")
    assert "还差一项" in wang.words


def test_it_goes_back_to_the_resident_with_a_word_about_what_is_missing(wang: Clerk, ma: Phone) -> None:
    number = handed_in(ma)
    wang.opens("/console/forms")
    wang.sends(f"/console/forms/{number}/back", follow=True, words="退休金请看存折再写")
    assert "退给居民了" in wang.words
    assert sent(ma.town) == ["forms.given_back"]
    assert "退休金请看存折再写" in ma.says("我填的表")
    assert "填完了" in ma.says("1")


def test_who_has_no_wechat_is_helped_at_the_desk(wang: Clerk, ma: Phone) -> None:
    with ma.town.reading() as session:
        sheet = form(session).id
    wang.opens("/console/forms/new")
    place = wang.sends("/console/forms/new", form=sheet).location
    assert place is not None
    number = draft(ma.town).id
    wang.sends(f"/console/forms/{number}/hand_in", follow=True)
    assert "还差一项" in wang.words
    values = (
        "李阿娘",
        "女",
        "19400101",
        "13911112222",
        "本社区",
        "20000101",
        "自己住",
        "00",
        "00",
        "卧床",
        "否",
        "社保卡",
    )
    fields = [one.key for one in draft(ma.town).asked]
    wang.sends(
        f"/console/forms/{number}/complete", **{f"f-{k}": v for k, v in zip(fields, values, strict=True)}
    )
    wang.sends(f"/console/forms/{number}/hand_in", follow=True)
    one = draft(ma.town)
    assert one.number in wang.words
    assert one.person_id is None
    wang.sends(f"/console/forms/{number}/ready", window="2号窗口")
    assert sent(ma.town) == []


def test_two_of_the_staff_do_not_write_over_each_other(wang: Clerk, ma: Phone) -> None:
    number = handed_in(ma)
    li = clerk(ma.town, "desk", login="li", name="李干事")
    wang.opens("/console/forms")
    wang.sends(f"/console/forms/{number}/take")
    li.opens("/console/forms")
    li.sends(f"/console/forms/{number}/complete", **{"f-sex": "男"})
    assert "王干事正在办" in li.words
    li.sends(f"/console/forms/{number}/take_over")
    li.sends(f"/console/forms/{number}/complete", **{"f-sex": "男"})
    assert draft(ma.town).answers["sex"] == "男"


def test_other_words_and_states_of_a_form_need_a_second_look(wang: Clerk, ma: Phone) -> None:
    wang.opens("/console/forms/sheets/gaoling")
    wang.sends(
        "/console/forms/sheets/gaoling/write",
        follow=True,
        **{"help-name": "照户口本写。", "example-name": ""},
    )
    digest = re.search(r'name="digest" value="(\w+)"', wang.page)
    assert digest is None
    approver = clerk(ma.town, "approver", login="zhao", name="赵主任")
    approver.opens("/console/forms", follow_redirects=True)
    approver.opens("/console/forms/sheets/gaoling")
    assert "原来:写身份证上的名字。" in approver.words
    seen = re.search(r'name="digest" value="(\w+)"', approver.page)
    assert seen is not None
    wang.sends("/console/forms/sheets/gaoling/look", follow=True, digest=seen[1])
    assert "自己写的自己不能定" in wang.words
    approver.sends("/console/forms/sheets/gaoling/look", digest=seen[1])
    approver.sends("/console/forms/sheets/gaoling/switch", state="confirmed")
    wang.sends("/console/forms/sheets/gaoling/switch", state="confirmed")
    with ma.town.reading() as session:
        row = form(session)
        assert (row.version, row.state, row.confirmed_by_id) == (2, "confirmed", wang.member(session).id)
    assert "照户口本写" in ma.says("填表", "1", "?")


def test_a_form_that_is_off_is_begun_by_nobody(wang: Clerk, ma: Phone) -> None:
    li = clerk(ma.town, "desk", login="li", name="李干事")
    for one in (wang, li):
        one.opens("/console/forms/sheets/gaoling")
        one.sends("/console/forms/sheets/gaoling/switch", state="off")
    assert "高龄" not in ma.says("填表")
    assert Visitor(ma.town, ma).opens("/h5/forms/gaoling").offers("开始填") is False


def test_long_answers_rare_signs_and_names_with_dots_are_whole_on_the_paper(wang: Clerk, ma: Phone) -> None:
    story = (
        "老伴在青海大学附属医院做手术,花了三万二千元,报销以后还差一万一千元,孩子在外地打工,一时凑不齐。" * 5
    )

    def unit(session) -> int:  # type: ignore[no-untyped-def]
        by = ma.actor(session)
        made = actions.begin(by, form(session, "linshi"))
        session.flush()
        for key, words in (
            ("name", "古丽娜尔·艾合买提江·吐尔逊"),
            ("address", "㐂㙍乡𠮷祥村东府佳苑3号楼"),
            ("told", story),
        ):
            actions.answer(by, made, key, words)
        return made.id

    number = ma.town.writing(unit)
    words = plain(pdf_of(ma, number))
    assert "古丽娜尔·艾合买提江·吐尔逊" in words
    assert story in words
    assert "乡＿＿祥村" in words
    assert "请照身份证手写" in words


def pdf_of(ma: Phone, number: int) -> bytes:
    pdf = Visitor(ma.town, ma).client.get(f"/h5/forms/drafts/{number}/paper.pdf").data
    assert len(pages_of(pdf)) >= 2
    return pdf


def test_what_is_not_handed_in_yet_is_the_residents_alone(wang: Clerk, ma: Phone) -> None:
    ma.says("填表", "1", "1", "1", "先到这里")
    number = draft(ma.town).id
    assert wang.opens(f"/console/forms/{number}").status_code == 404
    wang.opens("/console/forms")
    wang.sends(f"/console/forms/{number}/take", follow=True)
    wang.sends(f"/console/forms/{number}/complete", **{"f-sex": "男"})
    kept = draft(ma.town)
    assert (kept.staff_id, kept.answers["sex"]) == (None, "女")


def test_others_of_the_staff_see_nothing_of_it(ma: Phone) -> None:
    number = handed_in(ma)
    for role in ("grid", "leader", "auditor"):
        one = clerk(ma.town, role, login=role)
        assert one.opens(f"/console/forms/{number}").status_code == 403
    approver = clerk(ma.town, "approver", login="zhao")
    assert approver.opens(f"/console/forms/{number}").status_code == 403
    with ma.town.reading() as session:
        assert session.get_one(FormDraft, number).state == "handed_in"

"""One's own proofs and file as pages; what everybody may read; whether a proof is genuine."""

from __future__ import annotations

import time_machine

from models.certificates import Certificate, proof_of
from models.volunteer_file import file_of
from tests.certificates.offices import (
    ID_NUMBER,
    applied,
    checked,
    issued,
    joined,
    printed,
    ready,
    state,
    with_id,
)
from tests.neighbours import Phone
from tests.pages.visitors import Visitor
from tests.staff.clerks import audited


def test_a_resident_applies_follows_and_objects_on_their_own_page(
    ma: Phone, monday: time_machine.Coordinates
) -> None:
    me = Visitor(ma.town, ma).opens("/h5/certificates")
    assert "12.5小时" in me.words
    me.taps("开一份证明").presses("申请", period="今年", purpose="升学", posting="1")
    assert "申请收到了" in me.words
    with ma.town.reading() as session:
        row = session.get_one(Certificate, 1)
        assert (row.purpose, str(row.since)) == ("升学", "2026-01-01")
    checked(ma.town, 1)
    me.opens("/h5/certificates/1")
    assert "还有7天" in me.words
    assert "8.5小时" in me.words
    me.presses("告诉工作人员", text="三月少记了一小时")
    assert "工作人员会答复您" in me.words
    assert "最晚11月30日(星期一)答复您" in me.opens("/h5/certificates/1").words


def test_two_days_that_do_not_fit_are_said_beside_their_field(ma: Phone) -> None:
    me = Visitor(ma.town, ma).opens("/h5/certificates/apply")
    me.presses("申请", period="自己说哪几天", days="去年十三月")
    assert me.status == 409
    assert "这两天连不起来" in me.words
    me.presses("申请", period="自己说哪几天", days="2026年8月到9月")
    with ma.town.reading() as session:
        row = session.get_one(Certificate, 1)
        assert (str(row.since), str(row.until)) == ("2026-08-01", "2026-09-30")


def test_the_identity_number_is_typed_on_a_consent_shown_covered_and_removed(ma: Phone) -> None:
    me = Visitor(ma.town, ma).opens("/h5/certificates/file")
    assert "我们加密存着" in me.words
    me.presses("我同意,记下", kind="居民身份证", number="110105194912310021")
    assert "证件号码不对" in me.words
    me.opens("/h5/certificates/file").presses("我同意,记下", kind="居民身份证", number=ID_NUMBER.lower())
    me.opens("/h5/certificates/file")
    assert "****************2X" in me.words
    assert ID_NUMBER not in me.page
    me.presses("删掉")
    with ma.town.reading() as session:
        kept = file_of(session, ma.person(session))
        assert kept is not None
        assert kept.id_number is None


def test_another_resident_gets_nothing_of_a_proof(ma: Phone, monday: time_machine.Coordinates) -> None:
    number = issued(ma.town, ma, monday)
    other = Visitor(ma.town, joined(ma.town, "韩世杰", "13900000002"))
    for path in ("", "/scan"):
        assert other.opens(f"/h5/certificates/{number}{path}").status == 404
    assert other.sends(f"/h5/certificates/{number}/object", text="这不是他做的").status == 404
    mine = ma.town.client
    assert mine.get(f"/h5/certificates/{number}/scan").status_code == 302
    own = Visitor(ma.town, ma).client.get(f"/h5/certificates/{number}/scan")
    assert own.mimetype == "image/jpeg"


# ---- posted ----------------------------------------------------------------------------------------------------------


def test_what_is_posted_shows_a_covered_name_and_no_place(ma: Phone) -> None:
    applied(ma.town, ma)
    checked(ma.town, 1)
    page = Visitor(ma.town).opens("/h5/certificates/posting")
    assert "马*兰" in page.words
    assert "12.5小时" in page.words
    for hidden in ("马秀兰", "东府佳苑", "V000001", "13900000001"):
        assert hidden not in page.page


def test_a_proof_without_consent_is_on_no_page(ma: Phone) -> None:
    applied(ma.town, ma, posting=False)
    checked(ma.town, 1)
    page = Visitor(ma.town)
    assert "马*兰" not in page.opens("/h5/certificates/posting").words
    assert page.opens("/h5/certificates/posting/1").status == 404
    assert page.sends("/h5/certificates/posting/1", text="我觉得不对").status == 404


def test_anybody_may_object_while_it_hangs_but_not_without_end(ma: Phone) -> None:
    applied(ma.town, ma)
    checked(ma.town, 1)
    page = Visitor(ma.town).opens("/h5/certificates/posting").taps("说有不对的")
    page.presses("告诉工作人员", text="不")
    assert "请写4到300个字" in page.words
    page.presses("告诉工作人员", text=f"他那天没来,身份证{ID_NUMBER}", contact="13900000099")
    assert "收到了,工作人员会查" in page.words
    with ma.town.reading() as session:
        (said,) = session.get_one(Certificate, 1).objections
        assert said.own is False
        assert said.words is not None
        assert ID_NUMBER not in said.words
        assert said.contact == "13900000099"
    for _ in range(3):
        page.sends("/h5/certificates/posting/1", text="再说一次不对")
    assert page.sends("/h5/certificates/posting/1", text="再说一次不对").status == 429


def test_a_cry_for_help_in_an_objection_is_answered_with_a_number_to_call(ma: Phone) -> None:
    applied(ma.town, ma)
    checked(ma.town, 1)
    page = Visitor(ma.town).sends("/h5/certificates/posting/1", text="他天天打我,救命")
    assert "110" in page.words
    with ma.town.reading() as session:
        assert session.get_one(Certificate, 1).objections == []


# ---- genuine? --------------------------------------------------------------------------------------------------------


def test_a_code_says_match_and_never_the_identity_number(ma: Phone, monday: time_machine.Coordinates) -> None:
    with_id(ma.town, ma)
    issued(ma.town, ma, monday)
    page = Visitor(ma.town).opens(f"/h5/certificates/verify/HZZL-2026-0001/{proof_of('HZZL-2026-0001')}")
    assert "对得上" in page.words
    for shown in ("HZZL-2026-0001", "马某", "12.5小时", "11月30日"):
        assert shown in page.words
    for hidden in ("马秀兰", "秀兰", "2X", "东府佳苑", "V000001"):
        assert hidden not in page.page


def test_a_made_up_code_matches_nothing(ma: Phone, monday: time_machine.Coordinates) -> None:
    issued(ma.town, ma, monday)
    page = Visitor(ma.town)
    for number, proof in (("HZZL-2026-0001", "0" * 32), ("HZZL-2026-0002", proof_of("HZZL-2026-0001"))):
        assert "对不上" in page.opens(f"/h5/certificates/verify/{number}/{proof}").words
    assert (
        "对不上" in page.opens(f"/h5/certificates/verify/HZZL-2026-0009/{proof_of('HZZL-2026-0009')}").words
    )


def test_a_typed_number_needs_the_name_too_and_is_tried_a_few_times_only(
    ma: Phone, monday: time_machine.Coordinates
) -> None:
    issued(ma.town, ma, monday)
    page = Visitor(ma.town).opens("/h5/certificates/verify")
    page.presses("核对", number=" hzzl-2026-0001", initial="马")
    assert "对得上" in page.words
    wrong = page.sends("/h5/certificates/verify", number="HZZL-2026-0001", initial="王").words
    assert wrong == page.sends("/h5/certificates/verify", number="HZZL-2026-0005", initial="马").words
    assert "对不上" in page.sends("/h5/certificates/verify", number="HZZL-2026-0001", initial="").words
    answers = [
        page.sends("/h5/certificates/verify", number="HZZL-2026-0001", initial="韩").status for _ in range(9)
    ]
    assert answers[-1] == 429


def test_before_the_seal_a_code_says_so(ma: Phone, monday: time_machine.Coordinates) -> None:
    printed(ma.town, ready(ma.town, ma, monday))
    assert state(ma.town, 1) == "printed"
    page = Visitor(ma.town).opens(f"/h5/certificates/verify/HZZL-2026-0001/{proof_of('HZZL-2026-0001')}")
    assert "还没盖章" in page.words
    with ma.town.reading() as session:
        assert audited(session, "certificates.number")[0].facts["number"] == "HZZL-2026-0001"

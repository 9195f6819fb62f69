"""What a form looks like on paper: a list, a table with room for a photograph, a letter; chosen by one, looked at by
another, and always in big letters."""

from __future__ import annotations

import re

import pytest

from handlers.forms.loading import install
from models.form_papers import LAYOUTS
from models.forms import Form, form_with_key
from tests.neighbours import Town
from tests.posters.pages import size_of, text_of
from tests.staff.clerks import Clerk, clerk

PROOF = {
    "name": "马秀兰",
    "phone": "13900000001",
    "address": "东府佳苑3号楼2单元402",
    "where": "城东区某小学",
    "use": "给孩子报名上学",
    "what": "居住证明",
    "copies": "2",
}


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    sqlite_town.writing(install)
    return clerk(sqlite_town, "desk", login="wang")


def number_of(town: Town, key: str) -> int:
    with town.reading() as session:
        found = form_with_key(session, key)
        assert found is not None
        return found.id


def plain(pdf: bytes) -> str:
    return re.sub(r"\s", "", text_of(pdf))


def filled(wang: Clerk, key: str, answers: dict[str, str], **by_hand: str) -> str:
    """The words of the paper that the desk prints for somebody without WeChat."""
    place = wang.sends("/console/forms/new", form=str(number_of(wang.town, key)), who="").headers["Location"]
    wang.opens(place)
    wang.sends(f"{place}/complete", follow=True, **{f"f-{one}": value for one, value in answers.items()})
    answer = wang.client.post(
        f"{place}/print",
        data={"csrf_token": wang.token(), **{f"h-{one}": value for one, value in by_hand.items()}},
    )
    assert answer.mimetype == "application/pdf", wang.words
    assert size_of(answer.data) == (210, 297)
    return plain(answer.data)


def empty(wang: Clerk, key: str, **asked: str) -> str:
    return plain(wang.client.get(f"/console/forms/sheets/{key}/paper.pdf", query_string=asked).data)


def test_a_letter_holds_the_answers_in_its_sentences(wang: Clerk) -> None:
    words = filled(wang, "zhengming", PROOF, id_number="11010519491231002X")
    assert "我叫马秀兰,身份证号11010519491231002X,住在东府佳苑3号楼2单元402,手机号13900000001。" in words
    assert "因为给孩子报名上学,请社区给我开居住证明,要2" in words
    assert "交给城东区某小学。" in words
    assert "一家人" not in words, "a sentence about what was not asked is left out"
    assert "申请人签字:" in words
    assert "此致" in words


def test_a_table_has_two_in_a_row_and_room_for_a_photograph(wang: Clerk) -> None:
    words = filled(wang, "laonianzheng", {"name": "马兰", "sex": "女", "born": "19460307"})
    assert "贴照片" in words
    assert "老人姓名马兰" in words
    assert "性别女" in words
    assert "1946年3月7日" in words
    assert "本人签字:" in words


def test_one_chooses_another_looks_and_until_then_the_old_one_is_printed(wang: Clerk) -> None:
    path = "/console/forms/sheets/gaoling"
    wang.opens(path)
    wang.sends(f"{path}/layout", follow=True, layout="grid", photo="y", letter="")
    assert "另一位同事核对以后才算数" in wang.words
    assert "贴照片" not in empty(wang, "gaoling")
    assert "贴照片" in empty(wang, "gaoling", waiting="1")
    li = clerk(wang.town, "desk", login="li")
    li.opens(path)
    digest = re.findall(r'name="digest" value="(\w+)"', li.page)[0]
    li.sends(f"{path}/look", follow=True, digest=digest)
    assert "贴照片" in empty(li, "gaoling")
    with wang.town.reading() as session:
        form = form_with_key(session, "gaoling")
        assert isinstance(form, Form)
        assert form.current.content["paper"] == {"layout": "grid", "photo": True, "letter": ""}


@pytest.mark.parametrize(
    ("layout", "letter", "said"),
    [
        ("round", "", "这样排不了"),
        ("letter", "我叫【老人姓名】", "信里还没有"),
        ("letter", "我叫【名号】", "【名号】不是这张表里的一项"),
        ("list", "", "没有改动"),
    ],
)
def test_what_would_lose_an_answer_is_refused(wang: Clerk, layout: str, letter: str, said: str) -> None:
    path = "/console/forms/sheets/gaoling"
    wang.opens(path)
    wang.sends(f"{path}/layout", follow=True, layout=layout, letter=letter)
    assert said in wang.words
    assert set(LAYOUTS) == {"list", "grid", "letter"}


def test_only_the_desk_chooses(wang: Clerk) -> None:
    path = "/console/forms/sheets/gaoling/layout"
    for role in ("approver", "grid"):
        other = clerk(wang.town, role, login=role)
        assert other.sends(path, layout="grid", letter="").status_code == 403

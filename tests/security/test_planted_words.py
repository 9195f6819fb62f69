"""Words planted where residents say things of the hall, of matters, forms and petitions: before they are forgotten none
lies in clear and none of the guarded ones is known to the common tables; after it none is left there at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.forms.loading import install
from handlers.people import actions as people
from handlers.ratings import actions as ratings
from handlers.ratings.suggesting import Said
from models.petitions import Petition
from tests.neighbours import Phone, Town, frozen
from tests.pages.visitors import Visitor
from tests.petitions.conftest import receives
from tests.security.test_forgetting import forget, on_disk
from tests.security.test_forgetting import opened as everything
from tests.staff.clerks import clerk

PETITION, ACCUSED, QUIET = "紫砂壶被收走的事三年没人理", "牛得草", "冰糖葫芦的摊位要交好处费才给摆"
MATTER, WHERE, UNSAID = "琉璃瓦掉下来砸了窗台", "琥珀巷口", "走廊里的珊瑚绒毯子着过火"
IDEA, ANSWER, TAIL = "小区里想种几棵银杏树遮阴", "欧阳翡翠", "13987651234"
GUARDED = ("紫砂壶", ACCUSED, "冰糖葫芦")
OWN = ("琉璃瓦", "琥珀巷", "珊瑚绒", "银杏树", ANSWER, TAIL)


@pytest.fixture
def teller(sqlite_town: Town) -> Iterator[Phone]:
    """Who said something everywhere, by chat and by pages."""
    with frozen("2026-11-26 09:00"):
        receives(sqlite_town)
        clerk(sqlite_town, "petitions", login="sun", name="孙专员")
        one = sqlite_town.phone("老欧")

        def unit(session: Session) -> None:
            install(session)
            people.join(one.actor(session), name="欧翠", phone=TAIL)
            ratings.suggest(one.actor(session), Said(IDEA, may_show=True))

        sqlite_town.writing(unit)
        says_everything(one)
        yield one


def says_everything(one: Phone) -> None:
    page = Visitor(one.town, one)
    asked = {
        "text": PETITION,
        "about_staff": "yes",
        "accused": ACCUSED,
        "time": "1",
        "way": "named",
        "once": "k",
    }
    assert page.sends("/h5/private/new", **asked).status == 200
    assert page.sends("/h5/matters/quiet", text=QUIET, once="q").status == 200
    said = {"text": MATTER, "where": WHERE, "contact": "named", "phone": TAIL, "once": "m"}
    assert page.sends("/h5/matters/say/报修", **said).status == 200
    one.says("说事", "2", UNSAID)
    page.opens("/h5/forms/gaoling").presses("开始填").presses("下一项", answer=ANSWER)
    assert page.status == 200


def test_nothing_lies_in_clear_and_what_is_guarded_lies_in_no_common_table(
    teller: Phone, capsys: pytest.CaptureFixture[str]
) -> None:
    found = everything(teller.town)
    assert [word for word in GUARDED if word in found] == []
    assert {word for word in OWN if word in found} == set(OWN), "the test must see them"
    disk = on_disk(teller.town.site.settings.data)
    assert [word for word in (*GUARDED, *OWN) if word.encode() in disk] == []
    logged = "".join(capsys.readouterr())
    assert [word for word in (*GUARDED, *OWN) if word in logged] == []


def test_who_is_forgotten_leaves_no_word_and_no_tie_to_a_petition(teller: Phone) -> None:
    forget(teller)
    left = everything(teller.town)
    assert [word for word in (*GUARDED, *OWN) if word in left] == []
    with teller.town.site.confidential.reading() as session:
        assert [(row.who, row.openid) for row in session.scalars(select(Petition))] == [(None, None)]

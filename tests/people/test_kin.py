"""Family who act for family, in chat: six digits shown here and typed there; either side ends it, both see it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.cli import check_invariants
from handlers.people import actions
from models.outbox import OutboxRow
from models.people import live_consent
from models.proxies import Proxy, acts_for, live_proxies
from tests.neighbours import Phone, Town
from tests.people.homes import join


@pytest.fixture
def village(sqlite_town: Town) -> Town:
    sqlite_town.seed("people")
    return sqlite_town


@pytest.fixture
def father(village: Town) -> Phone:
    phone = village.phone("父亲")
    village.writing(lambda s: join(s, phone, "陈老汉", "13900000098"))
    return phone


@pytest.fixture
def daughter(village: Town) -> Phone:
    phone = village.phone("女儿")
    village.writing(lambda s: join(s, phone, "陈小红", "13900000097"))
    return phone


def code_of(father: Phone) -> str:
    told = father.says("让家人代办", "1")
    found = re.search(r"[0-9]{6}", told)
    assert found, told
    return found[0]


def test_the_words_come_before_the_code_and_the_daughter_types_it(father: Phone, daughter: Phone) -> None:
    assert "都看得到" in father.says("让家人代办")
    code = re.search(r"[0-9]{6}", father.says("同意"))
    assert code
    assert "您可以替陈老汉办事" in daughter.says("替家人办", code[0])
    assert "陈小红可以替您办事" in father.says("我的代办")
    assert "您可以替陈老汉办事" in daughter.says("我的代办")
    with father.town.reading() as session:
        ward, holder = father.person(session), daughter.person(session)
        assert acts_for(session, holder, ward) is not None
        assert acts_for(session, ward, holder) is None
        assert live_consent(session, ward, "proxy") is not None
        kinds = session.scalars(select(OutboxRow.kind)).all()
        assert kinds == ["people.proxy_begun", "people.proxy_begun"]


def test_who_says_no_gets_no_code(father: Phone) -> None:
    assert "不设代办" in father.says("让家人代办", "2")


@pytest.mark.parametrize("ender", ["父亲", "女儿"])
def test_either_side_ends_it_and_the_consent_ends_with_it(father: Phone, daughter: Phone, ender: str) -> None:
    daughter.says("替家人办", code_of(father))
    one = {"父亲": father, "女儿": daughter}[ender]
    assert "停掉吗" in one.says("我的代办", "1")
    assert "停掉了" in one.says("1")
    with father.town.reading() as session:
        assert not session.scalars(live_proxies(father.person(session))).all()
        assert live_consent(session, father.person(session), "proxy") is None
        assert "people.proxy_ended" in session.scalars(select(OutboxRow.kind)).all()


def test_a_wrong_code_and_ones_own_code_tie_nobody(father: Phone, daughter: Phone) -> None:
    code = code_of(father)
    wrong = "000000" if code != "000000" else "000001"
    assert "这个码不对" in daughter.says("替家人办", wrong)
    assert "您自己的" in father.says("替家人办", code)
    with father.town.reading() as session:
        assert session.scalar(select(Proxy).where(Proxy.how == "code")) is None


def test_a_code_for_acting_never_makes_two_records_one(father: Phone, daughter: Phone) -> None:
    assert "这个码不对" in daughter.says("关联手机", code_of(father), "1")
    with father.town.reading() as session:
        assert father.person(session).id != daughter.person(session).id


def test_a_stranger_who_has_not_joined_can_neither_trust_nor_be_trusted(village: Town, father: Phone) -> None:
    stranger = village.phone("陌生人")
    assert "还没登记" in stranger.says("让家人代办")
    assert "还没登记" in stranger.says("替家人办")
    assert "没有替别人办事" in stranger.says("我的代办")


def test_one_code_typed_twice_at_once_ties_one(town: Town) -> None:
    town.seed("people")
    father = town.phone("父亲")
    both = [town.phone("大女儿"), town.phone("小女儿")]
    for number, phone in enumerate([father, *both]):
        town.writing(
            lambda s, phone=phone, n=number: join(s, phone, "陈" + "老大小"[n] + "红", f"1390000009{n}")
        )
    code = town.writing(lambda s: actions.issue_proxy_code(father.actor(s)))

    def types(phone: Phone) -> bool:
        return town.writing(lambda s: actions.become_proxy(phone.actor(s), code) is not None)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(types, both)) == [False, True]
    assert check_invariants(town.site) == []


def test_who_is_forgotten_acts_for_nobody(father: Phone, daughter: Phone) -> None:
    daughter.says("替家人办", code_of(father))
    daughter.says("删除信息", "1")
    assert "没有人替您办事" in father.says("我的代办")
    assert check_invariants(father.town.site) == []


def test_an_identity_number_is_covered_before_anything_is_kept(father: Phone) -> None:
    told = father.says("我要办事,身份证 11010519491231002X")
    assert "替您遮住" in told
    database = father.town.site.settings.data
    assert all(b"11010519491231002X" not in path.read_bytes() for path in database.rglob("*.db*"))

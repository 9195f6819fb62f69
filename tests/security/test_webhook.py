"""What a stranger, a broken client or a wrong clock sends to the webhook (trust 1.7: B02, B06, B30)."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select

from models.conversation import Conversation
from tests.neighbours import Phone, Town

LATER = 400 * 24 * 3600


@pytest.fixture
def ma(sqlite_town: Town) -> Phone:
    return sqlite_town.phone("马秀兰")


@pytest.mark.parametrize("openid", ["]]&gt;x", "o|x", "o:1:2", "o'--", "o x", "&lt;b&gt;", "o" * 129, "ö"])
def test_b02_an_openid_that_could_break_an_answer_or_a_key_is_refused(ma: Phone, openid: str) -> None:
    """B02: the openid stands in the CDATA of the answer and between the separators of keys."""
    xml = ma.xml("text", "<Content>菜单</Content><MsgId>1</MsgId>").replace(ma.openid, openid)
    with pytest.raises(AssertionError, match="missing or strange"):
        ma.deliver(xml)


@pytest.mark.parametrize("openid", ["sim-delivered-1", "oABC_def-123", "gh_5a1c9e3b7d20", "o@im.wxopen"])
def test_every_form_of_id_that_wechat_uses_is_taken(ma: Phone, openid: str) -> None:
    xml = ma.xml("text", "<Content>菜单</Content><MsgId>1</MsgId>").replace(ma.openid, openid)
    assert "预约" in ma.deliver(xml)


def test_a_date_in_the_future_does_not_make_everything_after_it_late(ma: Phone) -> None:
    """F23: one push with a wrong CreateTime must not silence a resident's talks for ever."""
    ma.says("你好", at=int(time.time()) + LATER)
    with ma.town.reading() as session:
        assert session.scalars(select(Conversation.heard)).one() < time.time() + 120


def test_a_farewell_from_the_future_can_be_taken_back(ma: Phone) -> None:
    ma.event("unsubscribe", "<EventKey></EventKey>", at=int(time.time()) + LATER)
    ma.event("subscribe", "<EventKey></EventKey>", at=int(time.time()) + LATER + 1)
    with ma.town.reading() as session:
        identity = ma.identity(session)
        assert identity is not None
        assert identity.following
        assert identity.follow_changed_at is not None
        assert identity.follow_changed_at.timestamp() < time.time() + 120


def test_b34_an_identity_number_is_covered_also_when_it_was_spoken(ma: Phone) -> None:
    """The echo of recognised speech must not repeat what the house covers everywhere else."""
    answer = ma.sends("voice", MediaId="m", Format="amr", Recognition="我的身份证是63010219900307123X")
    assert "63010219900307" not in answer
    assert "遮住" in answer

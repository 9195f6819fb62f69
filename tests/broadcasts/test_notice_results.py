"""What WeChat reports of subscription notices finds its message, early or late, and says in Chinese why one failed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from models import dispatch, grants, outbox
from models.dispatch import Claimed
from models.grants import Grant
from models.notice_results import own_id
from models.outbox import EarlyReceipt, OutboxRow
from tests.neighbours import Phone, Town


@pytest.fixture
def ma(sqlite_town: Town) -> Phone:
    phone = sqlite_town.phone("马秀兰")
    phone.follows()
    return phone


def notice(phone: Phone, bundle: str, state: str = "submitted", minutes: int = 0) -> int:
    """A message by subscription notice that has gone, or is being sent."""

    def unit(session: Session) -> int:
        person = phone.person(session)
        outbox.put_bundle(session, bundle, [person.id], kind="broadcasts.notice", facts={})
        row = session.scalars(
            select(OutboxRow).where(OutboxRow.bundle == bundle, OutboxRow.person_id == person.id)
        ).one()
        row.road, row.state, row.tries = "notice", state, 1
        row.first_sent_at = clock.now() + timedelta(minutes=minutes)
        row.wechat_id = own_id(row.id) if state == "submitted" else None
        return row.id

    return phone.town.writing(unit)


def row(phone: Phone, number: int) -> OutboxRow:
    with phone.town.reading() as session:
        found = session.get_one(OutboxRow, number)
        session.expunge_all()
        return found


def reports(phone: Phone, errcode: int = 0, msg_id: str = "1709") -> None:
    one = (
        f"<TemplateId>news</TemplateId><MsgID>{msg_id}</MsgID>"
        f"<ErrorCode>{errcode}</ErrorCode><ErrorStatus>{'success' if not errcode else 'failed'}</ErrorStatus>"
    )
    fields = f"<SubscribeMsgSentEvent><List>{one}</List></SubscribeMsgSentEvent>"
    phone.event("subscribe_msg_sent_event", fields, at=int(clock.now().timestamp()) + int(msg_id) % 50)


def test_the_oldest_that_waits_for_a_report_gets_it(ma: Phone) -> None:
    young, old = notice(ma, "broadcast:2", minutes=5), notice(ma, "broadcast:1")
    reports(ma, msg_id="1701")
    assert (row(ma, old).state, row(ma, young).state) == ("delivered", "submitted")
    reports(ma, msg_id="1702")
    assert row(ma, young).state == "delivered"


def test_a_failure_has_a_reason_that_staff_can_read_and_43101_ends_the_grant(ma: Phone) -> None:
    with ma.town.reading() as session:
        identity = ma.identity(session)
        assert identity is not None
        number = identity.id
    past = clock.now() - timedelta(hours=1)
    ma.town.writing(lambda s: grants.allow(s, number, "news", "popup", lasting=False, at=past) and None)
    sent = notice(ma, "broadcast:1")
    reports(ma, errcode=43101)
    assert row(ma, sent).state == "failed"
    assert "订阅" in (row(ma, sent).reason or "")
    with ma.town.reading() as session:
        assert session.scalars(select(Grant.left)).all() == [0]


def test_a_report_that_comes_before_our_call_has_returned_waits_for_it(ma: Phone) -> None:
    sending = notice(ma, "broadcast:1", state="sending")
    reports(ma)
    assert row(ma, sending).state == "sending"
    with ma.town.reading() as session:
        claimed = Claimed(*session.execute(CLAIMED).one())
    returned = {"state": "submitted", "wechat_id": own_id(sending)}
    ma.town.writing(lambda s: dispatch.settle(s, [(claimed, returned)]) and None)
    assert row(ma, sending).state == "delivered"


def test_a_call_that_was_repeated_and_learnt_its_number_finds_the_early_report_too(ma: Phone) -> None:
    sending = notice(ma, "broadcast:1", state="sending")
    reports(ma, msg_id="1744")
    with ma.town.reading() as session:
        claimed = Claimed(*session.execute(CLAIMED).one())
    returned = {"state": "submitted", "wechat_id": "1744"}
    ma.town.writing(lambda s: dispatch.settle(s, [(claimed, returned)]) and None)
    assert row(ma, sending).state == "delivered"


def test_somebody_elses_report_ends_nothing_of_mine(ma: Phone) -> None:
    sent = notice(ma, "broadcast:1")
    stranger = ma.town.phone("路人")
    stranger.follows()
    reports(stranger)
    assert row(ma, sent).state == "submitted"
    with ma.town.reading() as session:
        assert session.scalars(select(EarlyReceipt.wechat_id)).all() == ["1709"]


CLAIMED = select(*(getattr(OutboxRow, name) for name in Claimed._fields))

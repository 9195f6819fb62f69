"""Steps that were left out (B25), and one phone that floods the house (B29): nothing happens that was not asked, confirmed
and within its budget, and no message of ours is spent on it.

Single budgets and orders are proved where they live (tests named b25 and b29 in wishes, appointments, hall, broadcasts, …).
"""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import func, select, text

from app import metrics
from models.appointments import Appointment
from models.booking_rules import MOST_WAITING
from models.identity import Identity
from models.matters import MOST_OPEN, Matter
from models.outbox import OutboxRow
from models.wishes import MOST_OWN, WAITING, Wish
from tests.neighbours import Phone, Town
from tests.security.bad_inputs.watched import watching

# What a message leaves of itself whatever it says: that it came, and where the talk stands.
TALK = {"inbox", "conversation", "identity", "person", "desk_line", "desk_talk", "audit_line"}
# Four digits that lead nowhere are counted as a guess, words that nobody understood are told to who writes the guides.
NOTED = {"checkin_guesses", "guide_miss"}
YES = (
    "1",
    "是",
    "好的",
    "对",
    "确认",
    "同意",
    "2",
    "9",
    "撤销",
    "上一步",
    "重来",
    "4821",
    "约好了",
    "算了",
    "0",
)


def test_b25_a_yes_to_no_question_does_nothing(inhabited: Town) -> None:
    ma = inhabited.phone("白玉兰")
    ma.says("你好")
    before = rows_of(inhabited)
    for word in YES:
        ma.says("菜单")
        ma.says(word)
    changed = {table for table, count in rows_of(inhabited).items() if count != before[table]}
    assert changed <= TALK | NOTED


def test_b25_a_yes_twice_or_too_early_does_it_once_or_not_at_all(inhabited: Town) -> None:
    """Digits run ahead of the questions; only what was read out and then confirmed is done."""
    ma = inhabited.phone("白玉兰")
    with watching(inhabited) as written:
        ma.says("预约服务")
        ma.says("1")
    assert "appointment" not in written, "a time was chosen, nothing was confirmed"
    for _ in range(12):
        ma.says("1")
    with inhabited.reading() as session:
        assert (
            session.scalar(select(func.count(Appointment.id)).where(mine(Appointment.person_id, ma))) or 0
        ) <= 1


def rows_of(town: Town) -> dict[str, int]:
    with town.reading() as session:
        names = session.scalars(
            text(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%\\_fts%' ESCAPE '\\'"
            )
        ).all()
        return {name: int(session.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0) for name in names}


def mine(column, phone: Phone):  # type: ignore[no-untyped-def]
    return column.in_(select(Identity.person_id).where(Identity.openid == phone.openid))


# ---- floods ------------------------------------------------------------------------------------------------------------------


A_THOUSAND = 1000  # messages of one phone
ASKS = (
    ("心愿", "想要第{}根拐杖", "1"),
    ("说事", "1", "第{}盏路灯坏了,晚上看不见", "就在大门口", "1", "1"),
    ("预约服务", "1", "1", "白玉兰", "1"),
)


@pytest.mark.parametrize("asks", ASKS, ids=["wishes", "matters", "visits"])
def test_b29_one_phone_that_asks_again_and_again_has_its_budget_and_no_more(
    inhabited: Town, asks: tuple[str, ...]
) -> None:
    phone, broken = inhabited.phone("白玉兰"), float(metrics.faults._value.get())
    phone.follows()
    for number in range(A_THOUSAND // (len(asks) + 1) + 1):
        answers = [phone.says(word.format(number)) for word in asks]
        assert all(answers), "whoever floods is answered quietly, in the same message"
        phone.says("算了")
    with inhabited.reading() as session:
        assert (
            session.scalar(_count(Wish, Wish.wisher_id, phone).where(Wish.state.in_(WAITING))) or 0
        ) <= MOST_OWN
        assert (session.scalar(_count(Matter, Matter.person_id, phone)) or 0) <= MOST_OPEN
        assert (session.scalar(_count(Appointment, Appointment.person_id, phone)) or 0) <= MOST_WAITING
        told = session.scalars(select(OutboxRow.kind).where(mine(OutboxRow.person_id, phone))).all()
    assert len(told) <= 2 * MOST_OPEN
    assert not [kind for kind in told if kind.startswith("_base.")], (
        "no answer of the bot costs a customer message"
    )
    assert float(metrics.faults._value.get()) == broken


def _count(model, owner, phone: Phone):  # type: ignore[no-untyped-def]
    return select(func.count(model.id)).where(mine(owner, phone))


def test_b29_who_comes_and_goes_fifty_times_is_one_person_and_costs_no_message(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("白玉兰")
    for _ in range(50):
        ma.follows()
        ma.unfollows()
    with sqlite_town.reading() as session:
        assert session.scalar(select(func.count(Identity.id))) == 1
        assert session.scalar(select(func.count(OutboxRow.id))) == 0


def test_b29_a_farm_of_new_accounts_costs_no_message_either(sqlite_town: Town) -> None:
    names = [f"新号{one}{two}" for one, two in itertools.product("甲乙丙丁戊己", "子丑寅卯辰巳")]
    for name in names:
        phone = sqlite_town.phone(name)
        assert phone.follows()
        assert phone.says("菜单")
    with sqlite_town.reading() as session:
        assert session.scalar(select(func.count(Identity.id))) == len(names)
        assert session.scalar(select(func.count(OutboxRow.id))) == 0

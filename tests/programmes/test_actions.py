"""Staff may change how a programme is presented, and nothing else about it."""

import pytest
from sqlalchemy.orm import Session

from handlers.programmes import actions
from models.identity import Actor
from models.programmes import Programme
from models.refusal import Refusal
from models.staff import StaffMember, member_by_login
from tests.neighbours import Town


@pytest.fixture
def town(sqlite_town: Town) -> Town:
    sqlite_town.seed("programmes")
    return sqlite_town


def wish(session: Session) -> Programme:
    found = actions.programme_with_code(session, "wish")
    assert found is not None
    return found


def clerk(session: Session) -> Actor:
    member = member_by_login(session, "wang") or StaffMember(login="wang", name="王干事")
    session.add(member)
    return Actor(session, staff=member, channel="console")


def test_staff_change_the_sentence_and_residents_read_it(town: Town) -> None:
    town.writing(lambda s: actions.describe(clerk(s), wish(s), sentence="新的一句话。"))
    assert "新的一句话。" in town.phone("路人").says("幸福心愿站")


def test_residents_change_nothing(town: Town) -> None:
    with pytest.raises(Refusal, match=r"programmes\.staff_only"):
        town.writing(lambda s: actions.describe(town.phone("路人").actor(s), wish(s), sentence="x"))


def test_nobody_lists_what_must_not_be_listed(town: Town) -> None:
    with pytest.raises(Refusal, match=r"programmes\.not_changeable"):
        town.writing(lambda s: actions.describe(clerk(s), wish(s), listed=True))

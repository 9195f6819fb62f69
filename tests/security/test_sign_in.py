"""The console's door under many hands (B19): slow on purpose for who knocks, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from handlers.staff import actions
from models.identity import Actor
from models.staff import member_by_login
from tests.neighbours import Town
from tests.staff.clerks import PASSWORD, clerk, hire

HERE = "10.0.0.1"


@contextmanager
def somebody_writes(town: Town) -> Iterator[None]:
    """The one write lock of SQLite is taken."""
    with town.site.database.engine.connect() as connection:
        connection.execute(text("UPDATE staff_member SET name = name"))
        yield
        connection.rollback()


def test_checking_a_password_needs_no_write_lock(sqlite_town: Town) -> None:
    """Fifty knocks a second held the lock all the time, and residents were told to come back later."""
    hire(sqlite_town, "desk", login="wang")
    with somebody_writes(sqlite_town), sqlite_town.reading() as session:
        knocks = [("wang", PASSWORD), ("wang", "不是这个密码"), ("nobody", PASSWORD)]
        told = [actions.knock(session, login, HERE, password) for login, password in knocks]
        assert [bool(who and who.fitting) for who in told] == [True, False, False]


def test_a_password_that_was_changed_between_check_and_entry_no_longer_opens(town: Town) -> None:
    wang = clerk(town, "desk", login="wang")
    with town.reading() as session:
        who = actions.knock(session, "wang", HERE, PASSWORD)
    new = "湟水河边的柳树绿了"
    assert wang.sends("/console/mine", old=PASSWORD, password=new, again=new).status_code == 302
    assert _enters(town, who) is False


def test_an_account_that_was_closed_between_check_and_entry_no_longer_opens(town: Town) -> None:
    hire(town, "desk", login="wang")
    with town.reading() as session:
        who = actions.knock(session, "wang", HERE, PASSWORD)
    assert _enters(town, who) is True

    def close(session) -> None:  # type: ignore[no-untyped-def]
        member = member_by_login(session, "wang")
        assert member is not None
        actions.deactivate(Actor(session, channel="job"), member)

    town.writing(close)
    assert _enters(town, who) is False


def _enters(town: Town, who: actions.Knock | None) -> bool:
    assert who is not None
    return town.writing(lambda s: actions.sign_in(Actor(s, channel="console"), who, "") is not None)

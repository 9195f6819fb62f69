"""Guessing (B19): what is wrong costs the house the same work whatever is wrong with it, so no clock tells names apart."""

from __future__ import annotations

import re
from typing import Any

import pytest

from handlers.staff import actions, passwords
from models.identity import Actor
from models.staff import member_by_login
from tests.neighbours import Town
from tests.staff.clerks import Clerk, hire

COST = re.compile(r"\$argon2id\$v=\d+\$([^$]+)\$")


class Counting:
    """Stands before the real hash and notes with which cost each try was checked."""

    def __init__(self, real: Any) -> None:
        self.real, self.costs = real, list[str]()

    def __call__(self, *args: Any, **more: Any) -> Any:
        return self.real(*args, **more)

    def verify_phc_encoded(self, password: bytes, stored: str) -> None:
        found = COST.match(stored)
        assert found is not None
        self.costs.append(found[1])
        self.real.verify_phc_encoded(password, stored)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch, shipped_cost: tuple[int, int]) -> Counting:
    monkeypatch.setattr(passwords, "PASSES", shipped_cost[0])
    monkeypatch.setattr(passwords, "KIBIBYTES", shipped_cost[1])
    made = Counting(passwords.Argon2id)
    monkeypatch.setattr(passwords, "Argon2id", made)
    return made


def test_b19_unknown_closed_locked_and_wrong_are_the_same_work(sqlite_town: Town, counting: Counting) -> None:
    hire(sqlite_town, "desk", login="wang")
    hire(sqlite_town, "desk", login="gone")
    hire(sqlite_town, "desk", login="locked")

    def close(session: Any) -> None:
        member = member_by_login(session, "gone")
        assert member is not None
        actions.deactivate(Actor(session, channel="job"), member)

    sqlite_town.writing(close)
    for _ in range(5):
        Clerk(sqlite_town, "locked").signs_in("不是这个密码")
    work, words = {}, set()
    for login in ("wang", "nobody", "gone", "locked", "root"):
        guesser = Clerk(sqlite_town, login)
        guesser.client.environ_base["REMOTE_ADDR"] = "10.9.9.9" if login != "locked" else "127.0.0.1"
        counting.costs.clear()
        assert guesser.signs_in("猜一个密码看看").status_code in (200, 403)
        work[login] = tuple(counting.costs)
        words.add(guesser.words.replace(login, ""))
    assert set(work.values()) == {(counting_cost(),)}, work
    assert len(words) == 1


def counting_cost() -> str:
    found = COST.match(passwords.NOBODY)
    assert found is not None
    return found[1]


def test_b20_there_is_no_account_before_the_first_link_was_used(sqlite_town: Town) -> None:
    for login in ("admin", "root", "xingfu", "管理员", "test"):
        for password in ("", "admin", "123456", "password", "xingfu", login):
            assert Clerk(sqlite_town, login).signs_in(password).status_code in (200, 403)

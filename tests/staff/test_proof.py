"""A fresh proof before what is sensitive: asked for after five minutes, counted like a sign-in, and back to the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Blueprint

from app import clock
from app.access import open_to
from app.channels.console_login import require_fresh_proof
from handlers.staff import passwords
from tests.neighbours import Town, frozen
from tests.staff.clerks import PASSWORD, Clerk, audited, clerk

AGAIN = "/console/again"
ELSEWHERE = ("//evil.example", "https:evil.example", "https://evil.example", "/console//evil.example", "/\\evil.example", "\\evil", "/console/\r\nX: y", "/console/ x", "/h5/", "javascript:alert(1)")  # fmt: skip


@pytest.fixture
def morning() -> Iterator[time_machine.Coordinates]:
    with frozen("2026-11-23 09:00") as time:
        yield time


@pytest.fixture
def wang(sqlite_town: Town, morning: time_machine.Coordinates) -> Clerk:
    """Signed in, and six minutes have passed."""
    gate = Blueprint("gate", __name__)

    @gate.route("/console/gate", methods=["GET", "POST"])
    @open_to("staff:any")
    def sensitive() -> object:
        return require_fresh_proof() or "sensitive"

    sqlite_town.app.register_blueprint(gate)
    made = clerk(sqlite_town, "desk", login="wang")
    assert made.opens("/console/gate").text == "sensitive"
    morning.shift(timedelta(minutes=6))
    return made


def test_after_five_minutes_a_password_is_asked_for_and_leads_back_to_the_page(wang: Clerk) -> None:
    asked = wang.opens("/console/gate?day=2026-11-23").headers["Location"]
    assert asked == f"{AGAIN}?back=/console/gate?day%3D2026-11-23"
    wang.opens(asked)
    assert "请再证明一次是您" in wang.words
    assert wang.sends(asked, password=PASSWORD).headers["Location"] == "/console/gate?day=2026-11-23"
    assert wang.opens("/console/gate").text == "sensitive"
    with wang.town.reading() as session:
        assert [line.actor[:6] for line in audited(session, "staff.prove")] == ["staff:"]


def test_a_form_that_met_the_question_leads_back_to_the_page_it_came_from(wang: Clerk) -> None:
    asked = wang.client.post("/console/gate", headers={"Referer": "http://localhost/console/mine"})
    assert asked.headers["Location"] == f"{AGAIN}?back=/console/mine"


def test_who_has_proved_it_lately_is_not_asked(wang: Clerk, morning: time_machine.Coordinates) -> None:
    wang.opens(AGAIN)
    wang.sends(AGAIN, password=PASSWORD)
    assert wang.opens(f"{AGAIN}?back=/console/mine").headers["Location"] == "/console/mine"


def test_b19_wrong_proofs_are_counted_with_wrong_sign_ins_and_lock_for_a_quarter_of_an_hour(
    wang: Clerk, morning: time_machine.Coordinates
) -> None:
    for _ in range(5):
        wang.opens(AGAIN)
        assert wang.sends(AGAIN, password="不是这个密码").status_code == 403
    assert "要等15分钟" in wang.words
    assert wang.sends(AGAIN, password=PASSWORD).status_code == 403
    assert Clerk(wang.town, "wang").signs_in().status_code == 403
    assert wang.opens("/console/gate").status_code == 302
    morning.shift(timedelta(minutes=16))
    assert wang.sends(AGAIN, password=PASSWORD).status_code == 302
    with wang.town.reading() as session:
        assert [line.facts["locked"] for line in audited(session, "staff.prove_failed")] == [False] * 4 + [
            True
        ]


def test_b19_for_an_address_that_is_shut_out_no_proof_is_hashed(
    wang: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at the sign-in: before, each try took argon2id's time."""
    for number in range(40):
        Clerk(wang.town, f"guess{number}").signs_in("春天的猜测")

    def is_hashed(*_: object) -> bool:
        raise AssertionError("hashed")

    monkeypatch.setattr(passwords, "is_password", is_hashed)
    assert wang.sends(AGAIN, password=PASSWORD).status_code == 403


def test_nothing_proves_nothing(wang: Clerk) -> None:
    wang.opens(AGAIN)
    assert wang.sends(AGAIN, password="", code="").status_code == 403
    assert wang.sends(AGAIN, password="", code="000000").status_code == 403


def test_b19_a_code_proves_it_once(wang: Clerk, morning: time_machine.Coordinates) -> None:
    wang.opens(AGAIN)
    wang.sends(AGAIN, password=PASSWORD)
    wang.opens("/console/second-factor")
    with wang.client.session_transaction() as cookie:
        secret = str(cookie["second factor"])
    wang.sends("/console/second-factor", code=_code(secret))
    morning.shift(timedelta(minutes=6))
    wang.opens(AGAIN)
    code = _code(secret)
    assert wang.sends(AGAIN, code=code).status_code == 302
    morning.shift(timedelta(minutes=6))
    assert wang.sends(AGAIN, code=code).status_code == 403


@pytest.mark.parametrize("back", ELSEWHERE)
def test_b22_the_way_back_of_a_proof_stays_in_the_console(wang: Clerk, back: str) -> None:
    wang.opens(AGAIN)
    data = {"csrf_token": wang.token(), "password": PASSWORD}
    answer = wang.client.post(AGAIN, query_string={"back": back}, data=data)
    assert answer.headers["Location"] == "/console/"


def test_a_stranger_is_sent_to_the_sign_in(sqlite_town: Town) -> None:
    stranger = Clerk(sqlite_town, "nobody")
    assert stranger.opens(AGAIN).headers["Location"].startswith("/console/sign-in")


def _code(secret: str) -> str:
    return passwords.code_of(secret, int(clock.now().timestamp()) // 30)

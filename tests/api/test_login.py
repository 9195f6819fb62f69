"""Logging in: a code of WeChat's becomes our own token, and nothing of WeChat's comes out again."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.api_session import ApiSession, hashed
from models.identity import Identity, Person, find_identity
from tests.api.minis import V1, Mini, problem
from tests.neighbours import Town, frozen
from tests.sandbox.platform_process import RunningPlatform


def test_a_code_of_wechat_becomes_a_token_of_ours(town: Town, platform: RunningPlatform) -> None:
    neighbour = Mini(town, platform, "白玉兰").logs_in()
    assert neighbour.get("/me").json["joined"] is False
    with town.reading() as session:
        kept = session.scalars(select(ApiSession)).one()
        assert kept.token_hash == hashed(neighbour.token)
        assert len(neighbour.token) >= 43


def test_b23_the_session_key_is_sealed_and_never_leaves(
    town: Town, platform: RunningPlatform, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    neighbour = Mini(town, platform, "白玉兰")
    answer = neighbour.client.post(f"{V1}/login", json={"app": "main", "code": neighbour.code()})
    with town.reading() as session:
        row = session.scalars(select(ApiSession)).one()
        key, openid = row.session_key, session.get_one(Identity, row.identity_id).openid
        raw = session.connection().exec_driver_sql("SELECT session_key FROM api_session").scalar_one()
    out, err = capfd.readouterr()
    assert key
    assert key.encode() not in bytes(raw)
    for said in (answer.text, caplog.text, out, err):
        assert key not in said
        assert openid not in said
        assert answer.json["token"] not in said or said is answer.text


def test_b23_a_code_works_once(town: Town, platform: RunningPlatform) -> None:
    neighbour = Mini(town, platform, "白玉兰")
    code = {"app": "main", "code": neighbour.code()}
    assert neighbour.client.post(f"{V1}/login", json=code).status_code == 200
    problem(neighbour.client.post(f"{V1}/login", json=code), 401, "login_refused")
    problem(neighbour.client.post(f"{V1}/login", json=code | {"code": "made-up"}), 401, "login_refused")


def test_b23_an_unknown_mini_program_is_not_there(town: Town) -> None:
    problem(town.client.post(f"{V1}/login", json={"app": "other", "code": "x"}), 404, "not_found")


def test_wechat_being_away_is_said_as_it_is(town: Town, platform: RunningPlatform) -> None:
    neighbour = Mini(town, platform, "白玉兰")
    code = neighbour.code()
    for fault in ({"html": True}, {"http_500": True}, {"busy": True}, {"errcode": 40013}):
        platform.control("PUT", "/faults", paths="/sns/", **fault)
        answer = neighbour.client.post(f"{V1}/login", json={"app": "main", "code": code})
        platform.control("POST", "/faults/reset")
        problem(answer, 503, "wechat_away")
        assert answer.headers["Retry-After"]
    platform.control("PUT", "/faults", paths="/sns/", errcode=40226)
    answer = neighbour.client.post(f"{V1}/login", json={"app": "main", "code": code})
    platform.control("POST", "/faults/reset")
    problem(answer, 403, "login_blocked")


def test_two_logins_are_one_person_and_one_identity(town: Town, platform: RunningPlatform) -> None:
    neighbour = Mini(town, platform, "白玉兰").logs_in()
    first = neighbour.token
    neighbour.logs_in()
    assert neighbour.token != first
    for token in (first, neighbour.token):
        neighbour.token = token
        assert neighbour.get("/me").status_code == 200
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_the_sixth_device_ends_the_login_that_was_idle_longest(town: Town, platform: RunningPlatform) -> None:
    neighbour = Mini(town, platform, "白玉兰")
    tokens = [neighbour.logs_in().token for _ in range(6)]
    alive = []
    for token in tokens:
        neighbour.token = token
        alive.append(neighbour.get("/me").status_code)
    assert alive == [401, 200, 200, 200, 200, 200]


def test_the_unionid_makes_chat_and_mini_program_one_person(town: Town, platform: RunningPlatform) -> None:
    neighbour = Mini(town, platform, "白玉兰")
    unionid = _unionid(neighbour)
    chat = town.phone("白玉兰")
    chat.says("你好")

    def note(session) -> None:  # type: ignore[no-untyped-def]
        chat.person(session).unionid = unionid

    town.writing(note)
    neighbour.logs_in()
    with town.reading() as session:
        assert neighbour.person(session).id == chat.person(session).id
    assert neighbour.get("/me").status_code == 200


def _unionid(neighbour: Mini) -> str:
    platform = neighbour.platform
    query = {"appid": "wx7b60e2c4a91d5f38", "secret": "m" * 32, "js_code": neighbour.code()}
    query["grant_type"] = "authorization_code"
    return str(platform.http.get(f"{platform.url}/sns/jscode2session", params=query).json()["unionid"])


@pytest.mark.parametrize(
    ("later", "status"), [("2026-11-29 09:00", 200), ("2026-12-01 09:00", 401), ("2027-01-30 09:00", 401)]
)
def test_a_token_ends_after_seven_idle_days(
    town: Town, platform: RunningPlatform, later: str, status: int
) -> None:
    with frozen("2026-11-23 09:00"):
        neighbour = Mini(town, platform, "白玉兰").logs_in()
    with frozen(later):
        assert neighbour.get("/me").status_code == status


def test_a_token_in_use_lives_thirty_days_and_no_longer(town: Town, platform: RunningPlatform) -> None:
    with frozen("2026-11-01 09:00") as moved:
        neighbour = Mini(town, platform, "白玉兰").logs_in()
        for day in range(1, 30):
            moved.shift(timedelta(days=1))
            assert neighbour.get("/me").status_code == 200, day
        moved.shift(timedelta(days=1))
        problem(neighbour.get("/me"), 401, "sign_in")


@pytest.mark.parametrize(
    "said", ["", "Bearer", "Bearer ", "Bearer nothing", "Basic bmFtZTpwYXNz", "Bearer é", "bearer\x00"]
)
def test_b23_anything_else_is_nobody(town: Town, said: str) -> None:
    answer = town.client.get(f"{V1}/me", headers={"Authorization": said.encode("utf-8").decode("latin-1")})
    problem(answer, 401, "sign_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_logging_out_ends_this_login_only(town: Town, platform: RunningPlatform) -> None:
    neighbour = Mini(town, platform, "白玉兰").logs_in()
    other = neighbour.token
    neighbour.logs_in()
    assert neighbour.post("/logout").json == {"done": True}
    problem(neighbour.get("/me"), 401, "sign_in")
    neighbour.token = other
    assert neighbour.get("/me").status_code == 200


def test_the_phone_button_fills_in_the_form_before_and_the_record_after_joining(
    town: Town, platform: RunningPlatform
) -> None:
    neighbour = Mini(town, platform, "白玉兰").logs_in()
    before = neighbour.post("/me/phone", code=neighbour.code("phone"))
    assert before.json["kept"] is False
    assert before.json["phone"].startswith("1990971")
    assert neighbour.get("/me").json["phone"] is None
    neighbour.joins("13900000009")
    after = neighbour.post("/me/phone", code=neighbour.code("phone"))
    assert after.json == {"phone": before.json["phone"], "kept": True}
    assert neighbour.get("/me").json["phone"] == before.json["phone"]


def test_a_phone_code_that_is_used_up_is_refused_and_the_same_call_is_answered_again(
    town: Town, platform: RunningPlatform
) -> None:
    neighbour = Mini(town, platform, "白玉兰").logs_in()
    code = neighbour.code("phone")
    first = neighbour.post("/me/phone", key="p1", code=code)
    again = neighbour.post("/me/phone", key="p1", code=code)
    assert (first.data, again.headers["Idempotent-Replayed"]) == (again.data, "true")
    problem(neighbour.post("/me/phone", key="p2", code=code), 409, "phone_refused")
    assert neighbour.post("/me/phone", key="p2", code=neighbour.code("phone")).status_code == 200


def test_the_chat_identity_is_not_touched_by_a_stranger_with_the_same_name(
    town: Town, platform: RunningPlatform
) -> None:
    town.phone("白玉兰").says("你好")
    platform.control("PUT", "/settings", unionid=False)
    neighbour = Mini(town, platform, "白玉兰").logs_in()
    platform.control("PUT", "/settings", unionid=True)
    with town.reading() as session:
        chat = find_identity(session, "oa:main", town.phone("白玉兰").openid)
        assert chat is not None
        assert chat.person_id != neighbour.person(session).id

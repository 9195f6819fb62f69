"""What a stranger, a broken client or a thief of one push sends to the webhook: B01–B06, B31 and B32 through the door.

The parser and the seal are tried alone in tests/wechat; here the whole house answers, and neither the row nor the log holds
what was sent.
"""

from __future__ import annotations

import hmac
import random
import re
import secrets
import time
from base64 import b64encode
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import clock
from app.logs import start_logs
from app.wechat.codec import Key, signature
from models.identity import Actor
from models.inbox import InboxRow
from scheduler.housekeeping import forget_old_pushes
from tests.neighbours import Phone, Town, frozen
from tests.wechat.test_bad_pushes import BAD

CANARY = "CANARY-8264"
XML_MARK = f"<xml><Z>{CANARY}</Z>".encode()
JSON_MARK = f'{{"Z":"{CANARY}","'.encode()
FORM = "application/x-www-form-urlencoded"
FIVE_MB = 5 * 1024 * 1024
HALF_OF_50_MS = 0.025
QUICK = 0.5  # seconds of processor time for the whole answer; 50 ms on a machine of one's own


@pytest.fixture
def ma(sqlite_town: Town) -> Phone:
    return sqlite_town.phone("马秀兰")


def post(ma: Phone, body: bytes, **query: str) -> TestResponse:
    return ma.town.client.post(f"/wx/{ma.account}", query_string=query, data=body)


def envelope(ma: Phone, ciphertext: str) -> tuple[dict[str, str], bytes]:
    """A signed push around a ciphertext, as only somebody with the token can make it."""
    stamp, nonce = str(int(clock.now().timestamp())), secrets.token_hex(5)
    proof = signature(ma.token, stamp, nonce, ciphertext)
    query = {"timestamp": stamp, "nonce": nonce, "encrypt_type": "aes", "msg_signature": proof}
    return query, f"<xml><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>".encode()


def sealed(ma: Phone, message: bytes) -> tuple[dict[str, str], bytes]:
    account = ma.town.site.settings.account(ma.account)
    return envelope(
        ma, Key(ma.town.site.settings.secrets.of(ma.account).aes_key, account.appid).seal(message)
    )


def text_push(ma: Phone, words: str, message_id: int = 77) -> tuple[dict[str, str], bytes]:
    return sealed(ma, ma.xml("text", f"<Content>{words}</Content><MsgId>{message_id}</MsgId>").encode())


def heard(town: Town) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count()).select_from(InboxRow)) or 0


def refused(answer: TestResponse, status: int, heard_of: Town) -> None:
    assert answer.status_code == status, answer.text
    assert len(answer.text) < 200
    assert heard(heard_of) == 0


# ---- bodies -------------------------------------------------------------------------------------------------------------


def test_b01_b02_b32_every_bad_body_is_400_at_the_door_and_is_not_logged(
    ma: Phone, capsys: pytest.CaptureFixture[str]
) -> None:
    """Signed and sealed as WeChat would, and in clear as a stranger would."""
    start_logs(ma.town.site.settings)  # to where this test listens
    took = []
    for name, raw in BAD.items():
        if len(raw) > 40_000:
            continue  # larger ones are 413, below
        marked = raw.replace(b"<xml>", XML_MARK, 1).replace(b'{"', JSON_MARK, 1)
        started = time.process_time()
        query, body = sealed(ma, marked)
        answer = post(ma, body, **query)
        took.append(time.process_time() - started)
        assert took[-1] < QUICK, name
        assert answer.status_code == 400, (name, answer.text)
        assert post(ma, marked, **query).status_code in (400, 403), name
    assert median(took) < HALF_OF_50_MS
    assert heard(ma.town) == 0
    said = capsys.readouterr()
    assert "push_refused" in said.out
    assert CANARY not in said.out + said.err
    assert "Traceback" not in said.out + said.err


def test_b02_a_body_is_refused_whatever_it_calls_itself(ma: Phone) -> None:
    query, body = sealed(ma, b"<xml/>")
    for kind in ("application/json", "text/plain", "multipart/form-data", "x/\x01", ""):
        answer = ma.town.client.post(
            f"/wx/{ma.account}", query_string=query, data=body, headers={"Content-Type": kind}
        )
        refused(answer, 400, ma.town)


def test_b03_three_hundred_signed_garbage_ciphertexts_are_one_refusal_at_the_door(
    ma: Phone, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three thousand are tried at the seal (tests/wechat/test_sealing.py)."""
    start_logs(ma.town.site.settings)
    dice, answers = random.Random(3), set()
    for _ in range(300):
        query, body = envelope(ma, b64encode(dice.randbytes(dice.randrange(0, 200))).decode())
        answer = post(ma, body, **query)
        answers.add((answer.status_code, answer.text))
    assert answers <= {
        (400, "the ciphertext cannot be opened"),
        (403, "the push is sealed for another appid"),
        (403, "a plain body, but this account takes sealed ones only"),
    }
    assert (400, "the ciphertext cannot be opened") in answers
    assert heard(ma.town) == 0
    said = capsys.readouterr().out
    assert "push_refused" in said
    assert "Traceback" not in said


# ---- sizes --------------------------------------------------------------------------------------------------------------


def test_b04_five_megabytes_to_the_webhook_are_413(ma: Phone) -> None:
    query, _ = sealed(ma, b"x")
    for path in (f"/wx/{ma.account}", "/mini/main"):
        answer = ma.town.client.post(path, query_string=query, data=b"<xml>" + b"a" * FIVE_MB)
        refused(answer, 413, ma.town)


def test_b04_a_hundred_thousand_tags_are_413_and_what_fits_is_400(ma: Phone) -> None:
    for count, status in ((100_000, 413), (6_000, 400)):
        query, body = sealed(ma, b"<xml>" + b"<a>" * count + b"</a>" * count + b"</xml>")
        started = time.process_time()
        refused(post(ma, body, **query), status, ma.town)
        assert time.process_time() - started < QUICK


@pytest.mark.parametrize("path", ["/console/sign-in", "/h5/letters", "/api/v1/login", "/nowhere"])
def test_b04_more_than_ten_megabytes_go_nowhere(sqlite_town: Town, path: str) -> None:
    answer = sqlite_town.client.post(path, data=b"a=" + b"x" * 11 * 1024 * 1024, content_type=FORM)
    assert answer.status_code in (400, 403, 404, 405, 413, 415), path
    assert sqlite_town.app.config["MAX_CONTENT_LENGTH"] == 10 * 1024 * 1024


# ---- signatures ---------------------------------------------------------------------------------------------------------


def test_b05_without_the_right_signature_nothing_is_heard(ma: Phone) -> None:
    query, body = text_push(ma, "菜单")
    token_only = {"token": ma.token}
    _, _, ciphertext = body.decode().rpartition("CDATA[")
    elsewhere = signature("other", query["timestamp"], query["nonce"], ciphertext.partition("]")[0])
    plain = {**query, "signature": signature(ma.token, query["timestamp"], query["nonce"])}
    del plain["msg_signature"], plain["encrypt_type"]
    clear = ma.xml("text", "<Content>菜单</Content><MsgId>1</MsgId>").encode()
    tries = {
        "none": ({}, body),
        "wrong": ({**query, "msg_signature": "0" * 40}, body),
        "empty": ({**query, "msg_signature": ""}, body),
        "not ASCII": ({**query, "msg_signature": "é" * 40}, body),
        "upper case": ({**query, "msg_signature": query["msg_signature"].upper()}, body),
        "the token in the query": (token_only, body),
        "signed with another token": ({**query, "msg_signature": elsewhere}, body),
        "encrypt_type removed": ({**query, "encrypt_type": ""}, body),
        "plain signature, sealed body": (plain, body),
        "plain signature, plain body": (plain, clear),
        "sealed signature, plain body": (query, clear),
    }
    for name, (args, sent) in tries.items():
        answer = post(ma, sent, **args)
        assert answer.status_code == 403, name
    assert heard(ma.town) == 0
    assert post(ma, body, **query).status_code == 200


def test_b05_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch, ma: Phone) -> None:
    compared: list[Any] = []
    real = hmac.compare_digest

    def looking_on(one: Any, other: Any) -> bool:
        compared.append(one)
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", looking_on)
    query, body = text_push(ma, "菜单")
    assert post(ma, body, **query | {"msg_signature": "0" * 40}).status_code == 403
    assert compared


# ---- replays ------------------------------------------------------------------------------------------------------------


def test_b06_a_stolen_push_is_worth_nothing_after_ten_minutes_nor_with_another_body(ma: Phone) -> None:
    with frozen("2026-11-23 09:00") as time_is:
        query, body = text_push(ma, "菜单")
        first = post(ma, body, **query)
        assert first.status_code == 200
        _, other = text_push(ma, "我要注销", message_id=78)
        assert post(ma, other, **query).status_code == 403
        time_is.shift(timedelta(minutes=9))
        assert post(ma, body, **query).status_code == 200
        assert heard(ma.town) == 1, "a repeat is answered and not done again"
        time_is.shift(timedelta(minutes=2))
        assert post(ma, body, **query).status_code == 403
        time_is.shift(timedelta(minutes=-22))
        assert post(ma, body, **query).status_code == 403, "of the future"
    assert heard(ma.town) == 1


def test_b06_the_same_message_is_known_for_seven_days_in_whatever_envelope(ma: Phone) -> None:
    """Who has the keys and repeats a message in a new envelope gets the first answer and no second effect."""
    with frozen("2026-11-23 09:00") as time_is:
        first = ma.says("菜单", message_id=5)
        time_is.shift(timedelta(days=6, hours=23))
        ma.town.writing(lambda s: forget_old_pushes(Actor(s, channel="job")))
        assert ma.says("菜单", message_id=5) == first
        assert heard(ma.town) == 1


# ---- long texts -----------------------------------------------------------------------------------------------------------


LONG = {
    "digits": "1" * 50_000,
    "dates": "2026年11月" * 6_000,
    "open brackets": "(" * 50_000,
    "spaces": " " * 50_000,
    "nearly an identity number": "63010219900307" * 3_500,
    "one Chinese sign": "我" * 16_000,
    "stretches": "9:00-" * 10_000,
}


@pytest.mark.parametrize("words", LONG.values(), ids=LONG.keys())
def test_b31_fifty_thousand_signs_are_answered_like_any_other_message(ma: Phone, words: str) -> None:
    ma.says("你好")
    started = time.process_time()
    query, body = text_push(ma, words)
    answer = post(ma, body, **query)
    assert time.process_time() - started < QUICK
    assert answer.status_code in (200, 413)
    with ma.town.reading() as session:
        assert not re.search(r"\d{15}", str(session.scalars(select(InboxRow.answer)).all()))

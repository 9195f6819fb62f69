"""F13, F14: whatever is not WeChat's answer is a failure, in time, and no text of it holds a secret or a person."""

import io
import logging
import socket
import time
import traceback

import pytest
from structlog.testing import capture_logs

from app.wechat import wire
from app.wechat.client import AppFacts, WeChat
from app.wechat.errors import NotWeChat, WeChatError
from app.wechat.wire import Wire
from tests.wechat.conftest import APPID, SECRET
from tests.wechat.stand_in import OK, Said, refused, said

OPENID = "oABCD1234567890abcdefghijklm"
SEND = "/cgi-bin/message/custom/send"
PRIVATE = (OPENID, SECRET, "T1", "秘密的话", "secret=", "access_token=T")


def failure(wechat):
    with pytest.raises(NotWeChat) as fault:
        wechat.messages.text(OPENID, "秘密的话")
    return fault.value


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Said(b"<html>502</html>", content_type="text/html"), "not JSON"),
        (Said(b"<html>captive portal</html>"), "not JSON"),
        (Said(b""), "not JSON"),
        (Said(b"[]"), "not a JSON object"),
        (Said(b'"ok"'), "not a JSON object"),
        (Said(b'{"errcode":0,'), "not JSON"),
        (Said(b"\xff\xfe{"), "not JSON"),
        (Said(b'{"errcode":"none"}'), "errcode"),
        (Said(b'{"errcode":[1]}'), "errcode"),
        (Said(b"{}", 500), "HTTP 500"),
        (Said(b'{"errcode":0}', 502), "HTTP 502"),
        (Said(b"{}", 302, location="http://127.0.0.1:1/"), "HTTP 302"),
        (Said(b'{"errcode":0,"errmsg":"ok"}', length=500), "cut short"),
        (Said(b"[" * 200_000), "not JSON"),
    ],
)
def test_f14_what_is_no_answer_of_wechat_never_counts_as_sent(wechat, platform, answer, reason):
    platform.answers[SEND] = answer
    fault = failure(wechat)
    assert reason in str(fault)
    assert fault.maybe_done
    assert fault.handling == "passing"
    assert len(platform.of(SEND)) == 1


def test_f14_an_error_code_sent_as_text_is_an_error_code(wechat, platform):
    platform.answers[SEND] = said(errcode="45015", errmsg="response out of time limit")
    with pytest.raises(WeChatError) as fault:
        wechat.messages.text(OPENID, "x")
    assert (fault.value.errcode, fault.value.handling) == (45015, "window")


def test_b21_redirects_are_not_followed(wechat, platform):
    platform.answers[SEND] = Said(b"", 307, location=f"{platform.url}/elsewhere")
    failure(wechat)
    assert not platform.of("/elsewhere")


def test_f13_a_slow_platform_ends_in_a_timeout(wechat, platform, monkeypatch):
    monkeypatch.setattr(wire, "READ_SECONDS", 0.3)
    wechat.call.token.get()
    platform.answers[SEND] = Said(OK.body, wait=5)
    started = time.monotonic()
    assert failure(wechat).maybe_done
    assert time.monotonic() - started < 2


def test_f13_a_dripping_body_ends_too(wechat, platform, monkeypatch):
    monkeypatch.setattr(wire, "LONGEST_SECONDS", 0.4)
    platform.answers[SEND] = Said(b" " * 500 + OK.body, drip=0.05)
    started = time.monotonic()
    assert "too long" in str(failure(wechat))
    assert time.monotonic() - started < 3


def test_f13_an_endless_body_ends(wechat, platform, monkeypatch):
    monkeypatch.setattr(wire, "LARGEST_ANSWER", 100_000)
    platform.answers[SEND] = Said(b" " * 300_000)
    assert "too large" in str(failure(wechat))


def test_f13_the_timeouts_are_three_and_eight_seconds():
    assert (wire.CONNECT_SECONDS, wire.READ_SECONDS) == (3.0, 8.0)


def test_f12_a_connection_that_never_came_about_may_be_repeated():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    wechat = WeChat(AppFacts("main", APPID, SECRET, address, capabilities=frozenset({"kf"})))
    assert not failure(wechat).maybe_done


def test_f12_a_host_without_a_name_is_a_failure_not_a_crash():
    wechat = WeChat(AppFacts("main", APPID, SECRET, "http://nobody.invalid", capabilities=frozenset({"kf"})))
    assert not failure(wechat).maybe_done


@pytest.mark.parametrize("path", ["@evil.example/x", "//evil.example/x", "cgi-bin", ":1@evil.example/", ""])
def test_b21_no_path_leads_to_another_host(path):
    with pytest.raises(ValueError):
        Wire("main", "https://api.weixin.qq.com").address(path)


@pytest.mark.parametrize("base", ["file:///etc", "ftp://x", "https://", "api.weixin.qq.com", "https://a@b"])
def test_b21_only_http_addresses_can_be_configured(base):
    with pytest.raises(ValueError):
        Wire("main", base)


def test_chinese_goes_out_as_itself_not_as_escapes(wechat, platform):
    wechat.messages.text(OPENID, "您好😀")
    asked = platform.of(SEND)[0]
    assert "您好😀".encode() in asked.body
    assert b"\\u" not in asked.body
    assert asked.content_type == "application/json; charset=utf-8"


def test_a_lone_surrogate_does_not_stop_a_message(wechat, platform):
    wechat.messages.text(OPENID, "您\ud800好")
    assert platform.of(SEND)[0].json["text"]["content"] == "您好"


def test_connections_are_kept(wechat, platform):
    for _ in range(5):
        wechat.messages.text(OPENID, "x")
    assert len({asked.peer for asked in platform.asked}) == 1


def test_a_second_try_sends_the_file_whole(wechat, platform, redis):
    wechat.call.token.get()
    redis.delete("wechat:token:wx1234567890abcdef:fresh")  # a minute later
    platform.answers["/cgi-bin/media/upload"] = [refused(40001), said(media_id="m1", type="image")]
    picture = bytes(range(256)) * 50
    assert wechat.media.upload("image", io.BytesIO(picture), "p.jpg") == "m1"
    first, second = platform.of("/cgi-bin/media/upload")
    assert picture in first.body
    assert picture in second.body


def everything_said(fault: BaseException) -> str:
    chain = [fault]
    while chain[-1].__context__ or chain[-1].__cause__:
        chain.append(chain[-1].__cause__ or chain[-1].__context__)
    return "".join(f"{link!r}{link}{link.args}" for link in chain) + "".join(
        traceback.format_exception(fault)
    )


@pytest.mark.parametrize(
    "answer",
    [
        refused(45015, f"out of time limit {OPENID} access_token=T1 rid: 6aac005a-01bfdbee-79769285"),
        Said(b"<html>"),
        Said(b"{}", 503),
        Said(b"{", length=99),
        Said(OK.body, wait=2),
    ],
)
def test_no_secret_and_no_person_in_errors_and_logs(wechat, platform, monkeypatch, caplog, answer):
    monkeypatch.setattr(wire, "READ_SECONDS", 0.3)
    caplog.set_level(logging.DEBUG)
    wechat.call.token.get()
    platform.answers[SEND] = answer
    with capture_logs() as lines, pytest.raises((WeChatError, NotWeChat)) as fault:
        wechat.messages.text(OPENID, "秘密的话")
    said_in_all = everything_said(fault.value).replace('秘密的话")', "") + repr(lines) + caplog.text
    for private in PRIVATE:
        assert private not in said_in_all.replace('wechat.messages.text(OPENID, "秘密的话")', "")
    assert lines[0]["path"] == SEND


def test_a_failed_token_fetch_does_not_show_the_secret(caplog):
    caplog.set_level(logging.DEBUG)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    wechat = WeChat(AppFacts("main", APPID, SECRET, address, address, address, frozenset({"oauth", "mini"})))
    for ask in (wechat.users.count, lambda: wechat.oauth.exchange("c0de"), lambda: wechat.mini.login("c0de")):
        with pytest.raises((NotWeChat, WeChatError)) as fault:
            ask()
        assert SECRET not in everything_said(fault.value)
        assert "c0de" not in str(fault.value)
    assert SECRET not in caplog.text + repr(wechat.app) + repr(wechat.mini)


def test_failed_calls_are_logged_with_the_request_id(wechat, platform):
    platform.answers[SEND] = refused(45015, "out of limit rid: 6aac005a-01bfdbee-79769285")
    with capture_logs() as lines, pytest.raises(WeChatError):
        wechat.messages.text(OPENID, "x")
    line = lines[0]
    assert (line["event"], line["app"], line["path"]) == ("wechat_call_failed", "main", SEND)
    assert (line["rid"], line["handling"]) == ("6aac005a-01bfdbee-79769285", "window")

"""The platform's limits hold: tokens, windows, templates, grants, codes, capabilities."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from tests.sandbox.platform_fixtures import *  # noqa: F403
from tests.sandbox.platform_process import RunningPlatform

APP = {"appid": "wx0000000000000001", "secret": "s" * 32}
HOUR = 3600


def say(platform: RunningPlatform, who: str, text: str = "好") -> Any:
    body = {"touser": platform.openid(who), "msgtype": "text", "text": {"content": text}}
    return platform.call(platform.token(), "/cgi-bin/message/custom/send", body)


def classic(platform: RunningPlatform, **changes: str) -> Any:
    query = {"grant_type": "client_credential", **APP, **changes}
    return platform.http.get(f"{platform.url}/cgi-bin/token", params=query).json()


def ip_list(platform: RunningPlatform, token: str) -> Any:
    return platform.call(token, "/cgi-bin/getcallbackip").get("errcode", 0)


def test_an_error_has_status_200_a_text_and_a_dated_rid(platform: RunningPlatform) -> None:
    answer = platform.http.get(f"{platform.url}/cgi-bin/token", params={"appid": "wx9"})
    assert (answer.status_code, answer.json()["errcode"]) == (200, 40013)
    rid = re.fullmatch(r"invalid appid rid: ([0-9a-f]{8})-[0-9a-f]{8}-[0-9a-f]{8}", answer.json()["errmsg"])
    assert rid is not None
    assert abs(int(rid[1], 16) - platform.control("GET", "/clock")["now"]) < 5


def test_wrong_secrets_and_grant_types_are_told_apart(platform: RunningPlatform) -> None:
    assert classic(platform, secret="x")["errcode"] == 40125
    assert classic(platform, secret="")["errcode"] == 41004
    assert classic(platform, grant_type="x")["errcode"] == 40002


def test_a_new_classic_token_ends_the_old_one_after_five_minutes(platform: RunningPlatform) -> None:
    old, new = classic(platform)["access_token"], classic(platform)["access_token"]
    assert (ip_list(platform, old), ip_list(platform, new)) == (0, 0)
    platform.control("POST", "/clock/shift", seconds=301)
    assert (ip_list(platform, old), ip_list(platform, new)) == (40001, 0)
    platform.control("POST", "/clock/shift", seconds=7200)
    assert ip_list(platform, new) == 42001
    assert (ip_list(platform, ""), ip_list(platform, "nonsense")) == (41001, 40001)


def test_a_stable_token_stays_until_five_minutes_before_its_end(platform: RunningPlatform) -> None:
    platform.control("POST", "/clock/shift", seconds=7200)
    body = {"grant_type": "client_credential", **APP}

    def fetch(**more: Any) -> Any:
        return platform.http.post(f"{platform.url}/cgi-bin/stable_token", json={**body, **more}).json()

    first = fetch()
    platform.control("POST", "/clock/shift", seconds=6800)
    second = fetch()
    assert first["access_token"] == second["access_token"]
    assert 300 < second["expires_in"] <= 400
    platform.control("POST", "/clock/shift", seconds=200)
    third = fetch()
    assert third["access_token"] != first["access_token"]
    assert ip_list(platform, first["access_token"]) == 0
    forced = fetch(force_refresh=True)
    assert (ip_list(platform, third["access_token"]), ip_list(platform, forced["access_token"])) == (40001, 0)
    assert fetch(force_refresh=True)["errcode"] == 45011


def test_all_tokens_can_be_expired_at_once(platform: RunningPlatform) -> None:
    token = platform.token()
    platform.control("POST", "/tokens/expire")
    assert ip_list(platform, token) == 42001


def test_five_messages_in_48_hours_follow_a_word_and_none_after(
    platform: RunningPlatform, follower: str
) -> None:
    platform.control("POST", "/clock/shift", seconds=61)
    platform.phone(follower, "send", kind="text", text="在吗")
    assert [say(platform, follower)["errcode"] for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    platform.phone(follower, "send", kind="text", text="在吗")
    assert say(platform, follower)["errcode"] == 0
    platform.control("POST", "/clock/shift", seconds=48 * HOUR + 1)
    refused = say(platform, follower)
    assert refused["errcode"] == 45015
    assert refused["errmsg"].startswith("response out of time limit or subscription is canceled rid: ")


@pytest.mark.parametrize("act", [{"act": "follow"}, {"act": "click", "key": "K"}, {"act": "scan"}])
def test_three_messages_in_one_minute_follow_a_touch(
    platform: RunningPlatform, follower: str, act: Any
) -> None:
    platform.control("POST", "/clock/shift", seconds=61)
    if act["act"] == "follow":
        platform.phone(follower, "unfollow")
        platform.phone(follower, "follow")
    elif act["act"] == "scan":
        body = {"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 7}}}
        platform.phone(
            follower, "scan", content=platform.call(platform.token(), "/cgi-bin/qrcode/create", body)["url"]
        )
    else:
        platform.phone(follower, **act)
    assert [say(platform, follower)["errcode"] for _ in range(4)] == [0, 0, 0, 45047]
    platform.control("POST", "/clock/shift", seconds=61)
    assert say(platform, follower)["errcode"] == 45015


def test_looking_at_a_page_opens_no_window_and_leaving_closes_all(
    platform: RunningPlatform, follower: str
) -> None:
    platform.control("POST", "/clock/shift", seconds=61)
    platform.phone(follower, "view", url="http://127.0.0.1/")
    assert say(platform, follower)["errcode"] == 45015
    platform.phone(follower, "send", kind="text", text="在吗")
    platform.phone(follower, "unfollow")
    assert say(platform, follower)["errcode"] == 45015


def test_customer_service_bodies_are_checked(platform: RunningPlatform, follower: str) -> None:
    platform.phone(follower, "send", kind="text", text="在吗")
    who, token = platform.openid(follower), platform.token()

    def send(kind: str, content: Any, openid: str = who) -> int:
        body = {"touser": openid, "msgtype": kind, kind: content}
        return int(platform.call(token, "/cgi-bin/message/custom/send", body)["errcode"])

    article = {"title": "题", "description": "", "url": "http://127.0.0.1/", "picurl": ""}
    assert send("text", {"content": "字" * 683}) == 45002
    assert send("news", {"articles": [article, article]}) == 45008
    assert send("image", {"media_id": "nothing"}) == 40007
    assert (send("poem", {}), send("link", article)) == (40008, 40008)
    assert send("text", {"content": "x"}, "o" * 28) == 40003
    assert send("news", {"articles": [article]}) == 0
    menu = {"head_content": "满意吗", "list": [{"id": "101", "content": "满意"}], "tail_content": "谢谢"}
    assert send("msgmenu", menu) == 0
    assert platform.chat(follower)["bubbles"][-1]["options"] == menu["list"]


def test_typing_needs_a_recent_word(platform: RunningPlatform, follower: str) -> None:
    token = platform.token()

    def typing(command: str = "Typing") -> int:
        body = {"touser": platform.openid(follower), "command": command}
        return int(platform.call(token, "/cgi-bin/message/custom/typing", body)["errcode"])

    assert typing() == 45080
    platform.phone(follower, "send", kind="text", text="在吗")
    assert [typing(), typing(), typing("CancelTyping"), typing("Dance")] == [0, 45081, 0, 45072]


def test_a_code_without_a_life_dies_after_a_minute(platform: RunningPlatform, follower: str) -> None:
    body = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "in"}}}
    made = platform.call(platform.token(), "/cgi-bin/qrcode/create", body)
    assert made["expire_seconds"] == 60
    picture = f"{platform.url}/cgi-bin/showqrcode"
    assert platform.http.get(picture, params={"ticket": made["ticket"]}).content.startswith(b"\x89PNG")
    platform.control("POST", "/clock/shift", seconds=61)
    assert platform.phone(follower, "scan", content=made["url"]) == {"opened": "text", "text": "二维码已过期"}
    assert platform.http.get(picture, params={"ticket": made["ticket"]}).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"action_name": "QR_MAGIC"}, 40052),
        ({"action_name": "QR_SCENE", "action_info": {"scene": {"scene_id": 0}}}, 40053),
        ({"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x" * 65}}}, 40053),
        ({"action_name": "QR_LIMIT_SCENE", "action_info": {"scene": {"scene_id": 100001}}}, 40053),
    ],
)
def test_a_bad_scene_makes_no_code(platform: RunningPlatform, body: Any, code: int) -> None:
    assert platform.call(platform.token(), "/cgi-bin/qrcode/create", body)["errcode"] == code


CALLS: dict[str, tuple[str, Any]] = {
    "menu": ("/cgi-bin/menu/get", None),
    "kf": ("/cgi-bin/message/custom/send", {}),
    "users": ("/cgi-bin/user/get", None),
    "mass_tag": ("/cgi-bin/message/mass/sendall", {"x": 1}),
    "mass_openid": ("/cgi-bin/message/mass/send", {"x": 1}),
    "template": ("/cgi-bin/message/template/send", {"x": 1}),
    "bizsend": ("/cgi-bin/message/subscribe/bizsend", {"x": 1}),
    "qrcode": ("/cgi-bin/qrcode/create", {"x": 1}),
    "freepublish": ("/cgi-bin/freepublish/submit", {"x": 1}),
    "draft": ("/cgi-bin/draft/count", None),
    "jssdk": ("/cgi-bin/ticket/getticket?type=jsapi", None),
}
VERIFIED = {"menu", "kf", "users", "mass_tag", "bizsend", "freepublish", "draft", "jssdk"}


@pytest.mark.parametrize(
    ("kind", "verified", "allowed"),
    [
        ("subscription", False, {"draft", "jssdk"}),
        ("subscription", True, VERIFIED),
        ("service", False, {"draft", "jssdk"}),
        ("service", True, set(CALLS)),
    ],
)
def test_kind_and_verification_decide_what_is_allowed(
    platform: RunningPlatform, kind: str, verified: bool, allowed: set[str]
) -> None:
    platform.control("PUT", "/apps/main", kind=kind, verified=verified)
    token = platform.token()
    refused = {name for name, (path, body) in CALLS.items() if _code(platform, token, path, body) == 48001}
    assert set(CALLS) - refused == allowed


def _code(platform: RunningPlatform, token: str, path: str, body: Any) -> int:
    address, _, query = path.partition("?")
    more = dict(pair.split("=") for pair in query.split("&") if pair)
    return int(platform.call(token, address, body, **more).get("errcode", 0))


def test_methods_and_bodies_are_checked(platform: RunningPlatform) -> None:
    token, address = platform.token(), f"{platform.url}/cgi-bin/message/custom/send"
    query = {"access_token": token}
    assert platform.http.get(address, params=query).json()["errcode"] == 43002
    assert platform.http.post(f"{platform.url}/cgi-bin/user/get", params=query).json()["errcode"] == 43001
    assert platform.http.post(address, params=query).json()["errcode"] == 44002
    assert platform.http.post(address, params=query, data=b"{").json()["errcode"] == 47001
    assert platform.http.post(address, params=query, data=b"[]").json()["errcode"] == 47001


def test_a_daily_quota_ends_and_can_be_cleared_ten_times_a_month(platform: RunningPlatform) -> None:
    token = platform.token()
    codes = [
        platform.call(token, "/cgi-bin/message/mass/delete", {"msg_id": 1})["errcode"] for _ in range(11)
    ]
    assert codes == [40097] * 10 + [45009]
    asked = platform.call(token, "/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/message/mass/delete"})
    assert asked["quota"] == {"daily_limit": 10, "used": 11, "remain": 0}
    cleared = [
        platform.call(token, "/cgi-bin/clear_quota", {"appid": APP["appid"]})["errcode"] for _ in range(11)
    ]
    assert cleared == [0] * 10 + [48006]
    assert platform.call(token, "/cgi-bin/message/mass/delete", {"msg_id": 1})["errcode"] == 40097


def test_a_request_can_be_found_by_its_rid_without_secrets(platform: RunningPlatform) -> None:
    token = platform.token()
    rid = platform.call(token, "/cgi-bin/user/info", openid="x")["errmsg"].split("rid: ")[1]
    found = platform.call(token, "/cgi-bin/openapi/rid/get", {"rid": rid})["request"]
    assert '"errcode":40003' in found["response_body"]
    assert token not in str(platform.control("GET", "/calls", limit=500))
    assert APP["secret"] not in str(platform.control("GET", "/calls", limit=500))


FAULTS: list[tuple[dict[str, Any], int]] = [
    ({"busy": True}, -1),
    ({"bad_token": True}, 40001),
    ({"errcode": 45009}, 45009),
    ({"errcode": 48001, "paths": "/cgi-bin/getcallback"}, 48001),
]


@pytest.mark.parametrize(("fault", "code"), FAULTS)
def test_a_fault_hits_as_often_as_it_was_asked_to(platform: RunningPlatform, fault: Any, code: int) -> None:
    token = platform.token()
    platform.control("PUT", "/faults", **fault, times=2)
    assert [ip_list(platform, token) for _ in range(3)] == [code, code, 0]


def test_a_switch_of_another_kind_is_refused_and_changes_nothing(platform: RunningPlatform) -> None:
    for path, body in (
        ("/faults", {"times": "3"}),
        ("/faults", {"rain": True}),
        ("/settings", {"unionid": "yes"}),
    ):
        answer = platform.http.put(f"{platform.url}/control/api{path}", json=body)
        assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert platform.http.put(f"{platform.url}/control/api/clock", json={}).status_code == 400
    assert platform.control("GET", "/faults")["times"] is None


def test_html_500_and_slow_answers_can_be_switched_on(platform: RunningPlatform) -> None:
    address, query = f"{platform.url}/cgi-bin/getcallbackip", {"access_token": platform.token()}
    platform.control("PUT", "/faults", html=True)
    assert "text/html" in platform.http.get(address, params=query).headers["Content-Type"]
    platform.control("PUT", "/faults", html=False, http_500=True)
    assert platform.http.get(address, params=query).status_code == 502
    platform.control("PUT", "/faults", http_500=False, slow_seconds=0.3)
    begun = time.monotonic()
    platform.http.get(address, params=query)
    assert time.monotonic() - begun >= 0.3

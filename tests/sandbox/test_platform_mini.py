"""The mini-program's own calls: login, phone number, codes, content check, notices."""

from __future__ import annotations

import hashlib
import hmac
import io
from typing import Any

import zxingcpp
from PIL import Image

from tests.sandbox.platform_fixtures import *  # noqa: F403
from tests.sandbox.platform_process import RunningPlatform

HOUR = 3600


def mini_login(platform: RunningPlatform, who: str) -> Any:
    code = platform.http.post(f"{platform.url}/phone/api/{who}/mini/mini/login").json()["code"]
    query = {
        "appid": "wx0000000000000002",
        "secret": "m" * 32,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    answers = [platform.http.get(f"{platform.url}/sns/jscode2session", params=query).json() for _ in range(2)]
    assert answers[1]["errcode"] == 40163
    return answers[0]


def test_a_mini_program_login_opens_a_session(platform: RunningPlatform, follower: str) -> None:
    session = mini_login(platform, follower)
    assert session["openid"] != platform.openid(follower)
    signature = hmac.new(session["session_key"].encode(), b"", hashlib.sha256).hexdigest()
    query = {"openid": session["openid"], "signature": signature, "sig_method": "hmac_sha256"}
    assert platform.call(platform.mini_token(), "/wxa/checksession", **query)["errcode"] == 0
    mini_login(platform, follower)
    assert platform.call(platform.mini_token(), "/wxa/checksession", **query)["errcode"] == 87009


def test_account_and_mini_program_are_bound_by_the_unionid_only_if_switched_on(
    platform: RunningPlatform, follower: str
) -> None:
    info = platform.call(platform.token(), "/cgi-bin/user/info", openid=platform.openid(follower))
    assert mini_login(platform, follower)["unionid"] == info["unionid"]
    platform.control("PUT", "/settings", unionid=False)
    assert "unionid" not in mini_login(platform, follower)
    platform.control("PUT", "/settings", unionid=True)


def test_a_phone_code_is_single_use_and_gives_the_invented_number(
    platform: RunningPlatform, follower: str
) -> None:
    code = platform.http.post(f"{platform.url}/phone/api/{follower}/mini/mini/phone").json()["code"]
    path, body = "/wxa/business/getuserphonenumber", {"code": code}
    assert platform.call(platform.mini_token(), path, body)["phone_info"]["purePhoneNumber"].startswith(
        "1990971"
    )
    assert platform.call(platform.mini_token(), path, body)["errcode"] == 40163


def test_a_mini_program_code_carries_page_and_scene(platform: RunningPlatform) -> None:
    address, query = f"{platform.url}/wxa/getwxacodeunlimit", {"access_token": platform.mini_token()}
    answer = platform.http.post(address, params=query, json={"scene": "s=42", "page": "pages/in/index"})
    assert answer.headers["Content-Type"] == "image/png"
    text = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)))[0].text
    opened = platform.phone("qi-ming", "scan", content=text)
    assert opened == {"opened": "miniprogram", "app": "mini", "page": "pages/in/index", "scene": "s=42"}
    refused = [
        ({"scene": "字"}, 40129),
        ({"scene": "a", "page": "/x"}, 41030),
        ({"scene": "a", "width": 9}, 40097),
    ]
    for bad, code in refused:
        assert platform.http.post(address, params=query, json=bad).json()["errcode"] == code


def test_a_text_is_checked_for_who_was_there_within_two_hours(
    platform: RunningPlatform, follower: str
) -> None:
    openid = mini_login(platform, follower)["openid"]

    def check(content: str) -> Any:
        body = {"openid": openid, "scene": 2, "version": 2, "content": content}
        return platform.call(platform.mini_token(), "/wxa/msg_sec_check", body)

    assert check("想找人修水龙头")["result"] == {"suggest": "pass", "label": 100}
    assert check("代开发票请联系")["result"]["suggest"] == "risky"
    platform.control("POST", "/clock/shift", seconds=2 * HOUR + 1)
    assert check("你好")["errcode"] == 61010


def test_a_mini_program_notice_needs_its_own_grant(platform: RunningPlatform, follower: str) -> None:
    openid = mini_login(platform, follower)["openid"]
    body = {"touser": openid, "template_id": "TPL-ONCE", "data": {"thing1": {"value": "讲座"}}}
    path = "/cgi-bin/message/subscribe/send"
    assert platform.call(platform.mini_token(), path, body)["errcode"] == 43101
    platform.phone(follower, "popup", "mini", template_id="TPL-ONCE", answer="accept")
    assert platform.call(platform.mini_token(), path, {**body, "page": "/pages/x"})["errcode"] == 41030
    assert platform.call(platform.mini_token(), path, body)["errcode"] == 0
    mini = platform.mini_hook  # type: ignore[attr-defined]
    assert mini.wait_for("subscribe_msg_sent_event").message["List"]["TemplateId"] == "TPL-ONCE"
    assert platform.call(platform.token(), path, body)["errcode"] == 48001

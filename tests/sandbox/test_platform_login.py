"""Web login: the right host, the right person, once."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.platform_fixtures import *  # noqa: F403
from tests.sandbox.platform_process import RunningPlatform

APP = {"appid": "wx0000000000000001", "secret": "s" * 32}


def authorise(platform: RunningPlatform, **changes: str) -> Any:
    query = {
        "appid": APP["appid"],
        "redirect_uri": "http://127.0.0.1:8000/h5/me?a=1",
        "response_type": "code",
    }
    query |= {"scope": "snsapi_base", "state": "nonce1", **changes}
    address = f"{platform.url}/connect/oauth2/authorize"
    return platform.http.get(address, params=query, allow_redirects=False, cookies={})


def exchange(platform: RunningPlatform, code: str) -> Any:
    query = {**APP, "code": code, "grant_type": "authorization_code"}
    return platform.http.get(f"{platform.url}/sns/oauth2/access_token", params=query).json()


def login_code(platform: RunningPlatform, who: str, **changes: str) -> str:
    target = urlsplit(authorise(platform, **{"as": who}, **changes).headers["Location"])
    assert target.path == "/h5/me"
    query = parse_qs(target.query)
    assert (query["a"], query["state"]) == (["1"], ["nonce1"])
    return query["code"][0]


def test_web_login_gives_the_openid_of_the_chat_once(platform: RunningPlatform, follower: str) -> None:
    code = login_code(platform, follower)
    answer = exchange(platform, code)
    assert (answer["openid"], answer["scope"]) == (platform.openid(follower), "snsapi_base")
    assert "unionid" not in answer
    used = exchange(platform, code)
    assert (used["errcode"], used["errmsg"][:21]) == (40163, "code been used, rid: ")
    late = login_code(platform, follower)
    platform.control("POST", "/clock/shift", seconds=301)
    assert (exchange(platform, late)["errcode"], exchange(platform, "x")["errcode"]) == (40029, 40029)


def test_the_authorise_page_asks_who_is_there_and_then_remembers(platform: RunningPlatform) -> None:
    platform.http.cookies.clear()
    asked = authorise(platform)
    assert asked.status_code == 200
    assert "马秀兰" in asked.text
    authorise(platform, **{"as": "ma-xiulan"})
    assert authorise(platform).status_code == 302


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"redirect_uri": "http://127.0.0.1:8001/h5"}, "10003"),
        ({"redirect_uri": "http://evil.example/127.0.0.1:8000"}, "10003"),
        ({"redirect_uri": "http://127.0.0.1:8000@evil.example/"}, "10003"),
        ({"scope": "snsapi_everything"}, "10005"),
        ({"appid": "wx9"}, "10013"),
    ],
)
def test_a_wrong_authorisation_shows_its_error(platform: RunningPlatform, changes: Any, code: str) -> None:
    answer = authorise(platform, **{"as": "ma-xiulan", **changes})
    assert "Location" not in answer.headers
    assert code in answer.text


def test_user_info_needs_the_wider_scope_and_a_snapshot_reader_is_somebody_else(
    platform: RunningPlatform, follower: str
) -> None:
    def info(answer: Any) -> Any:
        query = {"access_token": answer["access_token"], "openid": answer["openid"], "lang": "zh_CN"}
        return platform.http.get(f"{platform.url}/sns/userinfo", params=query).json()

    assert info(exchange(platform, login_code(platform, follower)))["errcode"] == 48001
    full = exchange(platform, login_code(platform, follower, scope="snsapi_userinfo"))
    assert info(full)["nickname"] == "白玉兰"
    assert full["unionid"] == info(full)["unionid"]
    platform.control("PUT", "/settings", snapshot_user=True)
    seen = exchange(platform, login_code(platform, follower, scope="snsapi_userinfo"))
    platform.control("PUT", "/settings", snapshot_user=False)
    assert seen["is_snapshotuser"] == 1
    assert seen["openid"] != full["openid"]


def test_only_a_government_subscription_account_has_web_login(platform: RunningPlatform) -> None:
    platform.control("PUT", "/apps/main", kind="subscription", verified=True, government=False)
    assert "10005" in authorise(platform, **{"as": "ma-xiulan"}).text
    platform.control("PUT", "/apps/main", government=True)
    assert authorise(platform, **{"as": "ma-xiulan"}).status_code == 302

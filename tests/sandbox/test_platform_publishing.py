"""Menus, files, drafts, mass sends, followers and tags."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.platform_fixtures import *  # noqa: F403
from tests.sandbox.platform_process import (
    RunningPlatform,
    Webhook,
)

PNG = b"\x89PNG\r\n\x1a\n"
HOUR = 3600


def upload(platform: RunningPlatform, path: str, content: bytes = PNG, **query: str) -> Any:
    query["access_token"] = platform.token()
    return platform.http.post(
        f"{platform.url}/cgi-bin/{path}", params=query, files={"media": ("a.png", content)}
    ).json()


@pytest.mark.parametrize(
    ("button", "code"),
    [
        ({"type": "click", "name": "字" * 6, "key": "K"}, 40018),
        ({"type": "click", "name": "好", "key": "k" * 129}, 40019),
        ({"type": "view", "name": "好", "url": "http://x/" + "y" * 1024}, 40020),
        ({"type": "view", "name": "好", "url": "ftp://x/"}, 40055),
        ({"type": "dance", "name": "好"}, 40017),
        ({"name": "好", "sub_button": [{"type": "click", "name": "一", "key": "K"}] * 6}, 40023),
        ({"name": "好", "sub_button": [{"type": "click", "name": "字" * 21, "key": "K"}]}, 40025),
        ({"type": "media_id", "name": "好", "media_id": "x"}, 40007),
    ],
)
def test_a_menu_beyond_its_limits_is_refused(platform: RunningPlatform, button: Any, code: int) -> None:
    assert platform.call(platform.token(), "/cgi-bin/menu/create", {"button": [button]})["errcode"] == code


def test_a_menu_with_escapes_is_refused_and_a_good_one_can_be_read_and_deleted(
    platform: RunningPlatform,
) -> None:
    token, menu = platform.token(), {"button": [{"type": "click", "name": "办事", "key": "K"}]}
    address = f"{platform.url}/cgi-bin/menu/create"
    escaped = platform.http.post(address, params={"access_token": token}, data=json.dumps(menu)).json()
    assert (escaped["errcode"], escaped["errmsg"][:15]) == (40033, "invalid charset")
    assert platform.call(token, "/cgi-bin/menu/create", {"button": menu["button"] * 4})["errcode"] == 40016
    assert platform.call(token, "/cgi-bin/menu/create", menu)["errcode"] == 0
    assert platform.call(token, "/cgi-bin/menu/get") == {"menu": menu}
    assert platform.call(token, "/cgi-bin/get_current_selfmenu_info")["is_menu_open"] == 1
    assert platform.call(token, "/cgi-bin/menu/delete")["errcode"] == 0
    assert platform.call(token, "/cgi-bin/menu/get")["errcode"] == 46003


def test_temporary_files_last_three_days_and_permanent_ones_until_deleted(platform: RunningPlatform) -> None:
    short = upload(platform, "media/upload", type="image")["media_id"]
    long = upload(platform, "material/add_material", type="image")["media_id"]
    platform.control("POST", "/clock/shift", seconds=72 * HOUR + 1)
    token = platform.token()
    assert platform.call(token, "/cgi-bin/media/get", media_id=short)["errcode"] == 40007
    query = {"access_token": token}
    body = {"media_id": long}
    kept = platform.http.post(f"{platform.url}/cgi-bin/material/get_material", params=query, json=body)
    assert kept.content == PNG
    assert platform.call(token, "/cgi-bin/material/del_material", body)["errcode"] == 0
    assert platform.call(token, "/cgi-bin/material/get_material", body)["errcode"] == 40007


def test_files_are_checked_by_kind_and_size(platform: RunningPlatform) -> None:
    assert upload(platform, "media/upload", type="poem")["errcode"] == 40004
    assert upload(platform, "media/upload", b"hello", type="image")["errcode"] == 40005
    assert upload(platform, "media/upload", b"", type="image")["errcode"] == 44001
    assert upload(platform, "media/upload", PNG + bytes(10 * 1024 * 1024), type="image")["errcode"] == 40009
    assert upload(platform, "media/uploadimg", PNG + bytes(1024 * 1024))["errcode"] == 40009
    assert platform.http.get(upload(platform, "media/uploadimg")["url"]).content == PNG


def article(platform: RunningPlatform, **changes: Any) -> dict[str, Any]:
    thumb = upload(platform, "material/add_material", type="image")["media_id"]
    content = "<p>停水<script>alert(1)</script><img src='http://elsewhere/x.png'></p>"
    return {"title": "停水通知", "content": content, "thumb_media_id": thumb, **changes}


def draft(platform: RunningPlatform, **changes: Any) -> Any:
    body = {"articles": [article(platform, **changes)]}
    return platform.call(platform.token(), "/cgi-bin/draft/add", body)


def test_a_draft_is_cleaned_and_its_limits_hold(platform: RunningPlatform) -> None:
    made = platform.call(platform.token(), "/cgi-bin/draft/get", {"media_id": draft(platform)["media_id"]})
    assert (made["news_item"][0]["content"], made["news_item"][0]["digest"]) == ("<p>停水</p>", "停水")
    temporary = upload(platform, "media/upload", type="image")["media_id"]
    assert draft(platform, thumb_media_id=temporary)["errcode"] == 40007
    assert draft(platform, title="字" * 33)["errcode"] == 45003
    assert draft(platform, digest="字" * 129)["errcode"] == 45004
    assert draft(platform, content="字" * 20000)["errcode"] == 45002


def test_a_published_draft_leaves_the_box_and_can_be_read(platform: RunningPlatform, hook: Webhook) -> None:
    media_id, token = draft(platform)["media_id"], platform.token()
    done = platform.call(token, "/cgi-bin/freepublish/submit", {"media_id": media_id})
    event = hook.wait_for("PUBLISHJOBFINISH").message["PublishEventInfo"]
    assert (event["publish_id"], event["publish_status"]) == (done["publish_id"], "0")
    found = platform.call(token, "/cgi-bin/freepublish/get", {"publish_id": done["publish_id"]})
    assert found["publish_status"] == 0
    assert "停水" in platform.http.get(found["article_detail"]["item"][0]["article_url"]).text
    assert platform.call(token, "/cgi-bin/freepublish/submit", {"media_id": media_id})["errcode"] == 40007


def mass(platform: RunningPlatform, **body: Any) -> Any:
    payload = {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": "停水通知"}, **body}
    return platform.call(platform.token(), "/cgi-bin/message/mass/sendall", payload)


def next_month(platform: RunningPlatform) -> None:
    platform.control("POST", "/clock/shift", seconds=31 * 24 * HOUR)


def test_a_mass_send_reaches_each_follower_four_times_a_month(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    next_month(platform)
    token = platform.token()
    tag = platform.call(token, "/cgi-bin/tags/create", {"tag": {"name": "测试组"}})["tag"]["id"]
    body = {"openid_list": [platform.openid(follower)], "tagid": tag}
    assert platform.call(token, "/cgi-bin/tags/members/batchtagging", body)["errcode"] == 0
    sends = [mass(platform, filter={"is_to_all": False, "tag_id": tag})["msg_id"] for _ in range(5)]
    events = [hook.wait_for("MASSSENDJOBFINISH", each).message for each in sends]
    counted = [(each["TotalCount"], each["SentCount"], each["ErrorCount"]) for each in events]
    assert sorted(counted) == [("1", "0", "1")] + [("1", "1", "0")] * 4
    assert [each.get("via") for each in platform.chat(follower)["bubbles"]].count("mass") == 4


def test_everybody_is_reached_once_a_day(platform: RunningPlatform, hook: Webhook) -> None:
    next_month(platform)
    first = mass(platform, clientmsgid="bc-1")
    assert mass(platform)["errcode"] == 45028
    hook.wait_for("MASSSENDJOBFINISH", first["msg_id"])
    asked = platform.call(platform.token(), "/cgi-bin/message/mass/get", {"msg_id": first["msg_id"]})
    assert asked["msg_status"] == "SEND_SUCCESS"
    soon = mass(platform, clientmsgid="bc-1")
    assert (soon["errcode"], soon["msg_id"]) == (45066, first["msg_id"])
    platform.control("POST", "/clock/shift", seconds=61)
    later = mass(platform, clientmsgid="bc-1")
    assert (later["errcode"], later["msg_id"]) == (45065, first["msg_id"])
    assert mass(platform, clientmsgid="x" * 33)["errcode"] == 45067


def test_a_subscription_account_sends_once_a_day(platform: RunningPlatform) -> None:
    next_month(platform)
    platform.control("PUT", "/apps/main", kind="subscription")
    assert [mass(platform)["errcode"] for _ in range(2)] == [0, 45028]
    platform.control("POST", "/clock/shift", seconds=24 * HOUR)
    assert mass(platform)["errcode"] == 0


def test_an_article_send_uses_up_its_draft_and_a_preview_does_not(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    next_month(platform)
    media_id = draft(platform)["media_id"]
    body = {"touser": platform.openid(follower), "msgtype": "mpnews", "mpnews": {"media_id": media_id}}
    assert platform.call(platform.token(), "/cgi-bin/message/mass/preview", body)["errcode"] == 0
    assert platform.chat(follower)["bubbles"][-1]["via"] == "preview"
    sent = mass(platform, msgtype="mpnews", mpnews={"media_id": media_id})
    assert sent["msg_data_id"]
    event = hook.wait_for("MASSSENDJOBFINISH", sent["msg_id"]).message
    address = event["ArticleUrlResult"]["ResultList"]["item"]["ArticleUrl"]
    assert platform.chat(follower)["bubbles"][-1]["items"][0]["url"] == address
    assert "停水通知" in platform.http.get(address).text
    assert platform.call(platform.token(), "/cgi-bin/draft/get", {"media_id": media_id})["errcode"] == 40007


def test_an_administrator_may_have_to_confirm(platform: RunningPlatform, hook: Webhook) -> None:
    next_month(platform)
    platform.control("PUT", "/settings", mass_confirm=True)
    msg_id = mass(platform)["msg_id"]
    platform.control("POST", f"/mass/{msg_id}/confirm", ok=False)
    platform.control("PUT", "/settings", mass_confirm=False)
    assert hook.wait_for("MASSSENDJOBFINISH", msg_id).message["Status"] == "err(40001)"


def test_a_follower_is_described_without_a_name(platform: RunningPlatform, follower: str) -> None:
    token, openid = platform.token(), platform.openid(follower)
    assert (
        platform.call(token, "/cgi-bin/user/info/updateremark", {"openid": openid, "remark": "三栋"})[
            "errcode"
        ]
        == 0
    )
    known = platform.call(token, "/cgi-bin/user/info", openid=openid)
    assert (known["subscribe"], known["remark"], known["subscribe_scene"]) == (1, "三栋", "ADD_SCENE_SEARCH")
    assert not {"nickname", "headimgurl"} & set(known)
    assert openid in platform.call(token, "/cgi-bin/user/get")["data"]["openid"]
    platform.phone(follower, "unfollow")
    gone = platform.call(token, "/cgi-bin/user/info", openid=openid)
    assert set(gone) == {"subscribe", "openid", "unionid"}
    assert platform.call(token, "/cgi-bin/user/info", openid="o" * 28)["errcode"] == 40003
    page = platform.call(token, "/cgi-bin/user/get")
    assert openid not in page.get("data", {"openid": []})["openid"]


def test_a_shape_that_nobody_expects_is_a_format_error(platform: RunningPlatform) -> None:
    body = {"user_list": ["not an object"]}
    assert platform.call(platform.token(), "/cgi-bin/user/info/batchget", body)["errcode"] == 47001


def test_tags_have_limits(platform: RunningPlatform, follower: str) -> None:
    token = platform.token()

    def create(name: str) -> Any:
        return platform.call(token, "/cgi-bin/tags/create", {"tag": {"name": name}})

    def tag(id_: int, openids: list[str]) -> int:
        body = {"tagid": id_, "openid_list": openids}
        return int(platform.call(token, "/cgi-bin/tags/members/batchtagging", body)["errcode"])

    made = [create(f"组{number}")["tag"]["id"] for number in range(21)]
    who = platform.openid(follower)
    assert create("组1")["errcode"] == 45157
    assert create("字" * 11)["errcode"] == 45158
    assert [tag(each, [who]) for each in made] == [0] * 20 + [45059]
    assert (tag(2, [who]), tag(9999, [who]), tag(made[0], [who] * 51)) == (45058, 45159, 40032)
    assert platform.call(token, "/cgi-bin/tags/getidlist", {"openid": who})["tagid_list"] == made[:20]


def test_the_oracle_lists_what_reached_a_person(platform: RunningPlatform, follower: str) -> None:
    openid = platform.openid(follower)
    body = {"touser": openid, "msgtype": "text", "text": {"content": "您好"}}
    platform.call(platform.token(), "/cgi-bin/message/custom/send", body)
    sent = platform.control("GET", "/sent", openid=openid, via="custom")
    assert [(each["text"], each["neighbour"]) for each in sent] == [("您好", follower)]

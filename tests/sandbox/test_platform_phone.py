"""Everything a thumb can do causes the push that WeChat documents for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.platform_fixtures import *  # noqa: F403
from tests.sandbox.platform_process import RunningPlatform, Webhook, text_reply

PNG = b"\x89PNG\r\n\x1a\n"


def test_eight_invented_neighbours_live_here_and_one_can_move_in(platform: RunningPlatform) -> None:
    there = platform.http.get(f"{platform.url}/phone/api/neighbours").json()
    assert [each["name"] for each in there[:3]] == ["马秀兰", "才让卓玛", "王建国"]
    made = platform.http.post(f"{platform.url}/phone/api/neighbours", json={"name": "新邻居"})
    assert made.status_code == 201
    assert made.json() in platform.http.get(f"{platform.url}/phone/api/neighbours").json()


def test_an_openid_differs_from_app_to_app(platform: RunningPlatform, follower: str) -> None:
    platform.phone(follower, "send", "mini", kind="text", text="x")
    both = {platform.openid(follower), platform.openid(follower, "mini")}
    assert len(both) == 2
    assert {len(each) for each in both} == {28}


KINDS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "voice": ({"recognition": "我要预约"}, {"MsgType": "voice", "Format": "amr", "Recognition": "我要预约"}),
    "video": ({}, {"MsgType": "video"}),
    "location": (
        {"lat": 36.6232, "lng": 101.7804, "label": "互助中路"},
        {"MsgType": "location", "Location_X": "36.6232", "Location_Y": "101.7804", "Label": "互助中路"},
    ),
    "link": ({"title": "题", "url": "http://x/"}, {"MsgType": "link", "Title": "题", "Url": "http://x/"}),
    "sticker": ({}, {"MsgType": "text", "Content": "【收到不支持的消息类型，暂无法显示】"}),
    "file": ({"title": "表.xlsx"}, {"MsgType": "file", "Title": "表.xlsx"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_message_has_its_fields(
    platform: RunningPlatform, hook: Webhook, follower: str, kind: str
) -> None:
    body, expected = KINDS[kind]
    platform.phone(follower, "send", kind=kind, **body)
    assert hook.received[0].message.items() >= expected.items()
    assert int(hook.received[0].message["MsgId"]) > 2**60


def test_a_picture_can_be_fetched_by_address_and_by_media_id(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    platform.phone(follower, "send", kind="image")
    message = hook.received[0].message
    assert platform.http.get(message["PicUrl"]).content.startswith(PNG)
    query = {"access_token": platform.token(), "media_id": message["MediaId"]}
    assert platform.http.get(f"{platform.url}/cgi-bin/media/get", params=query).content.startswith(PNG)


def test_an_uploaded_picture_is_the_one_that_arrives(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    mine = PNG + b"mine"
    address = f"{platform.url}/phone/api/{follower}/main/send"
    platform.http.post(address, data={"kind": "image"}, files={"media": ("my.png", mine)})
    assert platform.http.get(hook.received[0].message["PicUrl"]).content == mine


def test_following_twice_pushes_once_and_leaving_closes_the_account(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    assert platform.phone(follower, "follow")["push"] is None
    hook.script = lambda push: text_reply(push, "再见")
    assert [each["text"] for each in platform.phone(follower, "unfollow")["bubbles"]] == ["您已取消关注"]
    assert [each.message["Event"] for each in hook.received] == ["unsubscribe"]
    refused = platform.http.post(
        f"{platform.url}/phone/api/{follower}/main/send", json={"kind": "text", "text": "x"}
    )
    assert refused.status_code == 409
    assert platform.chat(follower)["following"] is False


def test_a_scene_code_follows_first_and_scans_afterwards(platform: RunningPlatform, hook: Webhook) -> None:
    body = {
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "door:7"}},
        "expire_seconds": 600,
    }
    made = platform.call(platform.token(), "/cgi-bin/qrcode/create", body)
    listed = platform.http.get(f"{platform.url}/phone/api/codes").json()
    assert [each["scene"] for each in listed if each["ticket"] == made["ticket"]] == ["door:7"]
    assert platform.phone("han-yumei", "scan", content=made["url"])["opened"] == "event"
    platform.phone("han-yumei", "scan", content=made["ticket"])
    seen = [
        (each.message["Event"], each.message["EventKey"], each.message["Ticket"]) for each in hook.received
    ]
    assert seen == [("subscribe", "qrscene_door:7", made["ticket"]), ("SCAN", "door:7", made["ticket"])]


def test_a_scanned_link_is_opened_and_a_scanned_word_is_shown(
    platform: RunningPlatform, hook: Webhook
) -> None:
    link = "http://127.0.0.1:8000/h5/checkin?c=1"
    assert platform.phone("qi-ming", "scan", content=link) == {"opened": "page", "url": link}
    assert platform.phone("qi-ming", "scan", content="4711") == {"opened": "text", "text": "4711"}
    assert hook.received == []


MENU = {
    "button": [
        {"type": "click", "name": "心愿", "key": "WISH"},
        {
            "name": "更多",
            "sub_button": [
                {"type": "scancode_waitmsg", "name": "签到", "key": "IN"},
                {"type": "location_select", "name": "位置", "key": "WHERE"},
                {"type": "pic_sysphoto", "name": "拍照", "key": "PHOTO"},
                {"type": "view", "name": "网页", "url": "http://127.0.0.1:8000/h5/"},
            ],
        },
    ]
}


def test_menu_buttons_cause_the_events_of_their_type(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    assert platform.call(platform.token(), "/cgi-bin/menu/create", MENU)["errcode"] == 0
    assert platform.chat(follower)["menu"] == MENU
    platform.phone(follower, "click", key="WISH")
    platform.phone(follower, "click", key="IN", scan_result="vc1.42")
    platform.phone(follower, "click", key="WHERE", lat=36.6, lng=101.7, label="站")
    platform.phone(follower, "click", key="PHOTO")
    platform.phone(follower, "view", url="http://127.0.0.1:8000/h5/")
    kinds = [each.message.get("Event") or each.message["MsgType"] for each in hook.received]
    expected = ["CLICK", "scancode_waitmsg", "location_select", "location", "pic_sysphoto", "image", "VIEW"]
    assert kinds == expected
    assert hook.received[1].message["ScanCodeInfo"] == {"ScanType": "qrcode", "ScanResult": "vc1.42"}
    assert hook.received[2].message["SendLocationInfo"]["Location_X"] == "36.6"
    assert int(hook.received[6].message["MenuId"]) > 0


def test_any_raw_event_can_be_pushed(platform: RunningPlatform, hook: Webhook, follower: str) -> None:
    platform.phone(follower, "event", event="LOCATION", Latitude=36.62, Longitude=101.78, Precision=30)
    assert hook.received[0].message["Latitude"] == "36.62"
    assert "MsgId" not in hook.received[0].message


def test_a_menu_message_choice_carries_its_id(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    platform.phone(follower, "send", kind="text", text="满意", bizmsgmenuid="101")
    assert (hook.received[0].message["Content"], hook.received[0].message["bizmsgmenuid"]) == ("满意", "101")


def test_an_unknown_neighbour_or_account_is_not_found(platform: RunningPlatform) -> None:
    for path in ("/nobody/main/chat", "/qi-ming/nowhere/chat"):
        assert platform.http.get(f"{platform.url}/phone/api{path}").status_code == 404

"""Template messages and subscription notices: fields, grants, once only, reported back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.platform_fixtures import *  # noqa: F403
from tests.sandbox.platform_process import RunningPlatform, Webhook

GOOD = {"thing1": "老年体检预约", "time2": "2026-12-01 09:00", "phrase3": "已预约"}


def template(platform: RunningPlatform, who: str, path: str = "template/send", **changes: Any) -> Any:
    values = changes.pop("values", GOOD)
    data = {key: {"value": value} for key, value in values.items()}
    body = {"touser": platform.openid(who), "template_id": "TPL-APPOINTMENT", "data": data, **changes}
    return platform.call(platform.token(), f"/cgi-bin/message/{path}", body)


def test_a_template_message_is_a_card_and_reports_its_end(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    done = template(platform, follower, url="http://127.0.0.1:8000/h5/appointments")
    bubble = platform.chat(follower)["bubbles"][-1]
    assert (bubble["kind"], bubble["via"], bubble["title"]) == ("card", "template", "预约提醒")
    assert bubble["rows"][0] == {"name": "事项", "value": "老年体检预约"}
    event = hook.wait_for("TEMPLATESENDJOBFINISH", done["msgid"]).message
    assert (event["MsgID"], event["Status"]) == (str(done["msgid"]), "success")


BAD = [
    ("thing1", "字" * 21),
    ("thing1", "两\n行"),
    ("thing1", ""),
    ("time2", "明天上午"),
    ("phrase3", "超过了五个字"),
    ("phrase3", "ok"),
]


@pytest.mark.parametrize(("field", "value"), BAD)
def test_a_field_beyond_its_limit_is_named(
    platform: RunningPlatform, follower: str, field: str, value: str
) -> None:
    refused = template(platform, follower, values={**GOOD, field: value})
    assert refused["errcode"] == 47003
    assert refused["errmsg"].startswith(f"argument invalid! data.{field}.value invalid rid: ")


def test_unknown_templates_and_strangers_are_refused(platform: RunningPlatform, follower: str) -> None:
    assert template(platform, follower, template_id="TPL-NONE")["errcode"] == 40037
    assert template(platform, follower, touser="o" * 28)["errcode"] == 40003
    platform.phone(follower, "unfollow")
    assert template(platform, follower)["errcode"] == 43004


def test_the_same_client_msg_id_is_sent_once_in_ten_minutes(platform: RunningPlatform, follower: str) -> None:
    first = template(platform, follower, client_msg_id="ob-1")
    again = template(platform, follower, client_msg_id="ob-1")
    assert (again["errcode"], again["msg_id"]) == (45065, first["msgid"])
    platform.control("POST", "/clock/shift", seconds=601)
    assert template(platform, follower, client_msg_id="ob-1")["errcode"] == 0


@pytest.mark.parametrize(("template_id", "codes"), [("TPL-ONCE", [0, 43101]), ("TPL-LONG", [0, 0])])
def test_a_notice_uses_up_its_grant_unless_it_is_long_term(
    platform: RunningPlatform, hook: Webhook, follower: str, template_id: str, codes: list[int]
) -> None:
    def send() -> int:
        body = {"template_id": template_id, "values": {"thing1": "讲座"}}
        return int(template(platform, follower, "subscribe/bizsend", **body)["errcode"])

    assert send() == 43101
    platform.phone(follower, "popup", template_id=template_id, answer="accept")
    popup = hook.events("subscribe_msg_popup_event")[0].message["SubscribeMsgPopupEvent"]["List"]
    assert (popup["TemplateId"], popup["SubscribeStatusString"]) == (template_id, "accept")
    assert [send(), send()] == codes
    sent = hook.wait_for("subscribe_msg_sent_event").message["SubscribeMsgSentEvent"]["List"]
    assert (sent["TemplateId"], sent["ErrorCode"]) == (template_id, "0")


def test_a_remembered_yes_grants_without_telling(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    assert platform.phone(follower, "popup", template_id="TPL-ONCE", answer="always")["push"] is not None
    assert platform.phone(follower, "popup", template_id="TPL-ONCE", answer="accept")["push"] is None
    grants = [each for each in platform.control("GET", "/state")["grants"] if each["neighbour"] == follower]
    assert [each["left"] for each in grants] == [2]


def test_a_category_template_is_no_notice(platform: RunningPlatform, follower: str) -> None:
    listed = platform.http.get(
        f"{platform.url}/wxaapi/newtmpl/gettemplate", params={"access_token": platform.token()}, timeout=10
    ).json()["data"]
    assert [(one["priTmplId"], one["type"]) for one in listed] == [("TPL-ONCE", 2), ("TPL-LONG", 3)]
    assert template(platform, follower, "subscribe/bizsend")["errcode"] == 40037


def test_what_is_switched_off_in_the_settings_is_told_and_gone(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    platform.phone(follower, "popup", template_id="TPL-LONG", answer="accept")
    platform.phone(follower, "popup", template_id="TPL-LONG", answer="off")
    changed = hook.wait_for("subscribe_msg_change_event").message["SubscribeMsgChangeEvent"]["List"]
    assert (changed["TemplateId"], changed["SubscribeStatusString"]) == ("TPL-LONG", "reject")
    body = {"template_id": "TPL-LONG", "values": {"thing1": "讲座"}}
    assert template(platform, follower, "subscribe/bizsend", **body)["errcode"] == 43101


def test_the_script_of_pages_stands_where_wechat_s_does(platform: RunningPlatform) -> None:
    script = platform.http.get(f"{platform.url}/open/js/jweixin-1.6.0.js", timeout=10)
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "wx-open-subscribe" in script.text

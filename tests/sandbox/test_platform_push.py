"""What a phone does reaches the webhook sealed as WeChat seals it, and only good answers become bubbles."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from sandbox.sealing import key_of, seal, sign, unseal
from tests.sandbox.platform_fixtures import *  # noqa: F403
from tests.sandbox.platform_process import Received, RunningPlatform, Webhook, text_reply

UNAVAILABLE = "该公众号暂时无法提供服务，请稍后再试"
VECTOR = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8"
    "XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32I"
    "Ijdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)


def test_the_published_vectors_are_met() -> None:
    appid, key = "wxba5fad812f8e6fb9", key_of("A" * 43)
    assert sign("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    assert sign("AAAAA", "1714112445", "415670741", VECTOR) == "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    message = unseal(key, VECTOR, appid)
    assert '"debug_str":"hello world"' in message
    assert seal(key, message, appid, b"a8eedb185eb2fecf") == VECTOR


def test_a_text_is_pushed_sealed_and_its_answer_is_shown(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    hook.script = lambda push: text_reply(push, "您说：" + push.message["Content"])
    done = platform.phone(follower, "send", kind="text", text="我要预约")
    assert set(hook.received[0].query) >= {"signature", "timestamp", "nonce", "openid", "msg_signature"}
    assert "我要预约" not in hook.received[0].body
    assert len(hook.received[0].message["FromUserName"]) == 28
    assert [(each["from"], each["text"]) for each in done["bubbles"]] == [
        ("me", "我要预约"),
        ("account", "您说：我要预约"),
    ]
    assert (done["push"]["outcome"], done["push"]["reply"]["Content"]) == ("answered", "您说：我要预约")


def test_a_text_that_would_close_the_cdata_arrives_unharmed(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    platform.phone(follower, "send", kind="text", text="a]]><MsgType>b\x07")
    assert hook.received[0].message["Content"] == "a]]><MsgType>b"
    assert hook.received[0].message["MsgType"] == "text"


@pytest.mark.parametrize("mode", ["plain", "compatible"])
def test_other_modes_show_the_plain_fields(
    platform: RunningPlatform, hook: Webhook, follower: str, mode: str
) -> None:
    platform.control("PUT", "/apps/main", encryption=mode)
    hook.app["encryption"] = mode
    hook.script = lambda push: text_reply(push, "好")
    done = platform.phone(follower, "send", kind="text", text="明文")
    assert "明文" in hook.received[0].body
    assert ("Encrypt" in hook.received[0].body) == (mode == "compatible")
    assert done["push"]["outcome"] == "answered"


def _long(push: Received) -> str:
    return text_reply(push, "字" * 683)


def _news(count: int) -> Any:
    def answer(push: Received) -> str:
        item = "<item><Title>题</Title><Description/><PicUrl/><Url>http://127.0.0.1/</Url></item>" * count
        body = f"<ArticleCount>{count}</ArticleCount><Articles>{item}</Articles>"
        whole = text_reply(push, "x")
        return whole.replace("text", "news").replace("<Content><![CDATA[x]]></Content>", body)

    return answer


BAD = {
    "the names are not swapped": lambda push: text_reply(push, "好", ToUserName=push.message["ToUserName"]),
    "another person is addressed": lambda push: text_reply(push, "好", ToUserName="o" * 28),
    "the text is longer than 2048 bytes": _long,
    "the text is empty": lambda push: text_reply(push, ""),
    "two articles": _news(2),
    "an unknown type": lambda push: text_reply(push, "好").replace("[text]", "[poem]"),
    "JSON": lambda push: b'{"content": "hello"}',
    "HTML": lambda push: b"<html><body>500</body></html>",
    "an unsealed answer": lambda push: text_reply(push, "好").encode(),
    "a number": lambda push: b"1",
}


@pytest.mark.parametrize("fault", BAD, ids=lambda name: name.replace(" ", "_"))
def test_a_bad_answer_becomes_the_apology_and_is_not_retried(
    platform: RunningPlatform, hook: Webhook, follower: str, fault: str
) -> None:
    hook.script = BAD[fault]
    done = platform.phone(follower, "send", kind="text", text="在吗")
    assert (done["push"]["outcome"], done["push"]["deliveries"]) == ("failed", 1)
    assert (done["bubbles"][-1]["from"], done["bubbles"][-1]["text"]) == ("system", UNAVAILABLE)


@pytest.mark.parametrize("silence", ["", "success"])
def test_success_and_an_empty_body_show_nothing(
    platform: RunningPlatform, hook: Webhook, follower: str, silence: str
) -> None:
    hook.script = lambda push: silence
    done = platform.phone(follower, "send", kind="text", text="在吗")
    assert (done["push"]["outcome"], len(done["bubbles"])) == ("empty", 1)


def test_one_article_and_2046_bytes_are_fine(platform: RunningPlatform, hook: Webhook, follower: str) -> None:
    hook.script = _news(1)
    assert platform.phone(follower, "send", kind="text", text="1")["bubbles"][-1]["items"][0]["title"] == "题"
    hook.script = lambda push: text_reply(push, "字" * 682)
    assert platform.phone(follower, "send", kind="text", text="1")["push"]["outcome"] == "answered"


def test_a_slow_webhook_gets_the_same_message_three_times(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    platform.control("PUT", "/settings", timeout_seconds=0.2)
    hook.script = lambda push: time.sleep(0.5) or "success"  # type: ignore[func-returns-value]
    done = platform.phone(follower, "send", kind="text", text="在吗")
    assert (done["push"]["deliveries"], done["push"]["outcome"]) == (3, "failed")
    assert len({each.message["MsgId"] for each in hook.received}) == 1
    assert len({each.query["nonce"] for each in hook.received}) == 3
    assert done["bubbles"][-1]["text"] == UNAVAILABLE


def test_a_webhook_that_recovers_in_time_is_believed(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    platform.control("PUT", "/settings", retry_pause_seconds=0.05)
    hook.script = lambda push: (500, "oops") if len(hook.received) < 3 else text_reply(push, "回来了")
    done = platform.phone(follower, "send", kind="text", text="在吗")
    assert (done["push"]["deliveries"], done["push"]["outcome"]) == (3, "answered")
    assert done["bubbles"][-1]["text"] == "回来了"


def test_the_webhook_may_call_the_api_before_it_answers(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    token = platform.token()

    def answer(push: Received) -> str:
        body = {"touser": push.message["FromUserName"], "msgtype": "text", "text": {"content": "稍等"}}
        assert platform.call(token, "/cgi-bin/message/custom/send", body)["errcode"] == 0
        return text_reply(push, "好了")

    hook.script = answer
    done = platform.phone(follower, "send", kind="text", text="在吗")
    assert [each["text"] for each in done["bubbles"]] == ["在吗", "稍等", "好了"]


def test_one_slow_push_does_not_hold_up_the_others(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    release = threading.Event()
    hook.script = lambda push: "success" if push.message["Content"] != "慢" or release.wait(4) else ""
    slow = threading.Thread(
        target=platform.phone, args=(follower, "send"), kwargs={"kind": "text", "text": "慢"}
    )
    slow.start()
    begun = time.monotonic()
    assert platform.phone(follower, "send", kind="text", text="快")["push"]["outcome"] == "empty"
    assert time.monotonic() - begun < 2
    release.set()
    slow.join()


def test_a_repeat_carries_the_same_id_and_shows_nothing(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    hook.script = lambda push: text_reply(push, f"第{len(hook.received)}次")
    first = platform.phone(follower, "send", kind="text", text="在吗")
    before = platform.chat(follower)["last"]
    path = f"/pushes/{first['push']['id']}/repeat"
    made = platform.control("POST", path, times=5, at_once=True, age_seconds=240)
    assert [each["status"] for each in made["deliveries"]] == [200] * 5
    assert "次]]>" in made["deliveries"][0]["body"]
    assert len({each.message["MsgId"] for each in hook.received}) == 1
    assert int(hook.received[0].query["timestamp"]) - int(hook.received[-1].query["timestamp"]) >= 235
    assert platform.chat(follower)["last"] == before


def test_duplicate_pushes_arrive_twice_and_are_shown_once(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    platform.control("PUT", "/faults", duplicate_pushes=True)
    hook.script = lambda push: text_reply(push, "好")
    done = platform.phone(follower, "send", kind="text", text="在吗")
    assert len({each.message["MsgId"] for each in hook.received}) == 1
    assert (len(hook.received), len(done["bubbles"])) == (2, 2)


def test_out_of_order_pushes_overtake_each_other(
    platform: RunningPlatform, hook: Webhook, follower: str
) -> None:
    platform.control("PUT", "/faults", out_of_order=True)
    said = {"kind": "text", "text": "先"}
    first = threading.Thread(target=platform.phone, args=(follower, "send"), kwargs=said)
    first.start()
    while len(platform.control("GET", "/pushes", neighbour=follower)) < 2:
        time.sleep(0.02)
    platform.phone(follower, "send", kind="text", text="后")
    first.join()
    assert [each.message["Content"] for each in hook.received] == ["后", "先"]


def test_json_reaches_a_mini_program_and_a_passive_answer_does_not_come_back(
    platform: RunningPlatform,
) -> None:
    mini = platform.mini_hook  # type: ignore[attr-defined]
    mini.received.clear()
    done = platform.phone("qi-ming", "send", "mini", kind="text", text="客服在吗")
    assert mini.received[0].message["Content"] == "客服在吗"
    assert isinstance(mini.received[0].message["MsgId"], int)
    assert done["push"]["outcome"] == "empty"

"""Nothing that logs may not hold comes through: secrets, tokens, openids, phones, identity numbers."""

import pytest

from app.wechat.errors import NotWeChat, WeChatError
from app.wechat.redaction import redact, redact_event

OPENID = "oABCD1234567890abcdefghijklm"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "GET /cgi-bin/user/info?access_token=72_abc-DEF&lang=zh",
            "GET /cgi-bin/user/info?access_token=***&lang=zh",
        ),
        ("appid=wx1&secret=0123456789abcdef&js_code=081xyz", "appid=wx1&secret=***&js_code=***"),
        ('{"access_token": "72_abc", "expires_in": 7200}', '{"access_token": "***", "expires_in": 7200}'),
        ("{'session_key': 'HyVF==', 'x': 1}", "{'session_key': '***', 'x': 1}"),
        ("refresh_token: 5_abc.", "refresh_token: ***"),
        (f"openid={OPENID}&lang", "openid=***jklm&lang"),
        (f'{{"touser":"{OPENID}"}}', '{"touser":"***jklm"}'),
        (f"user {OPENID} is blocked", "user ***jklm is blocked"),
        (
            f"<FromUserName><![CDATA[{OPENID}]]></FromUserName>",
            "<FromUserName><![CDATA[***jklm]]></FromUserName>",
        ),
        ("<Encrypt><![CDATA[abc+/=]]></Encrypt>", "<Encrypt><![CDATA[***]]></Encrypt>"),
        ("电话13812345678。", "电话138****5678。"),
        ("身份证63010219500101123X办", "身份证***123X办"),
        ("errcode 45015 at 1794000000", "errcode 45015 at 1794000000"),
        ("code=081abcDEF&state=xyz", "code=***&state=xyz"),
        ("errcode=40001 statuscode=200", "errcode=40001 statuscode=200"),
    ],
)
def test_b33_secrets_and_people_are_masked(text, shown):
    assert redact(text) == shown


def test_an_rid_stays_readable():
    text = "invalid openid rid: 6aac005a-01bfdbee-79769285"
    assert redact(text) == text


def test_a_structured_log_line_is_masked_at_every_depth():
    line = {
        "event": f"sent to {OPENID}",
        "openid": OPENID,
        "secret": "0123456789abcdef",
        "call": {"access_token": "72_abc", "list": [f"openid={OPENID}"]},
        "body": b"secret=abc",
        "fault": ValueError("secret=abc"),
        "count": 3,
    }
    shown = repr(redact_event(None, "info", line))
    for private in (OPENID, "0123456789abcdef", "72_abc", "=abc"):
        assert private not in shown
    assert line["count"] == 3


def test_errors_mask_what_wechat_repeats():
    fault = WeChatError(
        40003, f"invalid openid {OPENID} access_token=72_abc rid: 6aac005a-01bfdbee-79769285", path="/x"
    )
    assert fault.rid == "6aac005a-01bfdbee-79769285"
    for shown in (str(fault), repr(fault), str(NotWeChat(f"openid={OPENID} secret=72_abc", path="/x"))):
        assert OPENID not in shown
        assert "72_abc" not in shown

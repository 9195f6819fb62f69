"""Who is there: OAuth in the browser, logins of the mini-program; and what an account may not do."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from wechatpy import WeChatClient
from wechatpy.client.api import WeChatJSAPI

from app.wechat import mass
from app.wechat.errors import NotWeChat, WeChatError
from app.wechat.oauth import jssdk_signature
from tests.wechat.conftest import APPID, SECRET, body, refusal
from tests.wechat.stand_in import OK, Said, refused, said

OPENID = "oABCD1234567890abcdefghijklm"


def test_the_authorise_address_has_wechats_order(wechat, platform):
    url = wechat.oauth.authorize_url("https://h5.example/me?a=1&b=2", "s1", "snsapi_userinfo")
    assert url.startswith(
        f"{platform.url}/connect/oauth2/authorize?appid={APPID}&redirect_uri=https%3A%2F%2Fh5.example"
    )
    assert url.endswith("&response_type=code&scope=snsapi_userinfo&state=s1#wechat_redirect")
    assert dict(parse_qsl(urlsplit(url).query))["redirect_uri"] == "https://h5.example/me?a=1&b=2"


@pytest.mark.parametrize("state", ["", "a&b=c", "a b", "#x", "状态", "a" * 129])
def test_b22_a_state_that_could_change_the_address_is_refused(wechat, state):
    with pytest.raises(ValueError):
        wechat.oauth.authorize_url("https://h5.example/", state)


def test_a_code_becomes_a_visitor_without_any_token_of_ours(wechat, platform):
    path = "/sns/oauth2/access_token"
    platform.answers[path] = said(
        access_token="U", refresh_token="R", openid=OPENID, scope="snsapi_base", expires_in=7200
    )
    visitor = wechat.oauth.exchange("c1")
    assert (visitor.openid, visitor.snapshot) == (OPENID, False)
    expected = {"appid": APPID, "secret": SECRET, "code": "c1", "grant_type": "authorization_code"}
    assert platform.of(path)[0].query == expected
    assert platform.token_fetches == 0
    assert OPENID not in repr(visitor)


def test_a_snapshot_visitor_is_known_as_one(wechat, platform):
    platform.answers["/sns/oauth2/access_token"] = said(openid="oVIRTUAL", is_snapshotuser=1)
    assert wechat.oauth.exchange("c1").snapshot


@pytest.mark.parametrize(
    ("errcode", "handling"), [(40029, "login"), (40163, "login"), (40001, "configuration")]
)
def test_a_used_code_asks_for_a_new_login_and_refreshes_nothing(wechat, platform, errcode, handling):
    platform.answers["/sns/oauth2/access_token"] = refused(
        errcode, "code been used, rid: 6391a66c-60723589-7d1e462f"
    )
    with pytest.raises(WeChatError) as fault:
        wechat.oauth.exchange("c1")
    assert (fault.value.handling, fault.value.rid) == (handling, "6391a66c-60723589-7d1e462f")
    assert handling in str(fault.value)
    assert len(platform.asked) == 1


def test_the_official_page_signature_and_wechatpys_are_ours():
    ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    url = "http://mp.weixin.qq.com?params=value"
    ours = jssdk_signature(ticket, "Wm3WZYTPz0wzccnW", 1414587457, url + "#part")
    assert ours == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
    theirs = WeChatJSAPI(WeChatClient("a", "b")).get_jsapi_signature(
        "Wm3WZYTPz0wzccnW", ticket, 1414587457, url
    )
    assert ours == theirs


def test_the_ticket_is_fetched_once_for_all_processes(make, platform):
    path = "/cgi-bin/ticket/getticket"
    platform.answers[path] = said(errcode=0, errmsg="ok", ticket="J", expires_in=7200)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    config = make().jssdk.config("https://h5.example/a#b", now)
    make().jssdk.config("https://h5.example/a", now)
    assert len(platform.of(path)) == 1
    assert platform.of(path)[0].query["type"] == "jsapi"
    assert config["signature"] == jssdk_signature(
        "J", config["nonceStr"], config["timestamp"], "https://h5.example/a"
    )
    assert config["appId"] == APPID


def test_b23_a_login_code_becomes_a_person_whose_key_is_not_shown(mini, platform):
    platform.answers["/sns/jscode2session"] = said(openid=OPENID, session_key="K==", unionid="u")
    login = mini.mini.login("c1")
    assert (login.openid, login.session_key, login.unionid) == (OPENID, "K==", "u")
    assert "K==" not in repr(login)
    query = {"appid": APPID, "secret": SECRET, "js_code": "c1", "grant_type": "authorization_code"}
    assert platform.asked[0].query == query


def test_b23_a_login_code_used_twice_asks_for_a_new_login(mini, platform):
    platform.answers["/sns/jscode2session"] = refused(40029, "invalid code, rid: 6391a66c-60723589-7d1e462f")
    with pytest.raises(WeChatError) as fault:
        mini.mini.login("c1")
    assert fault.value.handling == "login"


@pytest.mark.parametrize("answer", [said(), said(openid=OPENID), said(session_key="K"), OK])
def test_an_answer_without_a_person_is_no_login(mini, platform, answer):
    platform.answers["/sns/jscode2session"] = answer
    with pytest.raises(NotWeChat):
        mini.mini.login("c1")


def test_a_phone_number_comes_without_country_code(mini, platform):
    path = "/wxa/business/getuserphonenumber"
    info = {"phoneNumber": "+8613900000000", "purePhoneNumber": "13900000000", "countryCode": "86"}
    platform.answers[path] = said(errcode=0, phone_info=info)
    assert mini.mini.phone("c1") == "13900000000"
    assert body(platform, path) == {"code": "c1"}
    platform.answers[path] = OK
    with pytest.raises(NotWeChat):
        mini.mini.phone("c1")


def test_a_round_code_is_a_picture(mini, platform):
    path = "/wxa/getwxacodeunlimit"
    platform.answers[path] = Said(b"\xff\xd8jpeg", content_type="image/jpeg")
    assert mini.mini.code("s=42", "/pages/in", width=9999) == b"\xff\xd8jpeg"
    sent = body(platform, path)
    assert (sent["scene"], sent["page"], sent["width"], sent["check_path"]) == (
        "s=42",
        "pages/in",
        1280,
        True,
    )
    platform.answers[path] = refused(41030)
    with pytest.raises(WeChatError):
        mini.mini.code("s=42")
    platform.answers[path] = OK
    with pytest.raises(NotWeChat):
        mini.mini.code("s=42")
    for scene in ("", "x" * 33, "中文", "a b"):
        assert refusal(lambda scene=scene: mini.mini.code(scene)) == 40129


def test_a_text_is_checked_with_version_2(mini, platform):
    path = "/wxa/msg_sec_check"
    platform.answers[path] = said(errcode=0, trace_id="t", result={"suggest": "risky", "label": 20006})
    verdict = mini.mini.check_text(OPENID, "话", 3)
    assert (verdict.suggest, verdict.label, verdict.trace_id) == ("risky", 20006, "t")
    assert body(platform, path) == {"openid": OPENID, "scene": 3, "version": 2, "content": "话"}
    platform.answers[path] = OK
    with pytest.raises(NotWeChat):
        mini.mini.check_text(OPENID, "话")
    assert refusal(lambda: mini.mini.check_text(OPENID, "话" * 2501)) == 45002


def test_a_mini_program_has_customer_service_and_media_too(mini, platform):
    mini.messages.text(OPENID, "您好")
    platform.answers["/cgi-bin/media/upload"] = said(media_id="m1")
    assert mini.media.upload("image", b"x", "p.jpg") == "m1"
    assert mini.notices.templates() == []


def test_calls_that_the_account_may_not_make_are_refused_before_they_cost(make, platform):
    unverified = make(verified=False)
    subscription = make("subscription")
    for call in (
        lambda: unverified.messages.text(OPENID, "x"),
        lambda: unverified.menu.create({}),
        lambda: unverified.users.get(OPENID),
        lambda: unverified.oauth.exchange("c1"),
        lambda: unverified.oauth.authorize_url("https://x.example", "s1"),
        lambda: unverified.mini.login("c1"),
        lambda: subscription.qr.temporary("x", 60),
        lambda: subscription.templates.send(OPENID, "t", {}),
        lambda: subscription.mass.to_openids(["a", "b"], mass.text("x"), "bc-1"),
    ):
        assert refusal(call) == 48001
    assert not platform.asked
    assert unverified.can("push")
    assert not unverified.can("kf")

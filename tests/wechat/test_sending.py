"""Messages go out in the form of WeChat's pages; what cannot work is refused before it costs."""

import pytest

from app.wechat import mass
from app.wechat.errors import WeChatError
from app.wechat.replies import Article
from app.wechat.sending import MiniPage
from tests.wechat.conftest import body, refusal
from tests.wechat.stand_in import refused, said

OPENID = "oABCD1234567890abcdefghijklm"
CUSTOM = "/cgi-bin/message/custom/send"
TEMPLATE = "/cgi-bin/message/template/send"
SENDALL = "/cgi-bin/message/mass/sendall"


def test_customer_service_messages_have_wechats_form(wechat, platform):
    article = Article("题", "述", "https://x.example", "https://x.example/p.jpg")
    page = MiniPage("wxmini", "pages/a?id=1")
    calls = {
        "text": (lambda: wechat.messages.text(OPENID, "您好"), {"content": "您好"}),
        "image": (lambda: wechat.messages.image(OPENID, "m1"), {"media_id": "m1"}),
        "voice": (lambda: wechat.messages.voice(OPENID, "m1"), {"media_id": "m1"}),
        "news": (
            lambda: wechat.messages.news(OPENID, article),
            {
                "articles": [
                    {
                        "title": "题",
                        "description": "述",
                        "url": "https://x.example",
                        "picurl": "https://x.example/p.jpg",
                    }
                ]
            },
        ),
        "mpnewsarticle": (lambda: wechat.messages.article(OPENID, "a1"), {"article_id": "a1"}),
        "msgmenu": (
            lambda: wechat.messages.menu(OPENID, "请选择", [("101", "满意"), ("102", "不满意")], "谢谢"),
            {
                "head_content": "请选择",
                "list": [{"id": "101", "content": "满意"}, {"id": "102", "content": "不满意"}],
                "tail_content": "谢谢",
            },
        ),
        "miniprogrampage": (
            lambda: wechat.messages.mini_page(OPENID, "题", page, "t1"),
            {"title": "题", "appid": "wxmini", "pagepath": "pages/a?id=1", "thumb_media_id": "t1"},
        ),
        "link": (
            lambda: wechat.messages.link(OPENID, article),
            {
                "title": "题",
                "description": "述",
                "url": "https://x.example",
                "thumb_url": "https://x.example/p.jpg",
            },
        ),
    }
    for kind, (call, payload) in calls.items():
        platform.asked.clear()
        call()
        asked = next(asked for asked in platform.asked if asked.path == CUSTOM)
        assert asked.json == {"touser": OPENID, "msgtype": kind, kind: payload}


def test_typing_is_shown_and_ended(wechat, platform):
    wechat.messages.typing(OPENID)
    wechat.messages.typing(OPENID, on=False)
    commands = [asked.json["command"] for asked in platform.of("/cgi-bin/message/custom/typing")]
    assert commands == ["Typing", "CancelTyping"]


def test_a_text_of_more_than_2048_bytes_is_refused_before_it_is_sent(wechat, platform):
    assert refusal(lambda: wechat.messages.text(OPENID, "好" * 683)) == 45002
    assert not platform.asked


def test_a_template_message_has_wechats_form_and_gives_its_id(wechat, platform):
    platform.answers[TEMPLATE] = said(errcode=0, errmsg="ok", msgid=200228332)
    data = {"thing1": "老年体检预约", "time2": "2026-12-01 09:00"}
    page = MiniPage("wxmini", "pages/a")
    sent = wechat.templates.send(
        OPENID, "ngqI", data, url="https://x.example", page=page, client_msg_id="ob-1"
    )
    assert sent == "200228332"
    assert body(platform, TEMPLATE) == {
        "touser": OPENID,
        "template_id": "ngqI",
        "url": "https://x.example",
        "miniprogram": {"appid": "wxmini", "pagepath": "pages/a"},
        "client_msg_id": "ob-1",
        "data": {"thing1": {"value": "老年体检预约"}, "time2": {"value": "2026-12-01 09:00"}},
    }


def test_a_template_without_target_names_none(wechat, platform):
    wechat.templates.send(OPENID, "ngqI", {})
    assert set(body(platform, TEMPLATE)) == {"touser", "template_id", "data"}


def test_a_wrong_template_field_is_named_in_the_error(wechat, platform):
    platform.answers[TEMPLATE] = refused(
        47003, "argument invalid! data.thing1.value invalid rid: 6aac005a-01bfdbee-79769285"
    )
    with pytest.raises(WeChatError, match=r"data\.thing1\.value") as fault:
        wechat.templates.send(OPENID, "ngqI", {"thing1": "x" * 30})
    assert fault.value.handling == "content"


def test_templates_are_listed(wechat, platform):
    platform.answers["/cgi-bin/template/get_all_private_template"] = said(
        template_list=[{"template_id": "ngqI"}]
    )
    assert wechat.templates.list() == [{"template_id": "ngqI"}]


def test_a_subscription_notice_has_wechats_form(wechat, platform):
    path = "/cgi-bin/message/subscribe/bizsend"
    wechat.notices.bizsend(OPENID, "VRR0", {"thing1": "甲"}, url="https://x.example", client_msg_id="ob-1")
    assert body(platform, path) == {
        "touser": OPENID,
        "template_id": "VRR0",
        "page": "https://x.example",
        "client_msg_id": "ob-1",
        "miniprogram_state": "formal",
        "lang": "zh_CN",
        "data": {"thing1": {"value": "甲"}},
    }


def test_a_mini_programs_notice_has_wechats_form(mini, platform):
    path = "/cgi-bin/message/subscribe/send"
    platform.answers[path] = said(errcode=0, errmsg="ok", msgid=5)
    assert mini.notices.mini(OPENID, "BDcg", {"thing1": "甲"}, page="pages/a") == "5"
    sent = body(platform, path)
    assert (sent["page"], sent["miniprogram_state"], sent["lang"]) == ("pages/a", "formal", "zh_CN")


def test_a_person_without_grant_is_told_apart(mini, platform):
    platform.answers["/cgi-bin/message/subscribe/send"] = refused(43101)
    with pytest.raises(WeChatError) as fault:
        mini.notices.mini(OPENID, "BDcg", {})
    assert fault.value.handling == "grant"


def test_a_mass_send_uses_tag_id_and_the_key_images(wechat, platform):
    platform.answers[SENDALL] = said(errcode=0, errmsg="ok", msg_id=34182, msg_data_id=206227730)
    job = wechat.mass.to_tag(102, mass.images(["m1", "m2"], "看"), "bc-1")
    assert (job.msg_id, job.msg_data_id, job.repeated) == ("34182", "206227730", False)
    sent = body(platform, SENDALL)
    assert sent["filter"] == {"is_to_all": False, "tag_id": 102}
    assert (sent["msgtype"], sent["images"]["media_ids"], sent["clientmsgid"]) == (
        "image",
        ["m1", "m2"],
        "bc-1",
    )


def test_a_mass_send_to_everybody_names_no_tag(wechat, platform):
    wechat.mass.to_tag(None, mass.article("d1"), "bc-1")
    sent = body(platform, SENDALL)
    assert sent["filter"] == {"is_to_all": True}
    assert sent["mpnews"] == {"media_id": "d1"}


def test_f19_a_mass_send_that_wechat_knows_already_counts_as_sent(wechat, platform):
    platform.answers[SENDALL] = said(errcode=45065, errmsg="clientmsgid exist rid: 1", msg_id=34182)
    job = wechat.mass.to_tag(102, mass.text("停水通知"), "bc-1")
    assert (job.msg_id, job.repeated) == ("34182", True)


def test_mass_sends_that_cannot_work_are_refused_here(wechat, platform):
    assert refusal(lambda: wechat.mass.to_openids(["o1"], mass.text("x"), "bc-1")) == 40130
    assert refusal(lambda: wechat.mass.to_openids(["o1"] * 10_001, mass.text("x"), "bc-1")) == 40130
    assert refusal(lambda: wechat.mass.to_tag(1, mass.text("x"), "b" * 33)) == 45067
    assert refusal(lambda: wechat.mass.to_tag(1, mass.text("x"), "")) == 45067
    assert not platform.asked


def test_a_preview_of_pictures_uses_the_key_of_previews(wechat, platform):
    wechat.mass.preview(OPENID, mass.images(["m1"]))
    sent = body(platform, "/cgi-bin/message/mass/preview")
    assert sent == {"touser": OPENID, "msgtype": "image", "image": {"media_id": "m1"}}


def test_a_mass_send_is_followed_and_withdrawn(wechat, platform):
    platform.answers["/cgi-bin/message/mass/get"] = said(msg_id=1, msg_status="SEND_SUCCESS")
    assert wechat.mass.state("1") == "SEND_SUCCESS"
    wechat.mass.delete("34182", 1)
    assert body(platform, "/cgi-bin/message/mass/delete") == {"msg_id": 34182, "article_idx": 1}
    wechat.mass.to_openids(["o1", "o2"], mass.voice("m1"), "bc-1")
    assert body(platform, "/cgi-bin/message/mass/send")["touser"] == ["o1", "o2"]

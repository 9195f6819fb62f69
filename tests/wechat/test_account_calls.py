"""Menu, codes, followers, files and articles: each call in WeChat's form, each answer typed."""

import pytest

from app.wechat.articles import DraftArticle
from app.wechat.errors import NotWeChat, WeChatError
from tests.wechat.conftest import body, refusal
from tests.wechat.stand_in import Said, refused, said

OPENID = "oABCD1234567890abcdefghijklm"


def test_a_menu_is_made_read_and_removed(wechat, platform):
    menu = {"button": [{"type": "click", "name": "办事", "key": "APPT"}]}
    wechat.menu.create(menu)
    assert body(platform, "/cgi-bin/menu/create") == menu
    platform.answers["/cgi-bin/menu/get"] = said(menu=menu)
    assert wechat.menu.get() == {"menu": menu}
    platform.answers["/cgi-bin/menu/get"] = refused(46003)
    assert wechat.menu.get() is None
    platform.answers["/cgi-bin/menu/get"] = refused(45009)
    with pytest.raises(WeChatError):
        wechat.menu.get()
    wechat.menu.delete()
    assert platform.of("/cgi-bin/menu/delete")
    platform.answers["/cgi-bin/get_current_selfmenu_info"] = said(is_menu_open=1)
    assert wechat.menu.shown() == {"is_menu_open": 1}


def test_a_code_always_says_how_long_it_lives(wechat, platform):
    path = "/cgi-bin/qrcode/create"
    platform.answers[path] = said(ticket="gQ/H+=", expire_seconds=86400, url="http://weixin.qq.com/q/k")
    code = wechat.qr.temporary("checkin:42", 86400)
    assert (code.content, code.seconds) == ("http://weixin.qq.com/q/k", 86400)
    assert code.image_url == f"{platform.url}/cgi-bin/showqrcode?ticket=gQ%2FH%2B%3D"
    assert body(platform, path) == {
        "expire_seconds": 86400,
        "action_name": "QR_STR_SCENE",
        "action_info": {"scene": {"scene_str": "checkin:42"}},
    }
    platform.asked.clear()
    wechat.qr.permanent("door:1")
    assert platform.asked[0].json["action_name"] == "QR_LIMIT_STR_SCENE"
    assert "expire_seconds" not in platform.asked[0].json


def test_codes_that_cannot_work_are_refused_here(wechat):
    assert refusal(lambda: wechat.qr.temporary("x", 0)) == 40053
    assert refusal(lambda: wechat.qr.temporary("x", 2_592_001)) == 40053
    assert refusal(lambda: wechat.qr.permanent("x" * 65)) == 40053
    assert refusal(lambda: wechat.qr.permanent("")) == 40053


def test_a_follower_is_read_and_so_is_one_who_left(wechat, platform):
    full = {"subscribe": 1, "openid": OPENID, "subscribe_time": 5, "unionid": "u", "tagid_list": [102]}
    full |= {"subscribe_scene": "ADD_SCENE_QR_CODE", "qr_scene": 0, "qr_scene_str": "door:1", "remark": ""}
    platform.answers["/cgi-bin/user/info"] = [said(**full), said(subscribe=0, openid=OPENID)]
    here, gone = wechat.users.get(OPENID), wechat.users.get(OPENID)
    assert (here.following, here.since, here.unionid, here.tags, here.qr_scene) == (
        True,
        5,
        "u",
        (102,),
        "door:1",
    )
    assert (gone.following, gone.openid, gone.tags, gone.unionid) == (False, OPENID, (), "")
    assert OPENID not in repr(here)


def test_many_people_are_asked_for_in_hundreds(wechat, platform):
    def answer(asked):
        return said(
            user_info_list=[{"openid": row["openid"], "subscribe": 1} for row in asked.json["user_list"]]
        )

    platform.answers["/cgi-bin/user/info/batchget"] = answer
    found = wechat.users.batch([f"o{number}" for number in range(250)])
    assert [person.openid for person in found] == [f"o{number}" for number in range(250)]
    assert len(platform.of("/cgi-bin/user/info/batchget")) == 3


def test_all_followers_are_walked_through(wechat, platform):
    pages = {"": (["a", "b"], "b"), "b": (["c"], "c"), "c": ([], "")}

    def answer(asked):
        openids, following = pages[asked.query["next_openid"]]
        return said(
            total=3,
            count=len(openids),
            next_openid=following,
            **({"data": {"openid": openids}} if openids else {}),
        )

    platform.answers["/cgi-bin/user/get"] = answer
    assert list(wechat.users.followers()) == ["a", "b", "c"]


def test_files_go_up_as_multipart(wechat, platform):
    platform.answers["/cgi-bin/media/upload"] = [said(type="image", media_id="m1"), said(thumb_media_id="t1")]
    platform.answers["/cgi-bin/media/uploadimg"] = said(url="https://mmbiz.example/p")
    platform.answers["/cgi-bin/material/add_material"] = said(media_id="m9", url="https://mmbiz.example/m")
    assert wechat.media.upload("image", b"\xff\xd8jpeg", 'p"\r\nX: y.jpg') == "m1"
    asked = platform.of("/cgi-bin/media/upload")[0]
    assert asked.query["type"] == "image"
    assert b'name="media"; filename="file.jpg"' in asked.body
    assert b"image/jpeg" in asked.body
    assert wechat.media.upload("thumb", b"x", "t.jpg") == "t1"
    assert wechat.media.upload_article_image(b"x", "a.png") == "https://mmbiz.example/p"
    kept = wechat.media.add_material("video", b"x", "v.mp4", title="题", intro="述")
    assert (kept.media_id, kept.url) == ("m9", "https://mmbiz.example/m")
    assert (
        '{"title": "题", "introduction": "述"}'.encode()
        in platform.of("/cgi-bin/material/add_material")[0].body
    )


def test_files_that_cannot_work_are_refused_here(wechat, platform):
    assert refusal(lambda: wechat.media.upload("image", b"x" * 2_097_153, "p.jpg")) == 45001
    assert refusal(lambda: wechat.media.upload("thumb", b"x" * 65_537, "p.jpg")) == 45001
    assert refusal(lambda: wechat.media.upload("image", b"", "p.jpg")) == 44001
    assert refusal(lambda: wechat.media.upload("program", b"x", "p.exe")) == 40004
    assert refusal(lambda: wechat.media.upload_article_image(b"x" * 1_048_577, "p.jpg")) == 45001
    assert not platform.asked


def test_a_file_comes_down_as_its_bytes_even_when_they_look_like_json(wechat, platform):
    path = "/cgi-bin/media/get"
    for content in (b"\xff\xd8jpeg", b'{"errcode":40001}'):
        platform.answers[path] = Said(content, content_type="image/jpeg")
        assert wechat.media.get("m1") == content
    platform.answers[path] = refused(40007)
    with pytest.raises(WeChatError) as fault:
        wechat.media.get("m1")
    assert fault.value.errcode == 40007
    platform.answers[path] = said(video_url="https://v.example/1")
    with pytest.raises(NotWeChat):
        wechat.media.get("m1")
    platform.answers[path] = Said(b"<html>", content_type="text/html")
    with pytest.raises(NotWeChat):
        wechat.media.get("m1")


def test_drafts_are_made_and_published(wechat, platform):
    platform.answers["/cgi-bin/draft/add"] = said(media_id="d1")
    assert wechat.drafts.add([DraftArticle("题", "<p>文</p>", "t1")]) == "d1"
    article = body(platform, "/cgi-bin/draft/add")["articles"][0]
    assert (article["title"], article["article_type"], article["thumb_media_id"]) == ("题", "news", "t1")
    assert b"\\u" not in platform.of("/cgi-bin/draft/add")[0].body
    platform.answers["/cgi-bin/draft/get"] = said(news_item=[{"title": "题"}])
    assert wechat.drafts.get("d1") == [{"title": "题"}]
    wechat.drafts.batch(0, 50)
    assert body(platform, "/cgi-bin/draft/batchget") == {"offset": 0, "count": 20, "no_content": 1}
    wechat.drafts.delete("d1")
    platform.answers["/cgi-bin/freepublish/submit"] = said(errcode=0, publish_id=7)
    assert wechat.publishing.submit("d1") == "7"
    detail = {"count": 1, "item": [{"idx": 1, "article_url": "https://mp.example/s"}]}
    platform.answers["/cgi-bin/freepublish/get"] = said(
        publish_status=0, article_id="a1", article_detail=detail
    )
    published = wechat.publishing.get("7")
    assert (published.status, published.article_id, published.urls) == (0, "a1", ("https://mp.example/s",))
    wechat.publishing.batch()
    wechat.publishing.delete("a1")
    assert refusal(lambda: wechat.drafts.add([DraftArticle("题" * 33, "x", "t")])) == 45003
    assert refusal(lambda: wechat.drafts.add([DraftArticle("题", "x" * 20_000, "t")])) == 45002

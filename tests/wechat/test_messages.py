"""Every kind of message and event that WeChat sends has a typed form; wechatpy reads the classic ones alike."""

import json

import pytest
from wechatpy import parse_message

from app.wechat import events, grants
from app.wechat.events import EVENTS
from app.wechat.messages import MESSAGES, read_push
from tests.wechat.push_samples import EVENT_SAMPLES, KEY, MESSAGE_SAMPLES
from tests.wechat.samples import ACCOUNT, OPENID, event_xml, message_xml, push_xml, text_xml


def as_json(raw: bytes) -> bytes:
    """The same push as a mini-program in JSON mode sends it."""
    tree = dict(read_push(raw).raw)
    for number in ("CreateTime", "MsgId"):
        if number in tree:
            tree[number] = int(tree[number])
    return json.dumps(tree, ensure_ascii=False).encode()


@pytest.mark.parametrize(("kind", "fields", "form", "expected"), MESSAGE_SAMPLES)
@pytest.mark.parametrize("encode", [bytes, as_json])
def test_every_kind_of_message_has_its_form(kind, fields, form, expected, encode):
    push = read_push(encode(message_xml(kind, fields)))
    assert type(push) is form
    assert (push.account, push.openid, push.created) == (ACCOUNT, OPENID, 1794000000)
    assert push.msg_id == "24762662405509099"
    assert {name: getattr(push, name) for name in expected} == expected


@pytest.mark.parametrize(("name", "fields", "form", "expected"), EVENT_SAMPLES)
@pytest.mark.parametrize("encode", [bytes, as_json])
def test_every_kind_of_event_has_its_form(name, fields, form, expected, encode):
    push = read_push(encode(event_xml(name, fields)))
    assert type(push) is form
    assert (push.account, push.openid, push.kind) == (ACCOUNT, OPENID, name.lower())
    assert {field: getattr(push, field) for field in expected} == expected


def test_the_samples_above_cover_every_declared_kind():
    sampled = {kind for kind, *_ in MESSAGE_SAMPLES} | {name.lower() for name, *_ in EVENT_SAMPLES}
    assert {*MESSAGES, *EVENTS} - {""} <= sampled


CLASSIC = {  # wechatpy's name for a field, ours
    "text": {"content": "content"},
    "image": {"media_id": "media_id", "image": "picture_url"},
    "voice": {"media_id": "media_id", "format": "format"},
    "video": {"media_id": "media_id", "thumb_media_id": "thumb_media_id"},
    "shortvideo": {"media_id": "media_id"},
    "location": {"label": "label"},
    "link": {"title": "title", "description": "description", "url": "url"},
    "click": {"key": "event_key"},
    "view": {"url": "url"},
    "unsubscribe": {},
}


@pytest.mark.parametrize(
    "raw",
    [message_xml(kind, fields) for kind, fields, *_ in MESSAGE_SAMPLES if kind in CLASSIC]
    + [
        event_xml(name, fields)
        for name, fields, *_ in EVENT_SAMPLES
        if name in ("CLICK", "VIEW", "unsubscribe")
    ],
)
def test_wechatpy_reads_the_classic_kinds_alike(raw):
    theirs, ours = parse_message(raw), read_push(raw)
    assert (theirs.source, theirs.target) == (ours.openid, ours.account)
    assert int(theirs.time.timestamp() if hasattr(theirs.time, "timestamp") else theirs.time) == ours.created
    for their_name, our_name in CLASSIC[ours.kind].items():
        assert (getattr(theirs, their_name) or "") == getattr(ours, our_name)


def test_one_row_of_a_json_list_comes_without_brackets():
    one = {"TemplateId": "A", "SubscribeStatusString": "accept", "PopupScene": "0"}
    for rows, count in ((one, 1), ([one], 1), ([one, one], 2), ([], 0)):
        tree = {
            "ToUserName": "gh_mp",
            "FromUserName": "oMP1234",
            "CreateTime": 1794000000,
            "MsgType": "event",
        }
        tree |= {"Event": "subscribe_msg_popup_event", "List": rows}
        push = read_push(json.dumps(tree).encode())
        assert push.grants == (grants.Grant("A", True, 0),) * count


def test_event_names_are_compared_without_regard_to_capitals():
    for name in ("Click", "CLICK", "click"):
        assert isinstance(read_push(event_xml(name, KEY("K"))), events.Click)


def test_milliseconds_are_brought_down_to_seconds():
    assert read_push(event_xml("CLICK", created="1794000000123")).created == 1794000000


def test_a_sticker_is_known_to_be_unsupported():
    sticker = read_push(text_xml("【收到不支持的消息类型，暂无法显示】"))
    assert sticker.unsupported
    assert read_push(text_xml("[收到不支持的消息类型,暂无法显示]")).unsupported
    assert not read_push(text_xml("我收到不支持的消息类型")).unsupported
    assert read_push(message_xml("unsupported")).unsupported


def test_the_words_of_a_person_are_kept_as_written():
    assert read_push(text_xml("  三号\n下午 ]] > 两点 ")).content == "  三号\n下午 ]] > 两点 "
    assert read_push(text_xml("")).content == ""
    assert read_push(push_xml("<MsgType>text</MsgType><MsgId>7</MsgId>")).content == ""


def test_control_characters_are_dropped_from_what_people_send():
    assert read_push(text_xml("一\x01二\x08三\x7f四\x85五\ufffe六")).content == "一二三四五六"
    tree = {"ToUserName": ACCOUNT, "FromUserName": OPENID, "CreateTime": 1, "MsgType": "text", "MsgId": 1}
    raw = json.dumps(tree | {"Content": "一\x00二\ud800三\ufffe"}).encode()
    assert read_push(raw).content == "一二三"


def test_a_repeat_of_a_message_has_the_same_key_and_another_message_another():
    assert read_push(text_xml("一", "7")).key == read_push(text_xml("一", "7")).key == f"m:7:{OPENID}"
    assert read_push(text_xml("一", "7")).key != read_push(text_xml("一", "8")).key


def test_a_message_without_id_is_told_apart_by_what_it_says():
    def key(content: str) -> str:
        return read_push(push_xml(f"<MsgType>text</MsgType><Content>{content}</Content>")).key

    assert key("一") == key("一")
    assert key("一") != key("二")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (event_xml("CLICK", KEY("A")), event_xml("CLICK", KEY("B"))),
        (event_xml("CLICK", KEY("A")), event_xml("VIEW", KEY("A"))),
        (event_xml("CLICK", KEY("A")), event_xml("CLICK", KEY("A"), created="1794000001")),
        (event_xml("CLICK", KEY("A")), event_xml("CLICK", KEY("A"), openid="oOTHER")),
        (event_xml("subscribe"), event_xml("SCAN", KEY("1"))),
        (
            event_xml("TEMPLATESENDJOBFINISH", "<MsgID>1</MsgID>"),
            event_xml("TEMPLATESENDJOBFINISH", "<MsgID>2</MsgID>"),
        ),
        (
            event_xml(
                "subscribe_msg_sent_event",
                "<SubscribeMsgSentEvent><List><MsgID>1</MsgID></List></SubscribeMsgSentEvent>",
            ),
            event_xml(
                "subscribe_msg_sent_event",
                "<SubscribeMsgSentEvent><List><MsgID>2</MsgID></List></SubscribeMsgSentEvent>",
            ),
        ),
    ],
)
def test_two_events_of_one_second_have_keys_of_their_own(one, other):
    assert read_push(one).key == read_push(one).key
    assert read_push(one).key != read_push(other).key


def test_keys_fit_the_column_that_stores_them():
    long = read_push(event_xml("VIEW", KEY("https://x.example/" + "好" * 900))).key
    other = read_push(event_xml("VIEW", KEY("https://x.example/" + "好" * 901))).key
    assert len(long) <= 190
    assert long != other


def test_an_event_key_of_the_plain_form():
    assert read_push(event_xml("CLICK", KEY("A"))).key == f"e:{OPENID}:1794000000:click:A"


def test_a_push_shows_neither_person_nor_words_in_logs():
    shown = repr(read_push(text_xml("我的电话是13800000000")))
    assert OPENID not in shown
    assert "电话" not in shown

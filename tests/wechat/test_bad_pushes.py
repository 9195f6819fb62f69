"""B01, B02, B04, B32: whatever is not a push of WeChat's form is BadPush 400, quickly, and nothing else."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.wechat.errors import BadPush
from app.wechat.messages import read_push
from app.wechat.push import Push
from tests.wechat.samples import event_xml, message_xml, push_xml, text_xml

COMMON = {"ToUserName": "gh_1", "FromUserName": "oABC", "CreateTime": 1794000000}
TEXT = COMMON | {"MsgType": "text", "Content": "x", "MsgId": 1}


def doctype(declaration: str, body: str = "&e;") -> bytes:
    return f"<!DOCTYPE xml [{declaration}]>".encode() + text_xml("").replace(b"<![CDATA[]]>", body.encode())


LAUGHS = '<!ENTITY e0 "ha">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
BAD = {
    "B01 external entity": doctype('<!ENTITY e SYSTEM "file:///etc/passwd">'),
    "B01 external parameter entity": doctype('<!ENTITY % e SYSTEM "http://127.0.0.1:1/x"> %e;', "x"),
    "B01 external document type": b'<!DOCTYPE xml SYSTEM "http://127.0.0.1:1/x">' + text_xml("x"),
    "B01 billion laughs": doctype(LAUGHS, "&e9;"),
    "B01 quadratic entity": doctype(f'<!ENTITY e "{"a" * 20_000}">', "&e;" * 2_000),
    "B01 empty document type": b"<!DOCTYPE xml>" + text_xml("x"),
    "B01 unknown entity": text_xml("x").replace(b"<![CDATA[x]]>", b"&nbsp;"),
    "B02 nothing": b"",
    "B02 space": b"  \n",
    "B02 garbage": b"garbage",
    "B02 empty root": b"<xml/>",
    "B02 root with text": b"<xml>text</xml>",
    "B02 other root": text_xml("x").replace(b"xml>", b"root>"),
    "B02 two roots": text_xml("x") * 2,
    "B02 cut": text_xml("x")[:-9],
    "B02 no MsgType": push_xml("<Content>x</Content>"),
    "B02 empty MsgType": push_xml("<MsgType> </MsgType>"),
    "B02 MsgType twice": push_xml("<MsgType>text</MsgType><MsgType>event</MsgType>"),
    "B02 nested MsgType": push_xml("<MsgType><a>text</a></MsgType>"),
    "B02 no Event": push_xml("<MsgType>event</MsgType>"),
    "B02 empty Event": event_xml(""),
    "B02 Event twice": push_xml("<MsgType>event</MsgType><Event>CLICK</Event><Event>VIEW</Event>"),
    "B02 nested Event": push_xml("<MsgType>event</MsgType><Event><a/><b>c</b></Event>"),
    "B02 NUL": text_xml("a\x00b"),
    "B02 bad UTF-8": text_xml("x").replace(b"x]]", b"\xff\xfe]]"),
    "B02 overlong UTF-8": text_xml("x").replace(b"x]]", b"\xc0\xaf]]"),
    "B02 surrogate in UTF-8": text_xml("x").replace(b"x]]", b"\xed\xa0\x80]]"),
    "B02 UTF-16": text_xml("x").decode().encode("utf-16"),
    "B02 CreateTime=abc": event_xml("CLICK", created="abc"),
    "B02 no CreateTime": event_xml("CLICK", created=""),
    "B02 negative CreateTime": event_xml("CLICK", created="-5"),
    "B02 endless CreateTime": event_xml("CLICK", created="9" * 5000),
    "B02 full-width CreateTime": event_xml("CLICK", created="１７９４００００００"),
    "B02 CreateTime twice": push_xml("<CreateTime>1</CreateTime><MsgType>text</MsgType>"),
    "B02 no person": push_xml("<MsgType>text</MsgType>", openid=""),
    "B02 person with line breaks": push_xml("<MsgType>text</MsgType>", openid="o1\no2"),
    "B02 endless person": push_xml("<MsgType>text</MsgType>", openid="o" * 200),
    "B02 person twice": push_xml("<FromUserName>o2</FromUserName><MsgType>text</MsgType>"),
    "B02 content twice": message_xml("text", "<Content>a</Content><Content>b</Content>"),
    "B02 nested content": message_xml("text", "<Content><b>a</b></Content>"),
    "B02 place that is none": message_xml(
        "location", "<Location_X>abc</Location_X><Location_Y>1</Location_Y>"
    ),
    "B02 place NaN": message_xml("location", "<Location_X>nan</Location_X><Location_Y>1</Location_Y>"),
    "B02 place off the earth": message_xml(
        "location", "<Location_X>91</Location_X><Location_Y>1</Location_Y>"
    ),
    "B02 count that is none": event_xml("MASSSENDJOBFINISH", "<TotalCount>many</TotalCount>"),
    "B02 rows that are none": event_xml("subscribe_msg_sent_event", "<List>x</List>"),
    "B04 100k nested tags": b"<xml>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</xml>",
    "B04 100k open tags": b"<xml>" + b"<a>" * 100_000,
    "B04 100k tags beside each other": b"<xml>" + b"<a/>" * 100_000 + b"</xml>",
    "B32 array": b"[]",
    "B32 cut": b'{"MsgType":"text"',
    "B32 empty": b"{}",
    "B32 more after it": json.dumps(TEXT).encode() + b"x",
    "B32 twice the same name": json.dumps(TEXT).encode()[:-1] + b',"MsgType":"event"}',
    "B32 nested twice": json.dumps(TEXT).encode()[:-1] + b',"a":{"b":1,"b":2}}',
    "B32 NaN": json.dumps(TEXT | {"CreateTime": float("nan")}).encode(),
    "B32 Infinity": json.dumps(TEXT | {"x": float("inf")}).encode(),
    "B32 number without end": json.dumps(TEXT).encode()[:-1] + b',"x":1e999}',
    "B32 integer of 10k digits": json.dumps(TEXT).encode()[:-1] + b',"x":' + b"9" * 10_000 + b"}",
    "B32 depth 10k": json.dumps(TEXT).encode()[:-1] + b',"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "B32 depth 20": json.dumps(TEXT).encode()[:-1] + b',"x":' + b"[" * 20 + b"]" * 20 + b"}",
    "B32 UTF-16": json.dumps(TEXT).encode("utf-16"),
    "B32 MsgType number": json.dumps(COMMON | {"MsgType": []}).encode(),
    "B32 MsgType object": json.dumps(COMMON | {"MsgType": {"a": 1}}).encode(),
    "B32 CreateTime text": json.dumps(TEXT | {"CreateTime": "soon"}).encode(),
    "B32 CreateTime list": json.dumps(TEXT | {"CreateTime": [1]}).encode(),
    "B32 content list": json.dumps(TEXT | {"Content": ["x"]}).encode(),
}


def outcome(raw: bytes) -> Push | BadPush:
    """What becomes of a body; every other exception is the test's failure."""
    try:
        return read_push(raw)
    except BadPush as refused:
        return refused


def family(bad: str) -> pytest.MarkDecorator:
    """Every body that is tried under this id."""
    tried = [pytest.param(raw, id=name) for name, raw in BAD.items() if name.startswith(bad)]
    return pytest.mark.parametrize("raw", tried)


def refused_quickly(raw: bytes) -> None:
    started = time.process_time()
    with pytest.raises(BadPush) as refused:
        read_push(raw)
    assert refused.value.status == 400
    assert time.process_time() - started < 0.2  # 50 ms on a machine of one's own


@family("B01")
def test_b01_a_document_with_entities_is_refused_with_400_within_50_ms(raw):
    refused_quickly(raw)


@family("B02")
def test_b02_what_is_no_message_of_wechats_is_refused_with_400_within_50_ms(raw):
    refused_quickly(raw)


@family("B04")
def test_b04_a_hundred_thousand_tags_are_refused_with_400_within_50_ms(raw):
    refused_quickly(raw)


@family("B32")
def test_b32_json_that_could_be_read_in_two_ways_is_refused_with_400_within_50_ms(raw):
    refused_quickly(raw)


def test_b01_b02_b32_the_reason_repeats_nothing_of_the_body():
    for raw in BAD.values():
        with pytest.raises(BadPush) as refused:
            read_push(raw)
        assert "passwd" not in str(refused.value)
        assert len(refused.value.reason) < 120


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=300).map(lambda text: f"<xml>{text}</xml>".encode("utf-8", "replace")),
    )
)
def test_b02_random_bytes_are_refused_and_nothing_else(raw):
    with pytest.raises(BadPush):
        read_push(raw)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
_NAMES = st.sampled_from(
    [
        "ToUserName",
        "FromUserName",
        "CreateTime",
        "MsgType",
        "Event",
        "EventKey",
        "MsgId",
        "Content",
        "List",
        "result",
        "Location_X",
        "Location_Y",
        "SendPicsInfo",
        "ScanCodeInfo",
        "PublishEventInfo",
        "RevokeInfo",
        "TotalCount",
    ]
)


@settings(max_examples=600, deadline=None)
@given(
    st.dictionaries(_NAMES, _JSON, max_size=8),
    st.sampled_from(
        [
            "text",
            "location",
            "event:subscribe",
            "event:MASSSENDJOBFINISH",
            "event:PUBLISHJOBFINISH",
            "event:pic_weixin",
            "event:subscribe_msg_sent_event",
            "event:user_authorization_revoke",
            "event:wxa_media_check",
            "event:new",
        ]
    ),
)
def test_b02_b32_a_signed_push_with_any_field_in_any_shape_is_read_or_refused(fields, kind):
    message_kind, _, event = kind.partition(":")
    tree = TEXT | ({"Event": event} if event else {}) | {"MsgType": message_kind} | fields
    push = outcome(json.dumps(tree).encode())
    if isinstance(push, BadPush):
        assert push.status == 400
    else:
        assert len(push.key) <= 190


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 600), st.binary(min_size=1, max_size=4))
def test_b02_a_push_with_any_bytes_overwritten_is_read_or_refused(at, noise):
    raw = event_xml("MASSSENDJOBFINISH", "<MsgID>1</MsgID><TotalCount>5</TotalCount><A><B>c</B></A>")
    push = outcome(raw[:at] + noise + raw[at + len(noise) :])
    assert isinstance(push, Push) or push.status == 400

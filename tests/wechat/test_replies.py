"""Answers are XML that WeChat takes: nothing forged by what people write, never too long."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.replies import deserialize_reply

from app.wechat.markup import clean, read_body
from app.wechat.messages import read_push
from app.wechat.replies import (
    LONGEST_TEXT,
    NOTHING,
    Article,
    TooLong,
    fits,
    image_reply,
    news_reply,
    text_reply,
    transfer_reply,
    voice_reply,
)
from tests.wechat.samples import ACCOUNT, OPENID, text_xml

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PUSH = read_push(text_xml("您好"))


def test_a_text_goes_back_to_whom_it_came_from():
    tree = read_body(text_reply(PUSH, "您好，请回数字。", NOW).encode())
    assert tree == {
        "ToUserName": OPENID,
        "FromUserName": ACCOUNT,
        "CreateTime": str(int(NOW.timestamp())),
        "MsgType": "text",
        "Content": "您好，请回数字。",
    }


@pytest.mark.parametrize(
    "evil",
    [
        "]]>",
        "a]]></Content><MsgType>news</MsgType><Content>",
        "]]]]>>",
        "]]]]><![CDATA[>",
        "]" * 9 + ">",
        "<b>&amp;</b>",
    ],
)
def test_what_people_write_cannot_forge_an_answer(evil):
    tree = read_body(text_reply(PUSH, evil, NOW).encode())
    assert tree["Content"] == evil
    assert tree["MsgType"] == "text"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_any_text_makes_an_answer_that_reads_back_as_its_legal_characters(text):
    answer = text_reply(PUSH, text, NOW)
    if answer != NOTHING:
        content = read_body(answer.encode())["Content"]
        assert content == clean(text).replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("empty", ["", "  \n", "\x00\x01"])
def test_an_empty_answer_is_wechats_word_for_nothing(empty):
    assert text_reply(PUSH, empty, NOW) == NOTHING == "success"


def test_the_bound_is_2048_bytes_not_characters():
    longest = "好" * 682 + "ab"
    assert fits(longest)
    assert len(longest.encode()) == LONGEST_TEXT
    assert not fits(longest + "c")
    text_reply(PUSH, longest, NOW)
    with pytest.raises(TooLong):
        text_reply(PUSH, longest + "c", NOW)


def test_wechatpy_reads_our_answers_back():
    article = Article("题]]>", "述", "https://x.example/a?b=1&c=2", "https://x.example/p.jpg")
    assert deserialize_reply(text_reply(PUSH, "您好", NOW)).content == "您好"
    assert deserialize_reply(image_reply(PUSH, "m1", NOW)).image == "m1"
    assert deserialize_reply(voice_reply(PUSH, "m1", NOW)).voice == "m1"
    card = read_body(news_reply(PUSH, article, NOW).encode())["Articles"]["item"]
    assert card == {
        "Title": "题]]>",
        "Description": "述",
        "PicUrl": "https://x.example/p.jpg",
        "Url": "https://x.example/a?b=1&c=2",
    }
    for answer in (image_reply(PUSH, "m", NOW), transfer_reply(PUSH, NOW)):
        reply = deserialize_reply(answer)
        assert (reply.source, reply.target, reply.time) == (ACCOUNT, OPENID, int(NOW.timestamp()))


def test_a_person_can_be_handed_to_one_member_of_the_staff():
    tree = read_body(transfer_reply(PUSH, NOW, "zhang@hzzl").encode())
    assert tree["MsgType"] == "transfer_customer_service"
    assert tree["TransInfo"] == {"KfAccount": "zhang@hzzl"}
    assert "TransInfo" not in read_body(transfer_reply(PUSH, NOW).encode())

"""Answers are XML that WeChat takes: nothing forged by what people write, never too long, cut where one breathes."""

import time
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
    split_for_reply,
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


def test_a_short_text_is_one_answer():
    assert split_for_reply("您好。请回数字。\n1 预约") == ["您好。请回数字。\n1 预约"]
    assert split_for_reply("  \n ") == []


def test_a_long_text_is_cut_between_sentences():
    sentence = "请您带好身份证和户口本，到一楼大厅三号窗口办理。"
    pages = split_for_reply(sentence * 100)
    assert len(pages) > 1
    assert all(fits(page) and page.endswith("。") for page in pages)
    assert "".join(pages) == sentence * 100


def test_a_long_list_is_cut_between_lines():
    lines = [f"{number} 互助中路社区第{number}号服务点" for number in range(200)]
    pages = split_for_reply("\n".join(lines))
    assert [line for page in pages for line in page.split("\n")] == lines


def test_a_link_is_never_cut_in_two():
    link = '<a href="https://x.example/notice?a=1;b=2">点这里看，全文。很长</a>'
    pages = split_for_reply((link + "，") * 60)
    assert all(page.count("<a ") == page.count("</a>") for page in pages)
    assert sum(page.count("</a>") for page in pages) == 60


def test_a_text_without_any_break_is_cut_between_characters():
    pages = split_for_reply("字" * 3000 + "👨‍👩‍👧" * 500)
    assert all(fits(page) for page in pages)
    assert "".join(pages) == "字" * 3000 + "👨‍👩‍👧" * 500
    assert not any(page.startswith("\u200d") or page.endswith("\u200d") for page in pages)


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("字，。 \na<>/x1🏽é"), max_size=600))
def test_splitting_loses_no_word_and_every_page_fits(text):
    pages = split_for_reply(text, 120)
    assert all(0 < len(page.encode()) <= 120 for page in pages)
    assert "".join("".join(pages).split()) == "".join(text.split())


@pytest.mark.parametrize("evil", ["<a " * 20_000, "<a>" * 20_000, "，" * 30_000, "。" * 30_000, " " * 50_000])
def test_splitting_a_hostile_text_takes_no_long_time(evil):
    started = time.process_time()
    split_for_reply(evil)
    assert time.process_time() - started < 2

"""Bytes from dice: pushes of WeChat's with pieces overwritten, doubled, cut out or taken from another, thousands a
second. And the smallest bytes that still break what they broke."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from tests.wechat.push_samples import EVENT_SAMPLES, MESSAGE_SAMPLES
from tests.wechat.samples import event_xml, message_xml
from tests.wechat.test_bad_pushes import BAD

SAMPLES = [message_xml(kind, fields) for kind, fields, *_ in MESSAGE_SAMPLES]
SAMPLES += [event_xml(name, fields) for name, fields, *_ in EVENT_SAMPLES]
JSON = b'{"ToUserName":"gh_1","FromUserName":"oABC","CreateTime":1794000000,"MsgType":"text","Content":"x","MsgId":1}'
SEEDS = [*SAMPLES, JSON, *(raw for raw in BAD.values() if len(raw) < 4000)]
GOOD = [*SAMPLES, JSON]
FIELD = re.compile(rb"<(\w+)>(?:<!\[CDATA\[)?([^<\]]*)(?:\]\]>)?</\1>|\"(\w+)\":(\"?[^\",}]*\"?)")
# fmt: off
VALUES = [
    b"", b" ", b"0", b"-1", b"1.5", b"1e999", b"NaN", b"9" * 20, b"9" * 300, "\uff11\uff12".encode(), b"abc", b"text", b"event", b"CLICK", b"VIEW", b"subscribe",
    b"unsubscribe", b"SCAN", b"qrscene_", b"TEMPLATESENDJOBFINISH", b"MASSSENDJOBFINISH", b"&#65;", b"&amp;lt;", b"\xe2\x80\xae", b"\xf0\x9f\x91\xa8\xe2\x80\x8d",
    b"../../x", b"'--", b"{{7*7}}", b"%s%n", b"\r\nSet-Cookie: a=b", b"success", b"{}", b"[]", b"null", b"true", b'"', b"a" * 200,
]
PIECES = [
    b"<a>", b"</a>", b"<a/>", b"]]>", b"<![CDATA[", b"&#0;", b"&#xD800;", b"&e;", b"<!DOCTYPE x>", b"<!--", b"<?xml version='1.1'?>",
    b"\x00", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xf0\x9f\x91\xa8", b'"', b"{", b"[" * 50, b"\\ud800", b"NaN", b"1e999", b"-1",
    b"9" * 40, b"</xml>", b"<xml>", b"<MsgType>event</MsgType>", b"<Event>CLICK</Event>", b"<FromUserName>", b"=", b"\r\n", b" ",
]
# fmt: on


def mutated(dice: random.Random) -> bytes:
    if dice.random() < 0.03:
        return dice.randbytes(dice.randrange(400))
    gently = dice.random() < 0.6
    raw = dice.choice(GOOD if gently else SEEDS)
    for _ in range(dice.randrange(1, 5)):
        raw = _one_field(raw, dice) if gently else _once(raw, dice)
    return raw


def _one_field(raw: bytes, dice: random.Random) -> bytes:
    """The document stays one: a field has another value, is there twice, or is gone."""
    field = dice.choice(list(FIELD.finditer(raw)) or [None])
    if field is None:
        return raw
    start, end = field.span()
    way = dice.randrange(4)
    if way == 0:
        return raw[:end] + field[0] + raw[end:]
    if way == 1:
        return raw[:start] + raw[end:]
    at, to = field.span(2 if field[1] else 4)
    return raw[:at] + dice.choice(VALUES) * dice.choice((1, 1, 1, 50)) + raw[to:]


def _once(raw: bytes, dice: random.Random) -> bytes:
    start, length = dice.randrange(len(raw) + 1), dice.randrange(31)
    piece = raw[start : start + length]
    way = dice.randrange(7)
    if way == 0:
        piece = dice.randbytes(dice.randrange(9))
    elif way == 1:
        piece *= 3
    elif way == 2:
        other = dice.choice(SEEDS)
        at = dice.randrange(len(other) + 1)
        piece = other[at : at + dice.randrange(31)]
    elif way == 3:
        piece = b""
    elif way == 4:
        piece = bytes(one ^ (1 << dice.randrange(8)) for one in piece[:2]) + piece[2:]
    else:
        piece = dice.choice(PIECES) + (piece if way == 5 else b"")
    return raw[:start] + piece + raw[start + length :]


def smallest(raw: bytes, breaks: Callable[[bytes], bool]) -> bytes:
    """Leave out halves, quarters, … and in the end single bytes, as long as it still breaks."""
    piece = len(raw)
    while piece:
        at = 0
        while at < len(raw):
            tried = raw[:at] + raw[at + piece :]
            if breaks(tried):
                raw = tried
            else:
                at += piece
        piece //= 2
    return raw

"""Any bytes: without a seal, with a broken one, and validly sealed; and real pushes with bytes overwritten or moved."""

from __future__ import annotations

import base64
import operator
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.door import envelope, knock
from tests.fuzz.world import Broken, World
from tests.wechat.push_samples import EVENT_SAMPLES, MESSAGE_SAMPLES
from tests.wechat.samples import event_xml, message_xml

SAMPLES = [message_xml(kind, fields) for kind, fields, *_ in MESSAGE_SAMPLES]
SAMPLES += [event_xml(name, fields) for name, fields, *_ in EVENT_SAMPLES]
JSON = b'{"ToUserName":"gh_1","FromUserName":"oABC","CreateTime":1794000000,"MsgType":"text","Content":"x","MsgId":1}'


def cases(_world: World) -> st.SearchStrategy[Any]:
    """`how` is where the bytes are put; `query` what is done to the envelope's address line."""
    whole = st.one_of(st.binary(max_size=400), st.sampled_from(SAMPLES), st.just(JSON), _mutated())
    query = st.dictionaries(
        st.sampled_from(["timestamp", "nonce", "encrypt_type", "msg_signature", "signature", "echostr"]),
        st.text(max_size=40),
        max_size=2,
    )
    return st.fixed_dictionaries(
        {
            "how": st.sampled_from(["sealed", "sealed", "bare", "broken"]),
            "bytes": whole.map(lambda raw: base64.b64encode(raw).decode()),
            "query": st.one_of(st.just({}), query),
            "at": st.integers(0, 600),
        }
    )


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    """A push of WeChat's with pieces overwritten, doubled, cut out, or taken from another."""
    raw = draw(st.sampled_from([*SAMPLES, JSON]))
    for _ in range(draw(st.integers(1, 4))):
        start, length = draw(st.integers(0, len(raw))), draw(st.integers(0, 30))
        piece = draw(
            st.one_of(
                st.binary(max_size=8),
                st.just(raw[start : start + length] * 3),
                st.sampled_from(SAMPLES).map(operator.itemgetter(slice(start, start + length))),
                st.sampled_from(
                    [b"<a>", b"</a>", b"]]>", b"&#0;", b"<!DOCTYPE x>", b"\xff", b"\xed\xa0\x80", b'"', b"{"]
                ),
            )
        )
        raw = raw[:start] + piece + raw[start + length :]
    return raw


def play(world: World, case: Any) -> str:
    phone, raw = world.phone(0), base64.b64decode(case["bytes"])
    query, body = envelope(phone, raw.replace(b"gh_1a2b3c4d5e6f", phone.original_id.encode()))
    if case["how"] == "bare":
        body = raw
    elif case["how"] == "broken":
        at = case["at"] % len(body)
        body = body[:at] + (raw[:3] or b"x") + body[at + 3 :]
    answer = knock(phone, {**query, **case["query"]}, body)
    world.hears_nothing_loud()
    if case["how"] == "bare" and answer.status == 200:
        raise Broken("bytes without a seal were taken")
    _ = answer.words
    return f"{answer.status} {case['how']}{' answered' if answer.xml else ''}"

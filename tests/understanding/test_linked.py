"""Addresses: web pages only, of ours or of an office; what hides where it leads does not go out."""

import time

import pytest

from app.understanding.linked import links

OURS = ["community.example"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("看https://community.example/h5/b/1。", [""]),
        ("看https://mp.weixin.qq.com/s/abc", [""]),
        ("看https://www.qinghai.gov.cn/a,也行", [""]),
        ("看www.example.com", ["unknown"]),
        ("看https://gov.cn.example.com/", ["unknown"]),
        ("看https://mp.weixin.qq.com:8443/", ["unknown"]),
        ("看https://evilgov.cn/", ["unknown"]),
        ("看javascript:alert(1)", ["kind"]),
        ("看ftp://files.gov.cn/a", ["kind"]),
        ("看http://1.2.3.4/a", ["disguised"]),
        ("看http://16909060/a", ["disguised"]),
        ("看http://[::1]/a", ["broken"]),
        ("看https://gov.cn@example.com/", ["disguised"]),
        ("看https://xn--fiq228c.com/", ["disguised"]),
        ("看https://t.cn/abc", ["short"]),
        ("看https://x", ["broken"]),
        ("看http://[1", ["broken"]),
        ("电话:0971-8176000,早上8:30", []),
        ("\uff48\uff54\uff54\uff50://t.cn/abc", ["short"]),
    ],
)
def test_each_address_is_judged(text: str, why: list[str]) -> None:
    assert [one.why for one in links(text, OURS)] == why


def test_the_same_address_is_found_once() -> None:
    assert len(links("https://a.gov.cn/1 https://a.gov.cn/1 https://a.gov.cn/2")) == 2


@pytest.mark.parametrize("text", ["a." * 50_000 + "://", "http://" * 20_000, "www." * 30_000])
def test_b31_a_long_text_is_read_in_no_time(text: str) -> None:
    begun = time.process_time()
    links(text)
    assert time.process_time() - begun < 0.5

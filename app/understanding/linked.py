"""Addresses in a text: only http and https, one at most, to places that readers may trust.

Whether an address answers is for scheduler's hands to ask (the network is not asked here).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from app.understanding.wide import narrow

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.\-]{1,20}://|www\.|javascript:|data:|file:)[^\s,。;、)>\]}“”\"'《》\u4e00-\u9fff]+",
    re.IGNORECASE,
)
KNOWN = ("mp.weixin.qq.com", "gov.cn")
SHORTENERS = frozenset("t.cn url.cn dwz.cn suo.im u.nu bit.ly t.co tinyurl.com 3.cn dwz.mk suo.nz".split())


@dataclass(frozen=True, slots=True)
class Link:
    """`why` is "" for an address that may stand: else "kind" (no web page), "broken", "disguised" (a number instead of
    a name, somebody's name in front), "short" (nobody sees where it leads), "unknown" (not ours, not of an office)."""

    words: str
    why: str = ""


def links(text: str, ours: Collection[str] = ()) -> list[Link]:
    """Every address of the text, each once. `ours` are hosts of our own."""
    found = dict.fromkeys(match[0].rstrip(".:!?") for match in _ADDRESS.finditer(narrow(text)))
    return [Link(words, _why(words, ours)) for words in found]


def _why(words: str, ours: Collection[str]) -> str:
    if words.lower().startswith("www."):
        words = f"https://{words}"
    try:
        parts = urlsplit(words)
        host = (parts.hostname or "").lower().rstrip(".")
        port = parts.port
    except ValueError:
        return "broken"
    if parts.scheme.lower() not in ("http", "https"):
        return "kind"
    if "@" in parts.netloc or host.startswith("xn--") or ".xn--" in host or _is_number(host):
        return "disguised"
    if "." not in host or not re.fullmatch(r"[a-z0-9.\-]+", host):
        return "broken" if host not in ours else ""
    if host in SHORTENERS:
        return "short"
    trusted = {*KNOWN, *(one.lower() for one in ours)}
    return "" if port in (None, 80, 443) and _is_under(host, trusted) else "unknown"


def _is_under(host: str, trusted: Collection[str]) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in trusted)


def _is_number(host: str) -> bool:
    """An address without a name, however it is written (1.2.3.4, 16909060, 0x1020304, [::1])."""
    try:
        ip_address(host)
    except ValueError:
        return bool(re.fullmatch(r"(?:0x[0-9a-f]++|[0-9]++)(?:\.(?:0x[0-9a-f]++|[0-9]++))*", host))
    return True

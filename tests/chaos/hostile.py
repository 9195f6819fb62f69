"""Forty callers with bad intentions at a running house: each plays one script, again and again, by its own dice.

They know what an attacker may know: the address, the form of every message, and (some of them) a WeChat of their own, so
that their pushes are signed as WeChat signs. What they are answered is judged here: no fault, no traceback, and no word of a
neighbour. (A 503 that says when to come back is no fault: pages and calls get it when the house is full, app/overload.py.)
"""

from __future__ import annotations

import hashlib
import itertools
import random
import re
import socket
import threading
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from wechatpy.crypto import WeChatCrypto

from app.settings import load_settings
from tests.security.test_hostile_words import HOSTILE
from tests.stack import Stack
from tests.wechat.test_bad_pushes import BAD

TIMEOUT = 30
FULL_HOUSE = 503
DIGITS = "0123456789"
OPENINGS = (
    "预约服务",
    "我的预约",
    "心愿",
    "随手拍",
    "活动",
    "签到",
    "我的信息",
    "时间银行",
    "人工",
    "撤销",
    "菜单",
)
GUESSED = (
    "/h5/appointments/{}",
    "/h5/matters/{}",
    "/h5/wishes/{}",
    "/h5/me",
    "/h5/me/copy.json",
    "/console/people/{}",
    "/console/appointments/{}",
    "/console/talks/{}",
    "/api/v1/appointments/{}",
    "/api/v1/me",
    "/api/v1/wishes/{}",
)
POSTED = (
    "/h5/book/{}",
    "/h5/appointments/{}/cancel",
    "/console/people/{}",
    "/console/sign-in",
    "/api/v1/login",
)
message_ids = itertools.count(31_000_000_000_000_000)


@dataclass
class Door:
    """The house as callers see it, and how WeChat would sign for it."""

    host: str
    port: int
    token: str
    original_id: str
    crypto: WeChatCrypto

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        connection = HTTPConnection(self.host, self.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            words = answer.read().decode("utf-8", "replace")
            honest = answer.status != FULL_HOUSE or answer.headers.get("Retry-After")
            return (answer.status if honest else 500), words
        finally:
            connection.close()

    def sealed(self, openid: str, kind: str, fields: str) -> tuple[str, bytes]:
        """(address, body) of a push as WeChat sends it."""
        now, number = int(time.time()), next(message_ids)
        head = f"<ToUserName>{self.original_id}</ToUserName><FromUserName>{openid}</FromUserName>"
        told = f"<CreateTime>{now}</CreateTime><MsgType>{kind}</MsgType>{fields}<MsgId>{number}</MsgId>"
        nonce = f"{random.randrange(10**9)}"
        sealed = self.crypto.encrypt_message(f"<xml>{head}{told}</xml>", nonce, str(now))
        return self.signed(_between(sealed, "Encrypt"), nonce, str(now))

    def signed(self, ciphertext: str, nonce: str, stamp: str) -> tuple[str, bytes]:
        proof = hashlib.sha1("".join(sorted([self.token, stamp, nonce, ciphertext])).encode()).hexdigest()
        query = f"timestamp={stamp}&nonce={nonce}&encrypt_type=aes&msg_signature={proof}"
        return f"/wx/main?{query}", f"<xml><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>".encode()

    def opened(self, answer: str) -> str:
        """The words of a sealed reply; "" for none."""
        if answer in ("", "success"):
            return ""
        parts = [_between(answer, name) for name in ("MsgSignature", "TimeStamp", "Nonce")]
        plain = self.crypto.decrypt_message(answer, *parts)
        return _between(plain.decode() if isinstance(plain, bytes) else plain, "Content")

    def says(self, openid: str, text: str) -> tuple[int, str]:
        status, answer = self.ask("POST", *self.sealed(openid, "text", f"<Content>{escape(text)}</Content>"))
        return status, self.opened(answer) if status == 200 else answer


def _between(xml: str, name: str) -> str:
    found = re.search(rf"<{name}>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</{name}>", xml, re.DOTALL)
    return found[1] if found else ""


def door_of(stack: Stack) -> Door:
    settings = load_settings(stack.environ)
    account, secret = settings.account("main"), settings.secrets.of("main")
    crypto = WeChatCrypto(secret.token, secret.aes_key, account.appid)
    return Door("127.0.0.1", stack.port, secret.token, account.original_id, crypto)


@dataclass
class Seen:
    """What the callers were answered, and everything about it that must not be."""

    canaries: tuple[str, ...]
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    cut: int = 0

    def note(self, script: str, status: int, body: str) -> None:
        self.statuses[status] += 1
        if status >= 500 and status != FULL_HOUSE:
            self.wrong.append(f"{script}: {status} {body[:120]}")
        told = [word for word in (*self.canaries, "Traceback (most") if word in body]
        if told:
            self.wrong.append(f"{script}: is told {told}")


class Villain:
    """One hostile session. `openid` is its own WeChat; several share one, which is a flood."""

    def __init__(self, door: Door, seen: Seen, number: int, dice: random.Random) -> None:
        self.door, self.seen, self.dice = door, seen, dice
        self.openid = f"oVillain-{number % 25:04}"
        self.taken: tuple[str, bytes] | None = None
        script = list(SCRIPTS)[number % len(SCRIPTS)]
        self.name, self.act = script, SCRIPTS[script]

    def runs(self, over: threading.Event) -> None:
        while not over.is_set():
            try:
                self.act(self)
            except (OSError, HTTPException):
                self.seen.cut += 1  # the house hung up, as it may
            over.wait(self.dice.uniform(0, 0.05))

    def sends(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        status, answer = self.door.ask(method, path, body, headers)
        self.seen.note(f"{self.name} {method} {path[:60]}", status, answer)
        return status, answer

    def says(self, text: str) -> None:
        status, words = self.door.says(self.openid, text)
        self.seen.note(f"{self.name} says {text[:30]!r}", status, words)

    def word(self) -> str:
        return self.dice.choice(HOSTILE).replace("\x00", "")


# ---- the scripts --------------------------------------------------------------------------------------------------------


def garbage(one: Villain) -> None:
    """Bodies that are none, unsigned, and signed around what cannot be opened."""
    raw = one.dice.choice(list(BAD.values()))[:60_000]
    one.sends("POST", "/wx/main", raw, {"Content-Type": "text/xml"})
    noise = b64encode(one.dice.randbytes(one.dice.randrange(200))).decode()
    one.sends("POST", *one.door.signed(noise, "1", str(int(time.time()))))


def replays(one: Villain) -> None:
    """One push of one's own, sent again and again, and with another signature."""
    one.taken = one.taken or one.door.sealed(one.openid, "text", "<Content>菜单</Content>")
    path, body = one.taken
    one.sends("POST", path, body)
    one.sends("POST", path[:-1] + ("0" if path[-1] != "0" else "1"), body)


def oversized(one: Villain) -> None:
    path = one.dice.choice(("/wx/main", "/mini/main", "/h5/letters", "/api/v1/login", "/console/sign-in"))
    one.sends("POST", path, b"x" * one.dice.choice((66_000, 300_000, 1_200_000)))


def sql_and_markup(one: Villain) -> None:
    """In what is typed, and in every address."""
    one.says(one.dice.choice(OPENINGS))
    one.says(one.word())
    path = one.dice.choice(
        ("/h5/search", "/h5/notices", "/console/people", "/api/v1/notices", "/h5/services")
    )
    one.sends("GET", f"{path}?q={quote(one.word())}&page={quote(one.word())}&day={quote(one.word())}")


def slow_and_half_open(one: Villain) -> None:
    """Heads without an end, and bodies of which nothing comes."""
    opened = []
    for _ in range(one.dice.randrange(1, 6)):
        raw = socket.create_connection((one.door.host, one.door.port), timeout=TIMEOUT)
        head = (
            f"POST {one.dice.choice(('/wx/main', '/h5/letters', '/console/sign-in'))} HTTP/1.1\r\nHost: x\r\n"
        )
        whole = head + "Content-Length: 5000\r\n\r\n<xml>" if one.dice.random() < 0.7 else head
        raw.sendall(whole.encode())
        opened.append(raw)
    time.sleep(one.dice.uniform(0.5, 2.5))
    for raw in opened:
        raw.close()


def guesses_ids(one: Villain) -> None:
    number = one.dice.choice((1, 2, 3, one.dice.randrange(1, 200), 2**31, 10**30))
    headers = {"Authorization": f"Bearer {one.dice.randbytes(16).hex()}"} if one.dice.random() < 0.5 else {}
    one.sends("GET", one.dice.choice(GUESSED).format(number), headers=headers)
    one.says(f"取消预约 {one.dice.randrange(1, 60):04}")


def forges(one: Villain) -> None:
    """Forms of another site, with no token or an invented one."""
    path = one.dice.choice(POSTED).format(one.dice.randrange(1, 50))
    origin = one.dice.choice(("null", "https://evil.test", "http://127.0.0.1:1"))
    body = f"csrf_token=x&once=y&name={quote(one.word())}".encode()
    headers = {"Origin": origin, "Content-Type": "application/x-www-form-urlencoded"}
    one.sends("POST", path, body, headers)


def juggles_sessions(one: Villain) -> None:
    """Invented cookies, and a guess at the console's door now and then."""
    cookie = one.dice.choice(("x", "eyJfIjoxfQ.x.y", one.dice.randbytes(60).hex(), '"', ";;;="))
    headers = {"Cookie": f"session={cookie}; console={cookie}; letters={cookie}"}
    for path in ("/h5/me", "/console/", "/console/mine"):
        one.sends("GET", path, headers=headers)
    if one.dice.random() < 0.1:
        body = f"csrf_token=x&login=admin&password={one.dice.randrange(10**6)}".encode()
        one.sends("POST", "/console/sign-in", body, {"Content-Type": "application/x-www-form-urlencoded"})


def types_digits(one: Villain) -> None:
    """Any digit at any question: steps are skipped, turned round, taken back."""
    one.says(one.dice.choice(OPENINGS))
    for _ in range(one.dice.randrange(1, 8)):
        one.says(
            one.dice.choice((*DIGITS, "是", "0000", "算了", "撤销", "重来", "9999999999", "-1", "1e309"))
        )


def floods(one: Villain) -> None:
    """All of these are one WeChat: words, events and places as fast as it goes."""
    one.openid = "oVillain-flood"
    one.says(one.dice.choice(("我要许愿 想要一根拐杖", "路灯坏了", "约高龄补贴", "人工", "1", "x" * 600)))
    event = one.dice.choice(("subscribe", "unsubscribe", "CLICK", "SCAN"))
    key = escape(one.dice.choice(("qrscene_x:1", "menu", "a:b:c", "volunteers:1", one.word())))
    path, body = one.door.sealed(
        one.openid, "event", f"<Event>{event}</Event><EventKey>{key}</EventKey><Ticket>t</Ticket>"
    )
    one.sends("POST", path, body)


SCRIPTS: dict[str, Callable[[Villain], Any]] = {
    each.__name__: each
    for each in (
        garbage,
        replays,
        oversized,
        sql_and_markup,
        slow_and_half_open,
        guesses_ids,
        forges,
        juggles_sessions,
        types_digits,
        floods,
    )
}

"""One delivery of one push: sealed in the app's mode, POSTed, given up after five seconds."""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.apps import App
from sandbox.replies import BadReply, opened
from sandbox.sealing import key_of, seal, sign
from sandbox.wire import REPLY_BYTES, cdata


@dataclass(frozen=True)
class Delivery:
    """status: the HTTP status, None when nothing came back; body: the answer, decrypted where it was sealed."""

    at: float
    status: int | None
    ms: int
    body: str = ""
    error: str | None = None
    answered: bool = False
    reply: dict[str, Any] | None = None

    def public(self) -> dict[str, Any]:
        return {"at": self.at, "status": self.status, "ms": self.ms, "body": self.body, "error": self.error}


def envelope(app: App, openid: str, plain: str, timestamp: int) -> tuple[str, str]:
    """Query and body as the platform writes them in plain, compatible and secure mode."""
    nonce = str(secrets.randbelow(9 * 10**9) + 10**9)
    query = {"signature": sign(app.token, str(timestamp), nonce), "timestamp": str(timestamp), "nonce": nonce}
    query["openid"] = openid
    if app.encryption == "plain":
        return urlencode(query), plain
    sealed = seal(key_of(app.aes_key), plain, app.appid)
    query |= {"encrypt_type": "aes", "msg_signature": sign(app.token, str(timestamp), nonce, sealed)}
    return urlencode(query), _sealed_body(app, plain, sealed)


def _sealed_body(app: App, plain: str, sealed: str) -> str:
    if app.format == "json":
        outer = json.loads(plain) if app.encryption == "compatible" else {"ToUserName": app.account}
        return json.dumps({**outer, "Encrypt": sealed}, ensure_ascii=False)
    tail = f"<Encrypt>{cdata(sealed)}</Encrypt></xml>"
    if app.encryption == "compatible":
        return plain.removesuffix("</xml>") + tail
    return f"<xml><ToUserName>{cdata(app.account)}</ToUserName>{tail}"


def deliver(app: App, openid: str, plain: str, now: float, timeout: float, age: float = 0) -> Delivery:
    """`age` makes the signed timestamp that many seconds older than now."""
    query, body = envelope(app, openid, plain, int(now - age))
    begun = time.monotonic()
    try:
        status, answer = _post(app, query, body.encode(), begun + timeout)
    except (OSError, http.client.HTTPException) as error:
        return Delivery(now, None, _ms(begun), error=_why(error, timeout))
    ms = _ms(begun)
    if status != 200:
        return Delivery(now, status, ms, answer.decode("utf-8", "replace"), f"HTTP status {status}")
    try:
        text, reply = opened(app, answer)
    except BadReply as error:
        return Delivery(now, status, ms, answer.decode("utf-8", "replace"), str(error), answered=True)
    return Delivery(now, status, ms, text, answered=True, reply=reply)


def _post(app: App, query: str, body: bytes, deadline: float) -> tuple[int, bytes]:
    parts = urlsplit(app.push_url)
    opener = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = opener(parts.hostname or "", parts.port, timeout=max(0.01, deadline - time.monotonic()))
    kind = "application/json" if app.format == "json" else "text/xml"
    try:
        joint = "&" if parts.query else ""
        line.request(
            "POST",
            f"{parts.path or '/'}?{parts.query}{joint}{query}",
            body,
            {"Content-Type": kind, "User-Agent": "Mozilla/4.0", "Accept": "*/*", "Connection": "close"},
        )
        return _answer(line, deadline)
    finally:
        line.close()


def _answer(line: http.client.HTTPConnection, deadline: float) -> tuple[int, bytes]:
    if isinstance(line.sock, socket.socket):
        line.sock.settimeout(max(0.01, deadline - time.monotonic()))
    response = line.getresponse()
    answer = response.read(REPLY_BYTES + 1)
    if time.monotonic() > deadline:
        raise TimeoutError
    return response.status, answer


def _why(error: Exception, timeout: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} seconds"
    return f"no answer: {type(error).__name__}"


def _ms(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)

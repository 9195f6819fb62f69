"""The webhook's door as a program without manners finds it: any bytes in any envelope."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from app import clock
from tests.fuzz.world import Broken, readable
from tests.neighbours import Phone

WAITING = (
    "text",
    "voice",
    "image",
    "video",
    "shortvideo",
    "location",
    "link",
    "file",
    "miniprogrampage",
    "subscribe",
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    xml: str

    @property
    def words(self) -> str:
        return readable(self.xml)


def envelope(phone: Phone, plain: bytes) -> tuple[dict[str, str], bytes]:
    """Query and body as WeChat would send these bytes."""
    stamp, nonce = str(int(clock.now().timestamp())), secrets.token_hex(5)
    sealed = re.search(r"<Encrypt><!\[CDATA\[(.*?)\]\]>", phone.crypto.encrypt_message(plain, nonce, stamp))
    assert sealed is not None
    signature = hashlib.sha1("".join(sorted([phone.token, stamp, nonce, sealed[1]])).encode()).hexdigest()
    query = {"timestamp": stamp, "nonce": nonce, "encrypt_type": "aes", "msg_signature": signature}
    return query, f"<xml><Encrypt><![CDATA[{sealed[1]}]]></Encrypt></xml>".encode()


def knock(phone: Phone, query: dict[str, str], body: bytes) -> Answer:
    """The opened answer; Broken for a 5xx."""
    came = phone.town.client.post(f"/wx/{phone.account}", query_string=query, data=body)
    if came.status_code >= 500:
        raise Broken(f"{came.status_code} at the door")
    if came.status_code != 200 or came.text in ("", "success"):
        return Answer(came.status_code, "")
    return Answer(200, phone._open(came.text))


def deliver(phone: Phone, plain: bytes) -> Answer:
    return knock(phone, *envelope(phone, plain))

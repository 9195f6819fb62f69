"""The envelope of a push: proves that WeChat sent it to us, opens it, and closes the answer the same way.

WeChat's retries arrive within seconds, so a window of ten minutes never refuses one; repeats inside the
window are the inbox's business, which knows the message, not the envelope. Plain mode signs no body (the
signature covers token, timestamp and nonce only): settings allow it outside live use alone.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from app.wechat.codec import Key, NotSealedForUs, same, signature
from app.wechat.errors import BadPush
from app.wechat.markup import is_json, read_body
from app.wechat.replies import NOTHING

__all__ = ["LARGEST_PUSH", "BadPush", "Encryption", "Opened", "Seal", "check_size"]

Encryption = Literal["secure", "compatible", "plain"]

LARGEST_PUSH = 64 * 1024
WINDOW_SECONDS = 600
_NONCE = re.compile(r"[0-9A-Za-z_-]{1,64}")
_ECHO = re.compile(r"[!-~]{1,512}")
# The envelope as WeChat writes it. What is read here is believed only after its signature was checked.
_ENVELOPE = re.compile(rb"<Encrypt><!\[CDATA\[([0-9A-Za-z+/=]+)\]\]></Encrypt>")
_SECONDS = re.compile(r"[0-9]{1,12}")


class Opened(bytes):
    """The plain bytes of a push, which remember whether the previous key opened them: the answer needs the
    same one.
    """

    with_previous_key = False


class Seal:
    """Opens and closes the envelopes of one account. Safe to share between threads.

    Raises ValueError when a sealed mode has no usable EncodingAESKey.
    """

    def __init__(
        self,
        token: str,
        aes_key: str,
        appid: str,
        previous_key: str | None = None,
        encryption: Encryption = "secure",
    ) -> None:
        self._token = token
        aes_keys = () if encryption == "plain" else (aes_key, previous_key)
        self._keys = [Key(key, appid) for key in aes_keys if key or key is aes_key]

    def greeting(self, args: Mapping[str, str]) -> str:
        """The echo that proves to WeChat that this address knows the token."""
        self._check(args.get("signature", ""), args)
        echo = args.get("echostr", "")
        if not _ECHO.fullmatch(echo):
            raise BadPush("echostr is missing or strange")
        return echo

    def open(self, args: Mapping[str, str], body: bytes, now: datetime) -> Opened:
        """The plain XML or JSON of a push that is WeChat's, for us and of these ten minutes; else BadPush."""
        check_size(len(body))
        self._check_time(args.get("timestamp", ""), now)
        return self._open_sealed(args, body) if self._keys else self._open_plain(args, body)

    def close(self, answer: str, nonce: str, now: datetime, opened: bytes = b"") -> str:
        """The sealed answer, JSON where the answer is JSON; `success` and nothing stay as they are.

        `opened` is what `open` returned: an answer to a push under the previous key is sealed with that key.
        """
        if not answer or answer == NOTHING:
            return NOTHING
        if not self._keys:
            return answer
        key = self._keys[-1] if getattr(opened, "with_previous_key", False) else self._keys[0]
        sealed = key.seal(answer.encode("utf-8", "replace"))
        return self._envelope(sealed, nonce, int(now.timestamp()), as_json=is_json(answer))

    def _check(self, given: str, args: Mapping[str, str], *more: str) -> None:
        expected = signature(self._token, args.get("timestamp", ""), args.get("nonce", ""), *more)
        if not same(given, expected):
            raise BadPush("the signature is missing or wrong", 403)

    @staticmethod
    def _check_time(timestamp: str, now: datetime) -> None:
        if not _SECONDS.fullmatch(timestamp):
            raise BadPush("the timestamp is missing or strange", 403)
        if abs(now.timestamp() - int(timestamp)) > WINDOW_SECONDS:
            raise BadPush("the push is older or newer than ten minutes", 403)

    def _open_plain(self, args: Mapping[str, str], body: bytes) -> Opened:
        self._check(args.get("signature", ""), args)
        if args.get("encrypt_type") == "aes" or "msg_signature" in args:
            raise BadPush("a sealed push, but this account is set to plain")
        return Opened(body)

    def _open_sealed(self, args: Mapping[str, str], body: bytes) -> Opened:
        """Compatible mode repeats the message in clear beside the ciphertext; only the ciphertext is
        believed.
        """
        if args.get("encrypt_type") != "aes":
            raise BadPush("a plain push, but this account takes sealed ones only", 403)
        ciphertext = _ciphertext(body)
        if not ciphertext:
            raise BadPush("a plain body, but this account takes sealed ones only", 403)
        if not isinstance(ciphertext, str):
            raise BadPush("Encrypt is not one text")
        self._check(args.get("msg_signature", ""), args, ciphertext)
        return self._unseal(ciphertext)

    def _unseal(self, ciphertext: str) -> Opened:
        problem = BadPush("the ciphertext cannot be opened")
        for key in self._keys:
            try:
                opened = Opened(key.unseal(ciphertext))
            except NotSealedForUs:
                problem = BadPush("the push is sealed for another appid", 403)
            except ValueError:
                continue
            else:
                opened.with_previous_key = key is not self._keys[0]
                return opened
        raise problem

    def _envelope(self, sealed: str, nonce: str, seconds: int, *, as_json: bool) -> str:
        """The nonce comes from the address line: one that is no nonce is replaced, so that it injects
        nothing.
        """
        if not _NONCE.fullmatch(nonce):
            nonce = secrets.token_hex(8)
        proof = signature(self._token, str(seconds), nonce, sealed)
        if as_json:
            fields = {"Encrypt": sealed, "MsgSignature": proof, "TimeStamp": seconds, "Nonce": nonce}
            return json.dumps(fields)
        return (
            f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt><MsgSignature><![CDATA[{proof}]]></MsgSignature>"
            f"<TimeStamp>{seconds}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )


def check_size(length: int) -> None:
    """To be asked before a body is read, where it says how long it is."""
    if length > LARGEST_PUSH:
        raise BadPush("the push is larger than 64 KB", 413)


def _ciphertext(body: bytes) -> Any:
    """The value of Encrypt: without a parser where WeChat's usual form leaves no doubt (a tenth of the time)."""
    if body.startswith(b"<xml>") and len(found := _ENVELOPE.findall(body)) == 1:
        return found[0].decode()
    return read_body(body).get("Encrypt")

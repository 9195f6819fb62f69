"""The cryptography of sealed pushes: AES inside checks that wechatpy leaves out.

This is the seam for a faster codec: `signature`, and a `Key` with `seal` and `unseal`. A key keeps one
cipher for its whole life; every fault of a ciphertext is one ValueError. Appendix B of the platform's
description, and its vectors, say what the bytes must be: random(16) + length(4, big-endian) + message +
appid, padded to 32, AES-256-CBC.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32  # WeChat pads to 32 bytes, not to AES's 16
_SALT = 16
_HEAD = _SALT + 4
_ENCODING_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


class NotSealedForUs(ValueError):
    """The ciphertext is sound but belongs to another appid."""


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts, as `signature` and `msg_signature` are made."""
    signed = b"".join(sorted(part.encode("utf-8", "replace") for part in parts))
    return hashlib.sha1(signed).hexdigest()  # noqa: S324 (so says WeChat)


def same(one: str, other: str) -> bool:
    """Equality in constant time, for text of any characters."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


class Key:
    """One EncodingAESKey of one appid. Raises ValueError when the key is not 43 characters of Base64."""

    def __init__(self, encoding_aes_key: str, appid: str) -> None:
        if not _ENCODING_AES_KEY.fullmatch(encoding_aes_key):
            raise ValueError("EncodingAESKey must have 43 letters and digits")
        key = b64decode(encoding_aes_key + "=")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._appid = appid.encode()

    def seal(self, message: bytes, salt: bytes | None = None) -> str:
        """Base64 ciphertext; `salt` (16 bytes) is for test vectors only."""
        plain = b"".join(
            (salt or secrets.token_bytes(_SALT), len(message).to_bytes(4, "big"), message, self._appid)
        )
        pad = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher.encryptor()
        return b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()

    def unseal(self, ciphertext: str) -> bytes:
        """The message; NotSealedForUs for another appid, ValueError for everything else that is wrong."""
        plain = self._padded_plain(ciphertext)
        pad = plain[-1]
        if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
            raise ValueError("padding")
        end = _HEAD + int.from_bytes(plain[_SALT:_HEAD], "big")
        if end > len(plain) - pad:
            raise ValueError("length")
        if not hmac.compare_digest(plain[end : len(plain) - pad], self._appid):
            raise NotSealedForUs("appid")
        return plain[_HEAD:end]

    def _padded_plain(self, ciphertext: str) -> bytes:
        sealed = b64decode(ciphertext.encode("utf-8", "replace"), validate=True)
        if not sealed or len(sealed) % _BLOCK:
            raise ValueError("block size")
        decryptor = self._cipher.decryptor()
        return decryptor.update(sealed) + decryptor.finalize()

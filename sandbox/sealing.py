"""WeChat's envelope: SHA-1 over sorted parts, AES-256-CBC with 32-byte PKCS#7 blocks and the appid inside."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from hashlib import sha1
from hmac import compare_digest
from secrets import token_bytes

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK = 32


class BadCipher(Exception):
    """The ciphertext is not one that this key and this appid could have made."""


def sign(*parts: str) -> str:
    return sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def key_of(encoding_aes_key: str) -> bytes:
    """43 characters without the closing "=" give 32 bytes."""
    return b64decode(encoding_aes_key + "=")


def seal(key: bytes, message: str, appid: str, salt: bytes | None = None) -> str:
    data = message.encode()
    raw = (salt or token_bytes(16)) + len(data).to_bytes(4, "big") + data + appid.encode()
    pad = BLOCK - len(raw) % BLOCK
    machine = Cipher(AES(key), CBC(key[:16])).encryptor()
    return b64encode(machine.update(raw + bytes([pad]) * pad) + machine.finalize()).decode()


def unseal(key: bytes, sealed: str, appid: str) -> str:
    """Raises BadCipher on anything that is not a whole message of this appid."""
    try:
        body = _unpadded(_decrypted(key, b64decode(sealed, validate=True)))[16:]
        size = int.from_bytes(body[:4], "big")
        message, owner = body[4 : 4 + size], body[4 + size :]
        if len(message) != size or not compare_digest(owner, appid.encode()):
            raise BadCipher("the appid inside is another one")
        return message.decode()
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadCipher(str(error)) from error


def _decrypted(key: bytes, raw: bytes) -> bytes:
    if not raw or len(raw) % BLOCK:
        raise BadCipher("the length is not a multiple of 32")
    machine = Cipher(AES(key), CBC(key[:16])).decryptor()
    return machine.update(raw) + machine.finalize()


def _unpadded(plain: bytes) -> bytes:
    pad = plain[-1]
    if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
        raise BadCipher("the padding is broken")
    return plain[:-pad]

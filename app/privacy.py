"""Keys and sealing of what is personal: one master key, a derived key for every purpose, AES-256-GCM per value.

The purpose (usually "table.column") and, where a row has a key of its own, that key are authenticated with the value,
so a ciphertext moved to another column or another row does not open. A blind index is a keyed hash that finds an equal
value without opening any.
"""

import hmac
import os
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

COLUMN_ONLY = b"\x01"  # before rows had keys of their own
VERSION = b"\x02"
NONCE_BYTES = 12


class Unreadable(Exception):
    """A sealed value does not open: another key, another column, or damaged bytes."""


class Keyring:
    """Derives and remembers one key per purpose from a 32-byte master key."""

    def __init__(self, master: bytes) -> None:
        if len(master) != 32:
            raise ValueError("the master key must have 32 bytes")
        self._master = master
        self._cipher = lru_cache(maxsize=None)(self._derive_cipher)

    def _derive(self, label: str) -> bytes:
        return HKDF(SHA256(), 32, salt=None, info=label.encode()).derive(self._master)

    def _derive_cipher(self, purpose: str) -> AESGCM:
        return AESGCM(self._derive(f"seal:{purpose}"))

    def seal(self, purpose: str, plain: bytes, row: str = "") -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher(purpose).encrypt(nonce, plain, _bound_to(purpose, row))

    def unseal(self, purpose: str, sealed: bytes, row: str = "") -> bytes:
        version, nonce, body = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        bound_to = _bound_to(purpose, "" if version == COLUMN_ONLY else row)
        try:
            return self._cipher(purpose).decrypt(nonce, body, bound_to)
        except (InvalidTag, ValueError) as fault:
            raise Unreadable(purpose) from fault

    def blind(self, purpose: str, value: str) -> str:
        """A keyed hash of `value` (64 hex characters): equal values meet, nothing else is told."""
        return hmac.new(self._derive(f"blind:{purpose}"), value.encode(), sha256).hexdigest()


def _bound_to(purpose: str, row: str) -> bytes:
    return f"{purpose}\0{row}".encode() if row else purpose.encode()


_rings: list[Keyring] = []


def use_master_key(master: bytes) -> None:
    """Give this process its keys; called once when the site opens."""
    _rings[:] = [Keyring(master)]


def keyring() -> Keyring:
    if not _rings:
        raise RuntimeError("no master key yet: open the site first")
    return _rings[0]

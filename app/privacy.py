"""Keys and sealing of what is personal: a derived key for every purpose, AES-256-GCM per value.

The purpose (usually "table.column") and, where a row has a key of its own, that key are authenticated with the value,
so a ciphertext moved to another column or another row does not open. A blind index is a keyed hash that finds an equal
value without opening any.

A value names the key that sealed it. New values are sealed with the newest key; older ones open as long as theirs is
kept (`flask rekey` seals them anew). Blind indexes stay with the first key: they could not be found under two. The
confidential lane has a ring of its own, so that the keys of the house open nothing there.
"""

import hmac
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Lane = Literal["main", "confidential"]

COLUMN_ONLY = b"\x01"  # before rows and keys had names: bound to its column, under the first key
VERSION = b"\x02"
KEY_NAME_BYTES = 4
NONCE_BYTES = 12
LOOK_AGAIN_SECONDS = 60.0


class Unreadable(Exception):
    """A sealed value does not open: another key, another column, another row, or damaged bytes."""


class Keyring:
    """Derives and remembers one key per purpose. `keys` are 32 bytes each, the oldest first; the newest one seals."""

    def __init__(self, *keys: bytes) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("a key must have 32 bytes")
        self._keys = {key_name(key): key for key in keys}
        self._first, self._newest = keys[0], keys[-1]
        self.newest_name = key_name(self._newest)
        self._cipher = lru_cache(maxsize=None)(self._derive_cipher)
        self._hash = lru_cache(maxsize=None)(self._begin_hash)

    def seal(self, purpose: str, plain: bytes, row: str = "") -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher(self._newest, purpose).encrypt(nonce, plain, _bound_to(purpose, row))
        return VERSION + self.newest_name + nonce + sealed

    def unseal(self, purpose: str, sealed: bytes, row: str = "") -> bytes:
        """Raises Unreadable."""
        if sealed[:1] == COLUMN_ONLY:
            key, rest, bound_to = self._first, sealed[1:], _bound_to(purpose, "")
        else:
            key, rest = self._key_of(purpose, sealed), sealed[1 + KEY_NAME_BYTES :]
            bound_to = _bound_to(purpose, row)
        try:
            return self._cipher(key, purpose).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError) as fault:
            raise Unreadable(purpose) from fault

    def blind(self, purpose: str, value: str) -> str:
        """A keyed hash of `value` (64 hex characters): equal values meet, nothing else is told."""
        begun = self._hash(purpose).copy()
        begun.update(value.encode())
        return begun.hexdigest()

    def is_current(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it, in today's form: then `flask rekey` has nothing to do."""
        return sealed[: 1 + KEY_NAME_BYTES] == VERSION + self.newest_name

    def _key_of(self, purpose: str, sealed: bytes) -> bytes:
        try:
            return self._keys[sealed[1 : 1 + KEY_NAME_BYTES]]
        except KeyError:
            raise Unreadable(purpose) from None

    def knows(self, sealed: bytes) -> bool:
        return sealed[:1] == COLUMN_ONLY or sealed[1 : 1 + KEY_NAME_BYTES] in self._keys

    def _begin_hash(self, purpose: str) -> hmac.HMAC:
        return hmac.new(_derive(self._first, f"blind:{purpose}"), digestmod=sha256)

    def _derive_cipher(self, key: bytes, purpose: str) -> AESGCM:
        return AESGCM(_derive(key, f"seal:{purpose}"))


def key_name(key: bytes) -> bytes:
    """Tells keys apart without telling any."""
    return sha256(b"xingfu key name\0" + key).digest()[:KEY_NAME_BYTES]


def _derive(key: bytes, label: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=label.encode()).derive(key)


def _bound_to(purpose: str, row: str) -> bytes:
    return f"{purpose}\0{row}".encode() if row else purpose.encode()


# ---- this process's keys ---------------------------------------------------------------------------------------------

Keys = Callable[[], tuple[Sequence[bytes], Sequence[bytes]]]


@dataclass(slots=True)
class _Pocket:
    """`read` gives the keys of the house and of the confidential lane; they are looked at again now and then, because
    a key may have been added by a command while this process runs."""

    read: Keys
    rings: dict[Lane, Keyring]
    looked_at: float

    def look_again(self) -> None:
        main, confidential = self.read()
        self.looked_at = time.monotonic()
        for lane, keys in (("main", main), ("confidential", confidential)):
            if key_name(keys[-1]) != self.rings[lane].newest_name:  # type: ignore[index]
                self.rings[lane] = Keyring(*keys)  # type: ignore[index]


_pocket: list[_Pocket] = []


def use_keys(read: Keys) -> None:
    """Give this process its keys; called once when the site opens. `read` is asked again for keys that came later."""
    main, confidential = read()
    rings: dict[Lane, Keyring] = {"main": Keyring(*main), "confidential": Keyring(*confidential)}
    _pocket[:] = [_Pocket(read, rings, time.monotonic())]


def keyring(lane: Lane = "main") -> Keyring:
    if not _pocket:
        raise RuntimeError("no master key yet: open the site first")
    pocket = _pocket[0]
    if time.monotonic() - pocket.looked_at > LOOK_AGAIN_SECONDS:
        pocket.look_again()
    return pocket.rings[lane]


def unseal(purpose: str, sealed: bytes, row: str = "", lane: Lane = "main") -> bytes:
    """Open a value; one that was sealed by a key that this process has not seen yet makes it look for new keys."""
    if sealed[:1] == COLUMN_ONLY:
        lane = "main"  # the confidential lane had no key of its own then
    if not keyring(lane).knows(sealed):
        _pocket[0].look_again()
    return keyring(lane).unseal(purpose, sealed, row)

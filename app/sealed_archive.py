"""A file format for backups: any stream, sealed with AES-256-GCM in pieces, so that a large one needs little memory.

Layout: 8 bytes of magic, 7 random bytes, then pieces of at most 1 MiB each with its 16-byte tag. The nonce of a piece
is those 7 bytes + its number (4) + 1 when it is the last (1): pieces can be neither swapped, dropped nor cut off
unseen (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár).
"""

import io
import os
import struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"XFBACK1\n"
PIECE = 1 << 20
TAG = 16


class BadArchive(Exception):
    """Not an archive of ours, cut off, changed, or sealed with another key."""


class Sealer(io.RawIOBase):
    """A writable stream; what is written leaves sealed on `target`. Close it, or the archive stays unreadable."""

    def __init__(self, target: BinaryIO, key: bytes) -> None:
        super().__init__()
        self._target = target
        self._cipher = AESGCM(key)
        self._prefix = os.urandom(7)
        self._number = 0
        self._held = bytearray()
        target.write(MAGIC + self._prefix)

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._held += data
        while len(self._held) > PIECE:  # the last piece, even a full one, waits for close
            self._seal(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._seal(bytes(self._held), last=True)
        super().close()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(nonce(self._prefix, self._number, last), piece, MAGIC))
        self._number += 1


class Opener(io.RawIOBase):
    """A readable stream of what was sealed on `source`; raises BadArchive before giving out a changed byte."""

    def __init__(self, source: BinaryIO, key: bytes) -> None:
        super().__init__()
        self._source = source
        self._cipher = AESGCM(key)
        head = source.read(len(MAGIC) + 7)
        if len(head) < len(MAGIC) + 7 or not head.startswith(MAGIC):
            raise BadArchive("this is not a backup of ours")
        self._prefix = head[len(MAGIC) :]
        self._number = 0
        self._next = source.read(PIECE + TAG)
        if not self._next:
            raise BadArchive("it was cut off")
        self._open = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._open and self._next:
            self._open = memoryview(self._unseal())
        count = min(len(buffer), len(self._open))
        buffer[:count] = self._open[:count]
        self._open = self._open[count:]
        return count

    def _unseal(self) -> bytes:
        sealed, self._next = self._next, self._source.read(PIECE + TAG)
        try:
            piece = self._cipher.decrypt(nonce(self._prefix, self._number, not self._next), sealed, MAGIC)
        except InvalidTag:
            raise BadArchive("it was changed, cut off, or sealed with another backup key") from None
        self._number += 1
        return piece


def nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, last)

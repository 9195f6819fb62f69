"""Small built-in files, so that a phone can send a picture, a voice or a film without anybody choosing one."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from io import BytesIO

import segno

# An AMR file of three silent frames (type 7, 12.2 kbit/s: one header byte and 31 bytes each).
SILENCE = b"#!AMR\n" + (b"\x3c" + b"\x00" * 31) * 3
# The smallest MP4 header that file(1) and browsers recognise; nobody decodes it here.
FILM = (
    struct.pack(">I", 24) + b"ftypmp42" + struct.pack(">I", 0) + b"mp42isom" + struct.pack(">I", 8) + b"free"
)


@cache
def sample_picture() -> bytes:
    """A 240 x 160 PNG: evening sky, a hill and a window with light, drawn row by row."""
    rows = b"".join(b"\x00" + b"".join(_pixel(x, y) for x in range(240)) for y in range(160))
    head = struct.pack(">IIBBBBB", 240, 160, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )


def _pixel(x: int, y: int) -> bytes:
    if 96 <= x < 144 and 70 <= y < 150:
        return b"\xff\xd8\x7a" if (x - 96) % 24 > 4 and (y - 70) % 40 > 6 else b"\x5a\x3b\x2e"
    if y > 110 + (x - 120) ** 2 // 400:
        return b"\x4d\x6b\x52"
    return bytes((60 + y, 90 + y // 2, 150 - y // 3))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def qr_png(content: str, pixels: int = 430) -> bytes:
    """A QR picture about `pixels` wide with the quiet zone that scanners need."""
    code = segno.make_qr(content, error="m")
    out = BytesIO()
    code.save(out, kind="png", border=4, scale=max(1, pixels // (code.symbol_size()[0])))
    return out.getvalue()


def kind_of(content: bytes) -> str | None:
    """The MIME type by the first bytes, None for what the platform does not take."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content.startswith(b"#!AMR"):
        return "audio/amr"
    if content.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3")):
        return "audio/mpeg"
    return "video/mp4" if content[4:8] == b"ftyp" else None

"""Codes to be scanned, drawn as pictures."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

import segno


def drawn(words: str) -> bytes:
    """An SVG that fills whatever place it is given."""
    picture = BytesIO()
    segno.make(words, error="m", micro=False).save(picture, kind="svg", border=2, omitsize=True)
    return picture.getvalue()


def picture(words: str) -> str:
    """The same as an address for <img>: it comes with the page and leaves nothing to be loaded again later."""
    return f"data:image/svg+xml;base64,{b64encode(drawn(words)).decode()}"

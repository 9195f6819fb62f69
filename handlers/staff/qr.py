"""Codes on the console's screens, drawn here: an address in them must not go to anybody else to be drawn."""

from io import BytesIO

import segno
from markupsafe import Markup


def drawn(words: str) -> Markup:
    """A QR code as SVG, to stand in a page."""
    picture = BytesIO()
    segno.make(words, error="m", micro=False).save(
        picture, kind="svg", border=2, omitsize=True, xmldecl=False
    )
    return Markup(picture.getvalue().decode())  # noqa: S704 (segno's own drawing)

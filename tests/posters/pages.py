"""A printed page as somebody with a telephone sees it: rendered, read, measured."""

from __future__ import annotations

from typing import NamedTuple

import pypdfium2
import zxingcpp
from PIL import Image

DPI = 200
MM_PER_INCH = 25.4


class Read(NamedTuple):
    """What the code of a page says and how wide it is on paper (millimetres, without its quiet zone)."""

    content: str
    width: float


def pages_of(pdf: bytes, *, black_and_white: bool = False, dpi: int = DPI) -> list[Image.Image]:
    made = [page.render(scale=dpi / 72).to_pil() for page in pypdfium2.PdfDocument(pdf)]
    return [page.convert("1", dither=Image.Dither.NONE) if black_and_white else page for page in made]


def size_of(pdf: bytes) -> tuple[int, int]:
    """Width and height of the first page in millimetres."""
    width, height = pypdfium2.PdfDocument(pdf)[0].get_size()
    return round(width / 72 * MM_PER_INCH), round(height / 72 * MM_PER_INCH)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def code_on(page: Image.Image, dpi: int = DPI) -> Read:
    (found,) = zxingcpp.read_barcodes(page.convert("L"))
    left, right = found.position.top_left, found.position.top_right
    return Read(found.text, (right.x - left.x) / dpi * MM_PER_INCH)

"""B13: pictures come in as pixels only, upright and small; what is no picture, or is a trap, does not come in."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO

import pytest
from PIL import ExifTags, Image

from app.pictures import LARGEST, LONGEST_SIDE, BadPicture, clean

GREEN, RED = (11, 107, 61), (200, 30, 20)


def drawn(kind: str, size: tuple[int, int] = (400, 300), **how: object) -> bytes:
    """Green, with a red quarter at the top left."""
    picture = Image.new("RGB", size, GREEN)
    picture.paste(RED, (0, 0, size[0] // 2, size[1] // 2))
    out = BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def photographed(kind: str, turned: int = 1) -> bytes:
    """As a telephone writes it: with the place, the device, and how it was held."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turned
    exif[ExifTags.Base.Make] = "TelephoneOfSomebody"
    where = exif.get_ifd(ExifTags.IFD.GPSInfo)
    where[ExifTags.GPS.GPSLatitudeRef], where[ExifTags.GPS.GPSLatitude] = "N", (36.0, 37.0, 21.0)
    return drawn(kind, exif=exif)


def png(width: int, height: int, pixels: bytes) -> bytes:
    """A grey PNG with this head, whatever its pixels are."""

    def part(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(pixels)) + part(b"IEND", b"")
    )


def code_of(content: bytes) -> str:
    with pytest.raises(BadPicture) as why:
        clean(content)
    return why.value.code


@pytest.mark.parametrize(
    ("kind", "media"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")]
)
def test_b13_the_place_where_a_picture_was_taken_is_gone_and_it_stands_upright(kind: str, media: str) -> None:
    given = photographed(kind, turned=6)
    with Image.open(BytesIO(given)) as before:
        assert before.getexif().get_ifd(ExifTags.IFD.GPSInfo), "the telephone wrote where it was"
    cleaned, told = clean(given)
    assert told == media
    with Image.open(BytesIO(cleaned)) as after:
        assert after.size == (300, 400), "turned"
        assert not after.getexif()
        assert {"exif", "xmp", "icc_profile", "comment"} & set(after.info) == set()
        assert _is_red(after, (290, 10)), "what was at the left is at the right"
    assert b"TelephoneOfSomebody" not in cleaned


def _is_red(picture: Image.Image, at: tuple[int, int]) -> bool:
    red, green, _ = picture.convert("RGB").getpixel(at)  # type: ignore[misc]
    return bool(red > 150 and green < 80)


def test_b13_a_second_file_behind_the_picture_does_not_come_along() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("run.html", "<script>alert(1)</script>")
    for kind in ("JPEG", "PNG", "WEBP"):
        both = drawn(kind) + archive.getvalue()
        assert zipfile.is_zipfile(BytesIO(both))
        cleaned, _ = clean(both)
        assert not zipfile.is_zipfile(BytesIO(cleaned))
        assert b"script" not in cleaned


def test_b13_a_comment_that_is_a_page_does_not_come_along() -> None:
    cleaned, _ = clean(drawn("JPEG", comment=b"<script>alert(1)</script>"))
    assert b"script" not in cleaned


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>",
        b"GIF89a<script>alert(1)</script>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0" + b"\x00" * 50,
        "我是照片".encode(),
    ],
)
def test_b13_drawings_and_whatever_is_no_picture_are_refused(content: bytes) -> None:
    assert code_of(content) == "unknown"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "ICO"])
def test_b13_only_three_kinds_are_read_at_all(kind: str) -> None:
    assert code_of(drawn(kind, (64, 64))) == "unknown"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_b13_a_picture_that_breaks_off_is_refused(kind: str) -> None:
    whole = drawn(kind, (1200, 900))
    assert code_of(whole[: len(whole) // 2]) == "unknown"


def test_b13_a_small_file_that_would_be_196_million_pixels_is_refused_before_it_is_unpacked() -> None:
    trap = png(14_000, 14_000, b"\x00" * (14_000 * 1_751))
    assert len(trap) < 200_000
    assert code_of(trap) == "too_many_pixels"
    assert code_of(png(60_000, 60_000, b"")) == "too_many_pixels"
    assert code_of(png(8_000, 5_001, b"")) == "too_many_pixels"


def test_b13_moving_pictures_are_refused() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in (GREEN, RED, GREEN)]
    for kind in ("PNG", "WEBP"):
        out = BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:])
        assert code_of(out.getvalue()) == "animated"


def test_b13_more_than_ten_megabytes_are_refused_unread() -> None:
    assert code_of(drawn("JPEG") + b"\x00" * LARGEST) == "too_large"


def test_a_photograph_with_a_second_view_behind_it_is_taken_with_its_first() -> None:
    views = [Image.new("RGB", (400, 300), colour) for colour in (GREEN, RED)]
    out = BytesIO()
    views[0].save(out, "MPO", save_all=True, append_images=views[1:])
    cleaned, media = clean(out.getvalue())
    assert media == "image/jpeg"
    with Image.open(BytesIO(cleaned)) as after:
        assert (after.format, after.size) == ("JPEG", (400, 300))


def test_a_large_picture_becomes_small_enough_for_a_telephone_and_keeps_its_shape() -> None:
    cleaned, _ = clean(drawn("JPEG", (6000, 4000)))
    with Image.open(BytesIO(cleaned)) as after:
        assert max(after.size) == LONGEST_SIDE
        assert abs(after.width / after.height - 1.5) < 0.01
    small, _ = clean(drawn("PNG", (300, 200)))
    with Image.open(BytesIO(small)) as after:
        assert after.size == (300, 200), "never made larger"


def test_what_can_be_seen_through_stays_so_and_every_kind_of_colour_is_read() -> None:
    for mode in ("RGBA", "LA", "P", "L", "1", "CMYK"):
        out = BytesIO()
        kind = "JPEG" if mode == "CMYK" else "PNG"
        Image.new(mode, (20, 20)).save(out, kind)
        cleaned, _ = clean(out.getvalue())
        with Image.open(BytesIO(cleaned)) as after:
            assert after.mode == ("RGBA" if mode in ("RGBA", "LA") else "RGB")

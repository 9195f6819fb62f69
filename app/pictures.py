"""Pictures that somebody uploaded: taken in as pixels only. What hangs on a file (the place where it was taken, a
second file behind the first, a script in a drawing) never reaches the disk: the pixels are written into a new file.
"""

from __future__ import annotations

import threading
import warnings
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

LARGEST = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000  # Pillow itself only warns at 89 million
LONGEST_SIDE = 2048
KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
QUALITY = 85
MANY_VIEWS = "MPO"  # what many telephones write: a JPEG with a small one, or a depth map, behind it

# Forty million pixels take 600 MB while they are unpacked, and 70 KB may say them: so one after another, and a crowd of
# pictures costs a process no more memory than one.
_one_at_a_time = threading.Lock()


class BadPicture(Exception):
    """This is no picture that we take. `code` says why: "too_large" (bytes), "too_many_pixels", "animated", or
    "unknown" (a drawing, another kind of file, or one that is broken)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean(content: bytes) -> tuple[bytes, str]:
    """The same picture in a new file, upright, at most 2048 pixels long, without anything else; and its media type."""
    from PIL import Image  # only who takes in pictures has it in memory

    if len(content) > LARGEST:
        raise BadPicture("too_large")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return _again(content)
    except BadPicture:
        raise
    except Image.DecompressionBombError:
        raise BadPicture("too_many_pixels") from None
    except Exception:  # noqa: BLE001 (a decoder that meets a broken file raises whatever it likes)
        raise BadPicture("unknown") from None


def _again(content: bytes) -> tuple[bytes, str]:
    from PIL import Image

    with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as given:
        kind = given.format or ""
        if given.width * given.height > MOST_PIXELS:
            raise BadPicture("too_many_pixels")
        if kind != MANY_VIEWS and getattr(given, "n_frames", 1) > 1:
            raise BadPicture("animated")
        written = "JPEG" if kind == MANY_VIEWS else kind
        with _one_at_a_time:
            given.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            given.load()
            return _written(_small_and_upright(given), written), KINDS[written]


def _small_and_upright(given: Image.Image) -> Image.Image:
    """Made small first: turning forty million pixels would need them twice."""
    from PIL import ImageOps

    clear = "RGBA" if given.has_transparency_data else "RGB"
    small: Image.Image = given.convert(clear) if given.mode == "P" else given
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return ImageOps.exif_transpose(small)


def _written(picture: Image.Image, kind: str) -> bytes:
    """Pixels alone, pasted on an empty sheet: nothing else comes along."""
    from PIL import Image

    mode = "RGBA" if kind != "JPEG" and picture.has_transparency_data else "RGB"
    bare = Image.new(mode, picture.size)
    bare.paste(picture.convert(mode))
    out = BytesIO()
    bare.save(out, kind, quality=QUALITY)
    return out.getvalue()

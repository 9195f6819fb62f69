"""Pictures and sheets as they come from telephones, damaged, cut, or made to do harm: refused in words or made harmless."""

from __future__ import annotations

import base64
from functools import cache
from io import BytesIO
from typing import Any

import xlsxwriter
from hypothesis import strategies as st
from PIL import Image

from app import pictures
from app.sheets import reader
from tests.fuzz.world import Broken, World

MOST_SIDE = 2048


@cache
def samples() -> dict[str, bytes]:
    """Small sound files of each kind that we take."""
    made: dict[str, bytes] = {}
    for kind, mode in (("JPEG", "RGB"), ("PNG", "RGBA"), ("WEBP", "RGB"), ("PNG", "P"), ("GIF", "P")):
        out = BytesIO()
        Image.new(mode, (40, 30), 7).save(out, kind)
        made[f"{kind} {mode}"] = out.getvalue()
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("名册")
        for row, words in enumerate(
            (("姓名", "手机", "生日"), ("马秀兰", "13900000001", 45000), ("=1+1", True, 1.5))
        ):
            sheet.write_row(row, 0, words)
    made["XLSX"] = out.getvalue()
    made["CSV"] = "姓名,手机\r\n马秀兰,13900000001\r\n".encode("gb18030")
    return made


def cases(_world: World) -> st.SearchStrategy[Any]:
    names = st.sampled_from(sorted(samples()))
    change = st.tuples(st.integers(0, 10_000), st.integers(0, 64), st.binary(max_size=16))

    @st.composite
    def one(draw: st.DrawFn) -> Any:
        name = draw(names)
        raw = samples()[name]
        for start, length, piece in draw(st.lists(change, max_size=4)):
            at = start % (len(raw) + 1)
            raw = raw[:at] + piece + raw[at + length :]
        return {"kind": name, "bytes": base64.b64encode(raw).decode()}

    return one()


def play(_world: World, case: Any) -> str:
    raw = base64.b64decode(case["bytes"])
    return _picture(raw) if case["kind"] not in ("XLSX", "CSV") else _sheet(raw)


def _picture(raw: bytes) -> str:
    try:
        content, _ = pictures.clean(raw)
    except pictures.BadPicture as refused:
        return f"picture {refused.code}"
    with Image.open(BytesIO(content)) as again:
        again.load()
        if (
            max(again.size) > MOST_SIDE
            or again.getexif()
            or (again.format == "JPEG" and not content.endswith(b"\xff\xd9"))
        ):
            raise Broken("a picture kept more than its pixels")
    return "picture kept"


def _sheet(raw: bytes) -> str:
    """As the child process reads it (its limits are tried in tests/registers and tests/security)."""
    try:
        told = reader.read(raw)
    except reader.Bad as refused:
        return f"sheet {refused.code}"
    if any(not isinstance(cell, (str, int, float)) for row in told["rows"] for cell in row):
        raise Broken("a cell of a sheet is no text and no number")
    return "sheet read"

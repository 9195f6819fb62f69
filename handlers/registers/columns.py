"""What the columns of a sheet hold, guessed from how community offices head them, and where that head is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.sheets.reading import Cell
from app.understanding.numbers import plain

# field → (what it is called on our pages, how a head says it); the first that fits a head takes it
FIELDS: dict[str, tuple[str, str]] = {
    "agreed_on": ("签字日期", r"(?:签字|签名|同意|授权|登记|填表)(?:日期|时间|日)"),
    "agreed": ("同意登记", r"同意|授权|签字|签名|知情"),
    "tie": ("与户主关系", r"关系"),
    "name": ("姓名", r"姓名|名字|^居民$|^户主$|^人员$"),
    "phone": ("手机号", r"电话|手机|联系方式|联系号码|号码$|^tel|^phone"),
    "address": ("住址(一格里写全)", r"地址|住址|住处|现住"),
    "estate": ("小区", r"小区|院落|家属院|^院$|楼盘"),
    "unit": ("单元", r"单元"),
    "building": ("楼栋", r"楼栋|楼号|栋|幢|^楼$|号楼"),
    "door": ("门牌", r"门牌|房号|房间|室号|户号|^室$|^门$"),
}
NEVER = re.compile(
    r"身份证|证件|民族|宗教|籍贯|银行|卡号|户主姓名|紧急|问题"
)  # not kept in this register, or not theirs
LOOKED_THROUGH = 15
OPTIONS = {
    "": "不要这一列",
    **{field: name for field, (name, _) in sorted(FIELDS.items(), key=lambda one: one[0])},
}


def guessed(head: Sequence[Cell]) -> list[str]:
    """The field of each column, "" for what is not taken; no field twice."""
    found: list[str] = []
    for cell in head:
        field = _field_of(str(cell))
        found.append("" if field in found else field)
    return found


def _field_of(words: str) -> str:
    bare = re.sub(r"[\s*＊:：()()]", "", plain(words)).lower()
    if not bare or NEVER.search(bare):
        return ""
    return next((field for field, (_, said) in FIELDS.items() if re.search(said, bare)), "")


def head_of(rows: Sequence[Sequence[Cell]]) -> int | None:
    """The row (from 0) that names the columns: titles and notes stand above it."""
    best, most = None, 1
    for number, row in enumerate(rows[:LOOKED_THROUGH]):
        fields = {field for field in guessed(row) if field}
        if len(fields) > most and "name" in fields:
            best, most = number, len(fields)
    return best

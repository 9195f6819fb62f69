"""The account's own menu: three columns of five lines. Every key is a chat word, so a button says what typing says.

`flask --app wsgi publish-menu` sends it to WeChat, which shows 4 characters of a column's name and 8 of a line's.
"""

from typing import Any, NamedTuple


class Column(NamedTuple):
    name: str
    words: tuple[str, ...]


MENU: tuple[Column, ...] = (
    Column("我要办事", ("预约服务", "要带什么", "说事反映", "幸福课堂", "找人帮忙")),
    Column("幸福家园", ("最新通知", "活动报名", "心愿站", "志愿服务", "身边服务")),
    Column("我的", ("我的预约", "我的心愿", "志愿时长", "大字和语音", "我的信息")),
)


def menu_for_wechat() -> dict[str, Any]:
    """The body of cgi-bin/menu/create."""
    return {"button": [{"name": column.name, "sub_button": _lines(column)} for column in MENU]}


def _lines(column: Column) -> list[dict[str, str]]:
    return [{"type": "click", "name": word, "key": word} for word in column.words]

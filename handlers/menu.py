"""The menu with which an installation begins: three columns of five lines. Every key is a chat word, so a button says
what typing says. What the staff make of it are versions of their own (handlers/menus)."""

from typing import NamedTuple


class Column(NamedTuple):
    name: str
    words: tuple[str, ...]


MENU: tuple[Column, ...] = (
    Column("我要办事", ("预约服务", "要带什么", "说事反映", "幸福课堂", "找人帮忙")),
    Column("幸福家园", ("最新通知", "活动报名", "心愿站", "志愿服务", "身边服务")),
    Column("我的", ("我的预约", "我的心愿", "志愿时长", "大字和语音", "我的信息")),
)

"""Twenty dialogues by which a house is known again: whoever asks the same after a restore hears the same."""

from __future__ import annotations

import re
from collections.abc import Callable

DIALOGUES: tuple[tuple[str, ...], ...] = (
    ("菜单",),
    ("帮助",),
    ("办事指南",),
    ("办事指南", "1"),
    ("预约服务",),
    ("预约服务", "1"),
    ("预约服务", "1", "取消"),
    ("我的预约",),
    ("活动",),
    ("最新通知",),
    ("隐私",),
    ("我的信息",),
    ("心愿",),
    ("我的心愿",),
    ("说事反映", "取消"),
    ("我说的事",),
    ("我的时间",),
    ("我的号",),
    ("队伍",),
    ("联系社区",),
)


Says = Callable[[str], str]


def walk(says: Says) -> list[str]:
    """What is answered last in each dialogue, without its figures: hours pass, and queues grow by one."""
    heard = []
    for words in DIALOGUES:
        answer = ""
        for each in words:
            answer = says(each)
        heard.append(re.sub(r"\d+", "#", answer))
        says("菜单")
    return heard


def different(before: list[str], after: list[str]) -> list[str]:
    """Which dialogues went otherwise, in words."""
    pairs = zip(DIALOGUES, before, after, strict=True)
    return [f"{' → '.join(said)}: {was!r} was {now!r}" for said, was, now in pairs if was != now or not now]

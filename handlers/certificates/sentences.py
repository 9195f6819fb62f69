"""How the states of a proof are called: to its person, and to staff with the colour of the sign."""

from __future__ import annotations

STATES = {
    "applied": "等工作人员查",
    "checked": "查过了,等着公示",
    "posting": "正在公示",
    "ready": "公示完了,等打印",
    "printed": "打印了,等盖章",
    "issued": "盖好章了,可以来拿",
    "refused": "没有开",
    "withdrawn": "您不要了",
    "void": "作废了",
}
FOR_STAFF = {
    "applied": ("等查", "wait"),
    "checked": ("等贴公告栏", "wait"),
    "posting": ("公示中", "calm"),
    "ready": ("可以打印", "good"),
    "printed": ("等盖章", "wait"),
    "issued": ("已出具", "good"),
    "refused": ("没有开", ""),
    "withdrawn": ("本人不要了", ""),
    "void": ("作废", "bad"),
}
ENTRY_WORDS = {"training": "培训", "award": "表彰", "praise": "好评", "complaint": "投诉"}

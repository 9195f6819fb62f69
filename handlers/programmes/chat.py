"""Programmes in chat: a name typed in full or in passing says what it is and what can be done there today."""

from __future__ import annotations

from app.dialogue import Chat, Choose, Reply, Say
from models.identity import Actor
from models.programmes import Programme, programme_in_words, programmes

chat = Chat("programmes")


@chat.listens("programmes")
def named(resident: Actor, text: str) -> Reply:
    programme = programme_in_words(resident.session, text)
    return None if programme is None else _tell(programme)


@chat.dialogue("项目", "幸福花", "十四朵花", "社区项目", title="看项目")
async def list_programmes(_resident: Actor) -> Say:
    return _tell(await Choose("which_programme", programmes()))


def _tell(programme: Programme) -> Say:
    if not programme.listed:
        return Say("programmes.private_programme")
    return Say("programmes.programme", programme=programme, words=programme.offered)


@chat.says("幸福课堂")
def lessons(_resident: Actor) -> Say:
    return Say("lessons", words=("四点半课堂", "活动报名", "项目"))


@chat.says("四点半课堂")
def after_school(resident: Actor) -> Reply:
    return named(resident, "幸福成长站")


chat.also_said("项目", "有哪些项目", "社区有什么项目", "幸福花有哪些", "十四个项目")
chat.also_said("幸福课堂", "学课程", "手机课", "书法班", "舞蹈班", "合唱团", "老年大学")

"""Programmes for the mini-program: what the community runs, and what can be done there today."""

from __future__ import annotations

from pydantic import Field

from app.channels.api import Api
from app.channels.api.schemas import Shown
from models.identity import Actor
from models.programmes import Programme, programmes

api = Api("programmes", "社区项目")


class ProgrammeShown(Shown):
    """`engines` are those that are on, `words` what can be typed in the chat today, `later` says what does not work
    yet."""

    code: str = Field(examples=["wish"])
    name: str = Field(examples=["幸福心愿站"])
    sentence: str
    flower: int | None
    menu_place: str | None
    engines: list[str]
    words: list[str]
    later: str | None
    hours: str | None
    contact: str | None


class Programmes(Shown):
    """All of them, in the community's order."""

    items: list[ProgrammeShown]


@api.reads("/programmes", gives=Programmes, who="everyone")
def every_programme(by: Actor) -> Programmes:
    """What the community runs"""
    return Programmes(items=[_shown(one) for one in by.session.scalars(programmes())])


def _shown(one: Programme) -> ProgrammeShown:
    return ProgrammeShown(
        code=one.code,
        name=one.name,
        sentence=one.sentence,
        flower=one.flower,
        menu_place=one.menu_place,
        engines=one.engines_on,
        words=one.offered,
        later=one.later,
        hours=one.hours,
        contact=one.contact,
    )

"""The part of a talk that finds out where somebody lives: 居委会, 小区/院, 楼栋, 单元; each may be left out, and
several may be said at once ("湖滨小区2号楼1单元")."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.dialogue import NO, YES, Choose, recall
from models.identity import Actor
from models.people import door_scanned_by
from models.places import Place, committees, estates, inside

LATER = "先不填"
SKIPS = frozenset({"跳过", "不填", "先不填", "不知道", "不想填", "没有"})
HERE, ELSEWHERE = "是", "不是"
QUESTION = {"committee": "which_estate", "estate": "which_building", "building": "which_unit"}


async def where_to_live(resident: Actor) -> Place | None:
    """The most exact place that was told; None when nothing was."""
    door = door_scanned_by(resident.session, resident.me)
    if door is not None:
        here = await Choose("lives_here", (HERE, ELSEWHERE), by_words=_yes_or_no, place=door)
        if here == HERE:
            return await _within(resident, door)
    place = await ChoosePlace("which_committee", resident.session, committees(), estates())
    return await _within(resident, place) if isinstance(place, Place) else None


async def _within(resident: Actor, place: Place) -> Place:
    """As far down the tree from `place` as is told and as the tree goes."""
    if place.kind not in QUESTION or resident.session.scalar(inside(place).limit(1)) is None:
        return place
    found = await ChoosePlace(QUESTION[place.kind], resident.session, inside(place), parent=place)
    return await _within(resident, found) if isinstance(found, Place) else place


class ChoosePlace(Choose[Place | str]):
    """One of these places or "later". In words it may be one further down: people know their estate better than its
    committee (`also`), and many say estate, building and unit in one breath."""

    def __init__(
        self,
        key: str,
        session: Session,
        places: Select[Place],
        also: Select[Place] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(key, lambda: [*session.scalars(places), LATER], by_words=self._said, **facts)
        self._session, self._places, self._also = session, places, also

    def value(self, session: Session, stored: Any) -> Place | str:
        found: Place | str = recall(session, stored)
        return found if isinstance(found, Place) else super().value(session, stored)

    def _said(self, text: str) -> Any:
        if text in SKIPS:
            return [LATER]
        also = [] if self._also is None else self._named(self._also, text)
        found = also or self._named(self._places, text)
        return [self._deepest(found[0], text)] if len(found) == 1 else found or None

    def _deepest(self, place: Place, text: str) -> Place:
        """As far down from `place` as the same words go."""
        further = self._named(inside(place), text)
        return self._deepest(further[0], text) if len(further) == 1 else place

    def _named(self, places: Select[Place], text: str) -> list[Place]:
        """Places that are named exactly so, or else whose name is part of what was typed (12号楼 is not 2号楼)."""
        found = self._session.scalars(places).all()
        exact = [place for place in found if place.name == text]
        return exact or [place for place in found if re.search(rf"(?<!\d){re.escape(place.name)}", text)]


def _yes_or_no(text: str) -> list[str] | None:
    return [HERE] if text in YES else [ELSEWHERE] if text in NO else None

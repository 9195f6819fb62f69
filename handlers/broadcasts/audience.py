"""How many an audience is, what is odd about it, and a few of them with their names covered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, distinct, func, select, true
from sqlalchemy.orm import Session

from app import audit
from app.understanding.phone import mask_name
from models.audience import audience_of, described, follows, wants
from models.broadcasts import Broadcast
from models.households import stay_of
from models.identity import Actor, Identity, Person
from models.means import FEWEST_BY_MASS
from models.places import Grid, Place
from models.programmes import Programme
from models.refusal import Refusal
from models.sight import SEE_EVERYBODY
from models.tags import Tag

SAMPLES = 5
MOST_PER_CENT = 80


@dataclass(frozen=True, slots=True)
class Count:
    """`unwilling` were left out because they do not want it; `following` of the `total` follow an account, as do
    `followers` altogether."""

    total: int
    unwilling: int
    following: int
    followers: int

    @property
    def per_cent(self) -> int:
        return self.following * 100 // self.followers if self.followers else 0

    @property
    def odd(self) -> str | None:
        """What somebody should look at twice before it goes on."""
        if self.total == 0:
            return "nobody"
        if self.following < FEWEST_BY_MASS:
            return "few"
        return "most" if self.per_cent > MOST_PER_CENT else None


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    place: str


def count(session: Session, spec: Mapping[str, Any], topic: str, *, to_all: bool) -> Count:
    """`to_all`: whether they want it or not, as what is urgent and what corrects."""
    found = described(session, spec)
    willing = true() if to_all else wants(topic)
    total, wanted, following = func.count(), _when(willing), _when(willing & follows())
    meant, all_willing, reading = session.execute(found.with_only_columns(total, wanted, following)).one()
    theirs = select(func.count(distinct(Identity.person_id))).where(Identity.kind == "oa", Identity.following)
    followers = session.scalar(theirs) or 0
    return Count(int(all_willing), int(meant - all_willing), int(reading), followers)


def _when(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def count_of(session: Session, broadcast: Broadcast) -> Count:
    return count(session, broadcast.audience, broadcast.topic, to_all=broadcast.goes_to_all)


def samples(by: Actor, broadcast: Broadcast, spec: Mapping[str, Any]) -> list[Sample]:
    """Five of whom this description finds, by chance, names covered: enough to see that a filter means what it seems
    to. Leaves a line.

    Refuses with broadcasts.no_sight to who does not see everybody.
    """
    if by.staff is None or not SEE_EVERYBODY & set(by.staff.roles):
        raise Refusal("broadcasts.no_sight")
    some = select(Person).where(Person.id.in_(audience_of(by.session, broadcast, spec)))
    some = some.order_by(func.random()).limit(SAMPLES)
    shown = by.session.scalars(some).all()
    audit.note(by, "broadcasts.look_at_samples", broadcast, people=[person.id for person in shown])
    return [Sample(mask_name(one.name or "") or "没登记", _where(by.session, one)) for one in shown]


def _where(session: Session, person: Person) -> str:
    """The building, never the door."""
    stay = stay_of(session, person)
    place = stay.household.place if stay else person.place
    line = [one for one in place.line if one.kind != "unit"] if place else []
    return line[-1].full_name if line else "没写住处"


# ---- in words --------------------------------------------------------------------------------------------------------


def in_words(session: Session, spec: Mapping[str, Any]) -> list[str]:
    """What was chosen, by name: each line narrows the others."""
    if spec.get("everybody"):
        return ["所有人"]
    if spec.get("got"):
        return ["收到过原来那条的人"]
    names = {
        "grids": select(Grid.name).where(Grid.id.in_(spec.get("grids", ()))),
        "tags": select(Tag.name).where(Tag.id.in_(spec.get("tags", ()))),
        "programmes": select(Programme.name).where(Programme.code.in_(spec.get("programmes", ()))),
    }
    places = session.scalars(select(Place).where(Place.id.in_(spec.get("places", ()))))
    told = {"places": [place.full_name for place in places]}
    told |= {word: list(session.scalars(named)) for word, named in names.items()}
    return [f"{TITLES[word]}:{'、'.join(told[word])}" for word in TITLES if told[word]]


TITLES = {"grids": "网格", "places": "楼栋", "tags": "标签", "programmes": "参加过"}

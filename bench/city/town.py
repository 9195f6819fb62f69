"""A town of N people, with what they did in a year: the same one every time, written straight into the tables.

The house's own demo neighbourhood is seeded first, so that every kind of row is there once as the house makes it; the
many then come in bulk. **What is past grows with the town, what waits does not**: no office has more open than its
staff can hold (`OPEN` of each kind), and a day's bookings are a day's bookings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, privacy
from app.cli import install_essentials, seed
from app.site import Site
from bench.city.pen import Pen, Raw
from handlers.people.policies import policy
from models.identity import given_part
from models.places import Place

MOST_MESSAGES = MOST_CHECK_INS = 2_000_000
MESSAGES_EACH, CHECK_INS_EACH = 20, 10
OPEN = 300
HOMES_EACH = 3  # people in one household
SURNAMES = "马王李张刘陈杨赵韩冶沙铁白苏罗祁星多丁卓"
GIVEN = [a + b for a in "秀建国玉明海生文志春" for b in "兰英华军芳梅强平云龙山红霞林福"]


def neighbour(number: int) -> str:
    """By this name tests.neighbours gives a phone; the openid is made from it."""
    return f"neighbour {number}"


def openid(number: int) -> str:
    return "o" + hashlib.sha256(neighbour(number).encode()).hexdigest()[:27]


def name_of(number: int) -> str:
    return SURNAMES[number % len(SURNAMES)] + GIVEN[number // 7 % len(GIVEN)]


def phone_of(number: int) -> str:
    return f"1{3_000_000_000 + number * 7919 % 999_999_999:010}"


@dataclass(frozen=True)
class Times:
    """Moments of the past, in the order of the numbers."""

    now: datetime

    def ago(self, at: int, many: int, days: float) -> datetime:
        return self.now - timedelta(days=days) * (1 - (at + 1) / (many + 1))


class Town:
    """Where the bulk of the rows begins: `first` is the number of the first of `many` people. `waiting` is how much of
    each kind the office has before it."""

    def __init__(self, site: Site, many: int, waiting: int = OPEN) -> None:
        self.site, self.many, self.waiting = site, many, waiting
        self.pen = Pen(site.database.engine)
        self.times = Times(clock.now().replace(microsecond=0))
        self.first = 0
        self.first_identity = 0

    def build(self) -> None:
        from bench.city import doings, hours, trail

        install_essentials(self.site)
        seed(self.site)
        with self.pen.in_bulk():
            self._places()
            self._people()
            self._homes()
            for part in (doings, hours, trail):
                part.write(self)
        self.pen.end()

    def person(self, at: int) -> int:
        return self.first + at % self.many

    def identity(self, at: int) -> int:
        return self.first_identity + at % self.many

    def ids(self, column: Any) -> list[Any]:
        with self.site.database.reading() as session:
            return list(session.scalars(select(column).order_by(column)))

    # ---- who lives where ---------------------------------------------------------------------------------------------

    def _places(self) -> None:
        """An estate for 3,000 people: ten buildings of three doors each, a grid for two buildings."""
        first, estates = self.pen.next_id("place"), max(1, self.many // 3000)
        grid, committee = self.pen.next_id("grid"), self.ids(Place.id)[0]
        each = 1 + 10 + 30
        self.pen.write(
            "grid", "id name worker", ((grid + at, f"第{at + 1}网格", "马师傅") for at in range(estates * 5))
        )

        def rows() -> Iterator[tuple[Any, ...]]:
            for estate in range(estates):
                top = first + estate * each
                yield top, committee, "estate", f"第{estate + 1}家园", estate + 100, None
                for house in range(10):
                    yield (
                        top + 1 + house,
                        top,
                        "building",
                        f"{house + 1}号楼",
                        house,
                        grid + estate * 5 + house // 2,
                    )
                    for door in range(3):
                        unit = top + 11 + house * 3 + door
                        yield unit, top + 1 + house, "unit", f"{door + 1}单元", door, None

        self.pen.write("place", "id parent_id kind name position grid_id", rows())
        self.units = [first + e * each + 11 + unit for e in range(estates) for unit in range(30)]

    def _people(self) -> None:
        self.first, self.first_identity = self.pen.next_id("person"), self.pen.next_id("identity")
        names = "id name phone phone_index phone_tail_index"
        names += " name_index given_index place_id joined_at created_at row_key"
        self.pen.write("person", names, map(self._person, range(self.many)))
        whole = range(self.many)
        at = self.times.ago
        self.pen.write(
            "identity",
            "id person_id kind app openid following spoke_at created_at",
            (
                (
                    self.identity(n),
                    self.person(n),
                    "oa",
                    "oa:main",
                    openid(n),
                    True,
                    at(n, self.many, 60),
                    at(n, self.many, 400),
                )
                for n in whole
            ),
        )
        talk = "identity_id heard turn spoke_at"
        self.pen.write("conversation", talk, ((self.identity(n), 1, 3, at(n, self.many, 60)) for n in whole))
        agreed = [(one, policy(one).version, policy(one).text_hash) for one in ("service", "notices")]
        self.pen.write(
            "consent",
            "person_id purpose version text_hash channel given_at",
            (
                (self.person(n), *one, "chat", at(n, self.many, 300))
                for n in whole
                for one in agreed
                if self.joined(n)
            ),
        )

    def joined(self, at: int) -> bool:
        """One in five only follows the account."""
        return at % 5 != 4

    def _person(self, at: int) -> tuple[Any, ...]:
        person, made = self.first + at, self.times.ago(at, self.many, 400)
        row_key = f"{person:022}"
        if not self.joined(at):
            return person, None, None, None, None, None, None, None, None, made, row_key
        name, phone, ring = name_of(at), phone_of(at), privacy.keyring()
        given = given_part(name)
        return (
            person,
            ring.seal("person.name", name.encode(), row_key),
            ring.seal("person.phone", phone.encode(), row_key),
            ring.blind("person.phone", phone),
            blind("person.phone_tail", phone[-4:]),
            blind("person.name", name),
            blind("person.given", given) if given else None,
            self.units[at // HOMES_EACH % len(self.units)],
            made,
            made,
            row_key,
        )

    def _homes(self) -> None:
        home, homes = self.pen.next_id("household"), self.many // HOMES_EACH
        door = self.sealed("household.door", "301")
        self.pen.write(
            "household",
            "id place_id door door_index made_at checked_at row_key",
            (
                (
                    home + n,
                    self.units[n % len(self.units)],
                    door,
                    f"{home + n:064}",
                    *[self.times.ago(n, homes, 300)] * 2,
                    "shared",
                )
                for n in range(homes)
            ),
        )
        members = (n for n in range(homes * HOMES_EACH) if self.joined(n))
        self.pen.write(
            "household_member",
            "household_id person_id tie since",
            (
                (
                    home + n // 3,
                    self.person(n),
                    "head" if n == self._head(n) else "relative",
                    self.times.ago(n, self.many, 300),
                )
                for n in members
            ),
        )

    def _head(self, at: int) -> int:
        """The first of a household who has joined."""
        first = at // HOMES_EACH * HOMES_EACH
        return first if self.joined(first) else first + 1

    def sealed(self, purpose: str, words: str, row: str = "shared") -> Raw:
        """Words that many rows share: those that carry the row key "shared", or whose column is bound to no row."""
        return Raw(privacy.keyring().seal(purpose, words.encode(), row))

    @cached_property
    def staff(self) -> list[int]:
        from models.staff import StaffMember

        return self.ids(StaffMember.id)


@cache
def blind(purpose: str, value: str) -> str:
    return privacy.keyring().blind(purpose, value)


def is_built(session: Session) -> bool:
    """Whether somebody lives here who was written in bulk."""
    from models.identity import Identity

    return session.scalar(select(Identity.id).where(Identity.openid == openid(0))) is not None

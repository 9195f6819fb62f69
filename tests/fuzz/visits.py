"""A few visits one after another, by a neighbour or by somebody of the staff: pages that exist, forms as they are shown,
filled in with good will, with some fields spoiled. A page in words always, never a fault."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask.testing import FlaskClient
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from models.identity import Identity, Person
from tests.fuzz.before import SLIP, kiosk, lived
from tests.fuzz.forms import filled, spoiled, with_spoiled
from tests.fuzz.ways import Way, Ways, form_on, opened, token_of
from tests.fuzz.world import Broken, World
from tests.neighbours import Phone
from tests.pages.visitors import REDIRECTS, Form, Visitor
from tests.staff.clerks import BUSY, clerk

MOST_VISITS = 4
CONSOLE, PAGES = "/console", "/h5"
# What would end the clerk's own work, or is slow on purpose.
SKIPPED = frozenset(
    {"staff_console.sign_out", "staff_console.sign_in", "staff_console.invitation", "staff_console.prove"}
)
ROLES = (
    ("desk", "first_review", "second_review", "grid", "leader", "petitions", "admin"),
    ("approver", "care", "children", "recovery", "auditor", "leader"),
)
# Neighbours of whom the invented house knows most, one who leads and one who books; and one of whom it knows nothing.
NEIGHBOURS = ("马秀兰", "祁生华", "白玉珍", "新来的")
AWAY = ("/sign-in", "/prove", "/connect/oauth2")


class Visits:
    """Both sides' browsers, signed in, and where each case begins."""

    def __init__(self, world: World) -> None:
        self.world, town, self.beginning = world, world.town, world.beginning
        self.beginning.restore()
        world.new_case()
        staff = [clerk(town, *held, login=f"fuzz{n}").client for n, held in enumerate(ROLES)]
        town.writing(self._known)
        phones = [Phone(town, name, "main") for name in NEIGHBOURS]
        self.clients: dict[str, list[FlaskClient]] = {
            CONSOLE: staff,
            PAGES: [Visitor(town, phone).client for phone in phones],
        }
        self.clients[PAGES][-1].post(f"{PAGES}/wall", data={"code": town.writing(kiosk)})
        self._keep()

    def _keep(self) -> None:
        """Cases begin from here: the town, and what each browser holds."""
        self.beginning.keep()
        self.held = [(one, dict(one._cookies or {})) for side in self.clients.values() for one in side]

    def restore(self) -> None:
        """Who signed out or was deleted in the last case is who they were."""
        self.beginning.restore()
        for client, cookies in self.held:
            client._cookies = dict(cookies)

    def _known(self, session: Session) -> None:
        """Neighbours of whom the house knows something have a phone."""
        known = {person.name: person for person in session.scalars(select(Person).order_by(Person.id.desc()))}
        for name in NEIGHBOURS:
            openid, person = Phone(self.world.town, name, "main").openid, known.get(name) or Person()
            session.add(Identity(kind="oa", app="oa:main", openid=openid, person=person, following=True))
        lived(session, known[NEIGHBOURS[0]], [known[name] for name in (NEIGHBOURS[1], "王秀英", "韩玉梅")])

    @cached_property
    def ways(self) -> dict[str, Ways]:
        """The console's first: what it shows of residents' pages is where those visitors begin too. What they did on
        their way has happened before each case."""
        found, elsewhere = dict[str, Ways](), {f"{PAGES}/rate/{SLIP}"}
        for side, clients in self.clients.items():
            found[side] = Ways(self.world.town, clients, side, SKIPPED, sorted(elsewhere))
            elsewhere |= found[side].elsewhere
            print(f"{side}: {len(found[side].unseen)} doors shown to nobody: {' '.join(found[side].unseen)}")
        self._keep()
        return found

    # ---- cases

    def cases(self, side: str) -> st.SearchStrategy[Any]:
        ways = self.ways[side]
        kinds = st.sampled_from(ways.often)

        def visit(way: Way) -> st.SearchStrategy[Any]:
            named = st.sampled_from(way.shown or ways.names(way.endpoint))
            named = st.one_of(named, named, st.sampled_from(ways.names(way.endpoint)))
            return st.fixed_dictionaries(
                {
                    "who": st.just(way.who),
                    "how": st.just(way.how),
                    "to": st.just(way.to),
                    "on": st.just(way.on),
                    "opened": st.just(dict(way.opened)),
                    "luck": st.integers(0, 11),
                    "fields": st.lists(st.tuples(named, spoiled).map(list), max_size=3),
                }
            )

        one = kinds.flatmap(lambda kind: st.sampled_from(ways.known[kind])).flatmap(visit)
        return st.lists(one, min_size=1, max_size=MOST_VISITS)

    # ---- playing one

    def play(self, side: str, case: Any) -> str:
        if any("opened" in one for one in case):  # kept since visitors do something on their way
            _ = self.ways
        self.restore()
        return " ".join([self._visit(side, one) for one in case])

    def _visit(self, side: str, visit: Any) -> str:
        client, to = self.clients[side][visit["who"]], visit["to"]
        shown = self._shown(client, visit)
        said = with_spoiled(filled(shown, visit["luck"]) if shown else {}, visit["fields"])
        if visit["how"] == "get":
            parts = urlsplit(to)
            answer = client.get(parts.path, query_string=dict(parse_qsl(parts.query)) | said)
        else:
            said = ({} if "csrf_token" in said else self._token(side, client)) | said
            answer = client.post(to, data=said)
        self.world.hears_nothing_loud()
        if answer.status_code >= 500 and answer.status_code != BUSY:
            raise Broken(
                f"{answer.status_code} of {to}", re.sub(r"\d+", "n", f"{answer.status_code} of {to}")
            )
        return _came(answer)

    def _shown(self, client: FlaskClient, visit: Any) -> Form | None:
        if not visit["on"]:
            return None
        return form_on(opened(client, visit["on"], visit.get("opened", {})), visit["to"], visit["on"])

    def _token(self, side: str, client: FlaskClient) -> dict[str, str]:
        return token_of(client) if side == CONSOLE else {}


def _came(answer: TestResponse) -> str:
    if answer.status_code in REDIRECTS and any(one in answer.location for one in AWAY):
        return "sign-in"
    return str(answer.status_code)


@lru_cache(maxsize=1)
def _visits(world: World) -> Visits:
    return Visits(world)


def cases_at(side: str) -> Callable[[World], st.SearchStrategy[Any]]:
    return lambda world: _visits(world).cases(side)


def play_at(side: str) -> Callable[[World, Any], str]:
    return lambda world, case: _visits(world).play(side, case)

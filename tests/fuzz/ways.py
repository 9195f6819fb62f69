"""Every way that leads to a handler of pages: whoever has a browser follows all links they are shown, and each form that
they see goes somewhere. An address that nobody is shown is guessed.

Ways are found once; each case begins where the town was then.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

from tests.fuzz.forms import address, names_read
from tests.fuzz.openers import OPENERS, well_meant
from tests.fuzz.screens import Lively, goals
from tests.neighbours import Town
from tests.pages.visitors import REDIRECTS, Form
from tests.staff.clerks import TOKEN

IS_FULL = os.environ.get("HEAVY") == "full"
EACH = 4 if IS_FULL else 1  # so many ways to one handler are kept of each browser
SENT_ON = 307  # what is done from a card shows the card again, which is sent for
GUESSED = (1, 2, 3, 0, 2**63)
SHOWN_OFTEN = 3  # what is shown is taken so much more often than what is guessed or only looked at
Said = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Breadth:
    """So many pages of a kind that show no new door are looked at by each browser: of a list's tabs, of rows that stand
    first on a page, of the rows that follow."""

    tabs: int
    first: int
    rest: int


NARROW, WIDE = Breadth(1, 1, 1), Breadth(12, 4, 4)


@dataclass(frozen=True, slots=True)
class Way:
    """`who` is the number of a browser; `on` the page that shows the form ("" when it was guessed), which is opened by a
    form itself where `opened` says what is sent."""

    who: int
    endpoint: str
    how: str
    to: str
    on: str = ""
    shown: tuple[str, ...] = ()
    opened: Said = ()


class Walk:
    """One browser on its way. What it is shown first of a kind on a page comes before the rest, so that each tab of a
    list has one row looked at."""

    def __init__(self, ways: Ways, who: int, client: FlaskClient, breadth: Breadth) -> None:
        self.ways, self.who, self.client, self.breadth = ways, who, client, breadth
        self.first, self.rest = deque[str](), deque[str]()
        self.been, self.looked = set[str](), Counter[tuple[str, bool]]()
        self.seen: dict[str, list[Way]] = defaultdict(list)
        self.tried = set[str]()

    def goes(self, beginning: Iterable[str]) -> None:
        """Along all links."""
        self.first.extend(beginning)
        self._follows()

    def opens(self) -> None:
        """Through what opens others, and on from there."""
        while (opener := self._next_opener()) is not None:
            self.tried.add(opener)
            self._opens(opener)
            self._follows()

    def _follows(self) -> None:
        while self.first or self.rest:
            is_first = bool(self.first)
            path = urldefrag(self.first.popleft() if is_first else self.rest.popleft()).url
            endpoint = self.ways.endpoint(path, "get")
            if endpoint is None or path in self.been:
                continue
            if self.looked[endpoint, is_first] < self._most(endpoint, is_first):
                self.been.add(path)
                self.looked[endpoint, is_first] += not self._visits(path)

    def _most(self, endpoint: str, is_first: bool) -> int:
        if endpoint in self.ways.lists:
            return self.breadth.tabs
        return self.breadth.first if is_first else self.breadth.rest

    def _visits(self, path: str) -> bool:
        """Whether a door was seen there for the first time."""
        doors, answer = len(self.ways.known), self.client.get(path)
        if answer.status_code in REDIRECTS:
            self.first.append(urljoin(path, answer.location))
        elif answer.status_code == 200 and answer.mimetype == "text/html":
            self.ways.keeps(Way(self.who, str(self.ways.endpoint(path, "get")), "get", path))
            self._looks(path, answer.text)
        return len(self.ways.known) > doors

    def _looks(self, path: str, page: str, opened: Said = ()) -> None:
        """A form goes where it says, and where each of its buttons does. (That a form with another token goes nowhere
        is tried elsewhere.)"""
        screen, kinds = Lively(page), set[str]()
        for form in screen.forms:
            shown = tuple(name for name in form.kinds if name != "csrf_token")
            for to in sorted(goals(form, path)):
                if (endpoint := self.ways.endpoint(to, form.method)) is not None:
                    way = Way(self.who, endpoint, form.method.lower(), to, path, shown, opened)
                    self.ways.keeps(way)
                    self.seen[endpoint].append(way)
        for to in (urljoin(path, to) for _, to in screen.links):
            kind = self.ways.endpoint(urldefrag(to).url, "get")
            if kind is None:
                self.ways.elsewhere.add(to)
                continue
            (self.rest if kind in kinds else self.first).append(to)
            kinds.add(kind)

    # ---- what opens others

    def _next_opener(self) -> str | None:
        done = self.tried | self.ways.opened
        return next((one for one in OPENERS if one in self.seen and one not in done), None)

    def _opens(self, endpoint: str) -> None:
        """At the row that was seen last: the others stay as they are."""
        way = self.seen[endpoint][-1]
        form = form_on(opened(self.client, way.on, dict(way.opened)), way.to, way.on)
        if form is None:
            return
        said = well_meant(form, OPENERS[endpoint])
        to, answer = way.to, self.client.post(way.to, data=said)
        if answer.status_code == SENT_ON:
            to = urljoin(to, answer.location)
            answer = self.client.post(to, data=said)
        self.ways.town.works()
        if answer.status_code in REDIRECTS:
            self.ways.opened.add(endpoint)
            for path in (way.on, urljoin(way.on, answer.location)):
                self._visits_again(urldefrag(path).url)
            if way.opened:
                self._looks(way.on, opened(self.client, way.on, dict(way.opened)), way.opened)
        elif answer.status_code == 200:  # it only shows, to each what their roles may see
            sent = tuple(
                (name, value)
                for name, value in said.items()
                if name != "csrf_token" and isinstance(value, str)
            )
            self._looks(to, answer.text, sent)

    def _visits_again(self, path: str) -> None:
        self.been.add(path)
        if self.ways.endpoint(path, "get") is not None:
            self._visits(path)


class Ways:
    """`known` has the ways to each handler: "get" and the endpoint, or "post" and the endpoint."""

    def __init__(
        self,
        town: Town,
        browsers: Sequence[FlaskClient],
        prefix: str,
        skipped: frozenset[str],
        also: Iterable[str] = (),
    ) -> None:
        self.town, self.prefix, self.skipped = town, prefix, skipped
        self.elsewhere, self.opened = set[str](), set[str]()
        self.addresses = town.app.url_map.bind("localhost")
        self.known: dict[tuple[str, str], list[Way]] = defaultdict(list)
        self.lists = {rule.endpoint for rule in self._rules("get") if not rule.arguments}
        beginning = sorted(rule.rule for rule in self._rules("get") if not rule.arguments)
        for who, client in enumerate(browsers):
            walk = Walk(self, who, client, NARROW)
            walk.goes([*beginning, *also])
            walk.opens()
        # Where cases begin does not hang on how far is walked: a kept case is played again everywhere.
        if IS_FULL:
            for who, client in enumerate(browsers):
                Walk(self, who, client, WIDE).goes([*beginning, *also])
        for way in list(self._guessed(len(browsers))):
            self.known[way.how, way.endpoint].append(way)
        self.often = [
            kind
            for kind, ways in sorted(self.known.items())
            for _ in range(SHOWN_OFTEN if kind[0] == "post" and ways[0].on else 1)
        ]
        self._names: dict[str, tuple[str, ...]] = {}

    @property
    def unseen(self) -> list[str]:
        """The doors that are shown to nobody."""
        shown = {endpoint for (how, endpoint), ways in self.known.items() if how == "post" and ways[0].on}
        return sorted({rule.endpoint for rule in self._rules("post")} - shown)

    def names(self, endpoint: str) -> tuple[str, ...]:
        if endpoint not in self._names:
            self._names[endpoint] = names_read(self.town.app, endpoint)
        return self._names[endpoint]

    def _rules(self, how: str) -> list[Rule]:
        return [
            rule
            for rule in self.town.app.url_map.iter_rules()
            if rule.rule.startswith(self.prefix)
            and how.upper() in (rule.methods or ())
            and rule.endpoint not in self.skipped
        ]

    def keeps(self, way: Way) -> None:
        known = self.known[way.how, way.endpoint]
        mine = [one for one in known if one.who == way.who]
        if len(mine) < EACH and way.to not in [one.to for one in mine]:
            known.append(way)

    def endpoint(self, path: str, how: str) -> str | None:
        parts = urlsplit(path)
        if parts.netloc not in ("", "localhost") or not parts.path.startswith(self.prefix):
            return None
        try:
            endpoint, _ = self.addresses.match(parts.path, how.upper())
        except (HTTPException, RequestRedirect):
            return None
        return None if endpoint in self.skipped else str(endpoint)

    def _guessed(self, browsers: int) -> Iterator[Way]:
        for rule in self._rules("post"):
            if not self.known.get(("post", rule.endpoint)):
                for number in GUESSED if rule.arguments else (0,):
                    for who in range(browsers):
                        yield Way(who, rule.endpoint, "post", address(rule, number))


def opened(client: FlaskClient, path: str, said: Mapping[str, str]) -> str:
    """The page there, as it is asked for or, where it is opened by a form, sent for."""
    if not said:
        return client.get(path).text
    return client.post(path, data=token_of(client) | dict(said)).text


def token_of(client: FlaskClient) -> dict[str, str]:
    """What a form of the console carries."""
    found = TOKEN.search(client.get("/console/mine").text)
    return {"csrf_token": found[1]} if found else {}


def form_on(page: str, way_to: str, path: str) -> Form | None:
    """The form on this page that goes there."""
    return next((form for form in Lively(page).forms if way_to in goals(form, path)), None)

"""Every way that leads to a handler of pages: whoever has a browser follows all links they are shown, and each form that
they see goes somewhere. An address that nobody is shown is guessed.

Ways are found once; each case begins where the town was then.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

from tests.fuzz.forms import address, names_read
from tests.neighbours import Town
from tests.pages.visitors import REDIRECTS, Form, Screen

# So many rows of a kind are looked at by each browser, and so many ways to one handler are kept of each.
EACH = 4 if os.environ.get("HEAVY") == "full" else 1
GUESSED = (1, 2, 3, 0, 2**63)
SHOWN_OFTEN = 3  # what is shown is taken so much more often than what is guessed or only looked at


@dataclass(frozen=True, slots=True)
class Way:
    """`who` is the number of a browser; `on` the page that shows the form ("" when it was guessed)."""

    who: int
    endpoint: str
    how: str
    to: str
    on: str = ""
    shown: tuple[str, ...] = ()


class Ways:
    """`known` has the ways to each handler: "get" and the endpoint, or "post" and the endpoint."""

    def __init__(
        self, town: Town, browsers: Sequence[FlaskClient], prefix: str, skipped: frozenset[str]
    ) -> None:
        self.town, self.prefix, self.skipped = town, prefix, skipped
        self.addresses = town.app.url_map.bind("localhost")
        self.known: dict[tuple[str, str], list[Way]] = defaultdict(list)
        for who, client in enumerate(browsers):
            self._walks(who, client)
        for way in list(self._guessed(len(browsers))):
            self.known[way.how, way.endpoint].append(way)
        self.often = [
            kind
            for kind, ways in sorted(self.known.items())
            for _ in range(SHOWN_OFTEN if kind[0] == "post" and ways[0].on else 1)
        ]
        self._names: dict[str, tuple[str, ...]] = {}

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

    def _walks(self, who: int, client: FlaskClient) -> None:
        """From every page that has one address only, along all links."""
        ahead = deque(sorted(rule.rule for rule in self._rules("get") if not rule.arguments))
        been, looked = set[str](), Counter[str]()
        while ahead:
            path = ahead.popleft()
            endpoint = self._endpoint(path, "get")
            if endpoint is None or path in been or looked[endpoint] == EACH:
                continue
            been.add(path)
            looked[endpoint] += 1
            answer = client.get(path)
            if answer.status_code in REDIRECTS:
                ahead.append(urljoin(path, answer.location))
            elif answer.status_code == 200 and answer.mimetype == "text/html":
                screen = Screen(answer.text)
                self._keeps(Way(who, endpoint, "get", path))
                for form in screen.forms:
                    self._shows(who, path, form)
                ahead.extend(urljoin(path, to) for _, to in screen.links)

    def _shows(self, who: int, path: str, form: Form) -> None:
        """A form goes where it says, and where each of its buttons does. (That a form with another token goes nowhere
        is tried elsewhere.)"""
        shown = tuple(name for name in form.kinds if name != "csrf_token")
        for action in {form.action, *(button.action for button in form.buttons if button.action)}:
            to = urljoin(path, action or path)
            endpoint = self._endpoint(to, form.method)
            if endpoint is not None:
                self._keeps(Way(who, endpoint, form.method.lower(), to, path, shown))

    def _keeps(self, way: Way) -> None:
        known = self.known[way.how, way.endpoint]
        mine = [one for one in known if one.who == way.who]
        if len(mine) < EACH and way.to not in [one.to for one in mine]:
            known.append(way)

    def _endpoint(self, path: str, how: str) -> str | None:
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


def form_on(page: str, way_to: str, path: str) -> Form | None:
    """The form on this page that goes there."""
    for form in Screen(page).forms:
        actions = {form.action, *(button.action for button in form.buttons if button.action)}
        if way_to in {urljoin(path, action or path) for action in actions}:
            return form
    return None

"""A visitor with bad intentions at our own pages: every form that is shown is filled with hostile words and sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from tests.neighbours import Town
from tests.security.test_hostile_words import address, pages_of

TYPED = ("text", "search", "tel", "email", "url", "password", "textarea")
KEPT = ("csrf_token", "once")  # without these every form is refused unread
# What would end the walk, or shut the walker out: proved elsewhere.
LEFT_OUT = ("/console/sign-out", "/console/mine", "/console/prove", "/h5/me/delete", "/console/second-factor")


@dataclass
class Shown:
    """One form as a page shows it: where it goes, and of each field its kind and what stands in it."""

    action: str
    method: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)

    @property
    def name(self) -> tuple[str, ...]:
        """The same form on two pages is one form."""
        return (_numberless(self.action), *sorted(self.fields))

    def filled(self, hostile: Callable[[], str], *, wholly: bool) -> dict[str, str]:
        """What somebody sends: words into what is typed; `wholly` also into what one chooses, counts and never sees."""
        return {
            name: hostile() if name not in KEPT and (wholly or kind in TYPED) else value
            for name, (kind, value) in self.fields.items()
        }


class Forms(HTMLParser):
    """The forms of a page, with everything that a browser would send for them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Shown] = []
        self._open = False
        self._choice = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Shown(has.get("action", ""), has.get("method", "get").lower()))
            self._open = True
        elif self._open:
            self._take(tag, has)

    def _take(self, tag: str, has: dict[str, str]) -> None:
        fields, name = self.found[-1].fields, has.get("name", "")
        if tag == "button" and has.get("formaction"):
            self.found[-1].actions.append(has["formaction"])
        if tag == "option" and self._choice and (self._choice not in fields or "selected" in has):
            fields[self._choice] = ("select", has.get("value", ""))
        self._choice = name if tag == "select" else self._choice
        if tag == "textarea" and name:
            fields[name] = ("textarea", "")
        elif tag == "input" and name:
            self._take_input(fields, name, has)

    def _take_input(self, fields: dict[str, tuple[str, str]], name: str, has: dict[str, str]) -> None:
        kind = has.get("type", "text")
        if kind in ("radio", "checkbox") and name in fields and "checked" not in has:
            return
        if kind not in ("submit", "button", "image", "file"):
            fields[name] = (kind, has.get("value", "on" if kind == "checkbox" else ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "select":
            self._choice = ""


def posting_forms(page: str, path: str) -> Iterator[Shown]:
    """Each form of this page that changes something, once for each place where its buttons send it."""
    for form in Forms(page).found:
        for action in form.actions or [form.action]:
            if form.method == "post":
                yield Shown(urlsplit(action or path).path, "post", form.fields)


def _numberless(path: str) -> str:
    return "/".join("1" if part.isdigit() else part for part in path.split("/"))


def forms_of(town: Town, prefix: str, get: Callable[[str], TestResponse]) -> dict[tuple[str, ...], Shown]:
    """Every form that changes something on the pages that can be opened."""
    found: dict[tuple[str, ...], Shown] = {}
    for rule in pages_of(town, prefix):
        path = address(rule)
        answer = get(path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            for form in posting_forms(answer.text, path):
                if not form.action.startswith(LEFT_OUT):
                    found.setdefault(form.name, form)
    return found

"""A resident at a page: taps links, fills in forms and presses buttons as a browser without JavaScript would."""

from __future__ import annotations

import html
import re
import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models import pages as browsers
from tests.neighbours import Phone, Town

REDIRECTS = (302, 303)


@dataclass
class Button:
    words: str = ""
    action: str | None = None
    name: str = ""
    value: str = ""


@dataclass
class Form:
    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class Screen(HTMLParser):
    """The links and forms of a page. `kinds` has every field of a form ("text", "date", "select", …), `choices` what
    may be chosen in it, what is chosen already first."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self._link: str | None = None
        self._button: Button | None = None
        self._words = ""
        self._area: str | None = None
        self._select: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "a":
            self._link, self._words = has.get("href") or "", ""
        elif tag == "form":
            self.forms.append(Form(has.get("action") or "", has.get("method") or "get"))
        elif tag == "input" and has.get("name") and self.forms:
            self._input(str(has["name"]), has.get("type") or "text", has.get("value") or "", "checked" in has)
        elif tag == "textarea" and self.forms:
            self._area, self._words = has.get("name"), ""
            self.forms[-1].kinds[self._area or ""] = "textarea"
        elif tag == "select" and has.get("name") and self.forms:
            self._select = str(has["name"])
            self.forms[-1].kinds[self._select] = "select"
        elif tag == "option" and self._select:
            self._may_choose(self._select, has.get("value") or "", "selected" in has)
        elif tag == "button" and self.forms:
            named = {name: has.get(name) or "" for name in ("name", "value")}
            self._button, self._words = Button(action=has.get("formaction"), **named), ""

    def _input(self, name: str, kind: str, value: str, is_checked: bool) -> None:
        self.forms[-1].kinds[name] = kind
        if kind in ("radio", "checkbox"):
            self._may_choose(name, value, is_checked)
        if kind not in ("radio", "checkbox") or is_checked:
            self.forms[-1].values[name] = value

    def _may_choose(self, name: str, value: str, is_chosen: bool) -> None:
        self.forms[-1].choices.setdefault(name, []).insert(0 if is_chosen else 10**6, value)

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            self.links.append((" ".join(self._words.split()), self._link))
            self._link = None
        elif tag == "button" and self._button is not None:
            self._button.words = " ".join(self._words.split())
            self.forms[-1].buttons.append(self._button)
            self._button = None
        elif tag == "textarea" and self._area:
            self.forms[-1].values[self._area], self._area = self._words, None
        elif tag == "select":
            self._select = None


class Visitor:
    """One browser. `page` is the text of the last answer, `path` its address, `status` its number."""

    def __init__(self, town: Town, phone: Phone | None = None) -> None:
        self.town, self.phone = town, phone
        self.client: FlaskClient = town.client
        self.page, self.path, self.status = "", "", 0
        if phone is not None:
            self._sign_in(phone)

    def _sign_in(self, phone: Phone) -> None:
        """As WeChat's login leaves a browser (tests/pages/test_sign_in.py walks the way itself)."""
        key = secrets.token_hex(32)
        self.town.writing(lambda s: browsers.sign_in(s, "none", key, phone.actor(s).identity))  # type: ignore[arg-type]
        signer = SecureCookieSessionInterface().get_signing_serializer(self.town.app)
        assert signer is not None
        self.client.set_cookie("session", str(signer.dumps({"browser": key, "_permanent": True})))

    def opens(self, path: str) -> Visitor:
        return self._take(self.client.get(path), path)

    def sends(self, path: str, **fields: Any) -> Visitor:
        """A form as somebody would make it up."""
        return self._take(self.client.post(path, data=fields), path)

    def taps(self, words: str) -> Visitor:
        """Tap the first link that says these words."""
        found = next((to for said, to in Screen(self.page).links if words in said), None)
        assert found is not None, f"no link {words!r} on {self.path}: {self.words}"
        return self.opens(found)

    def presses(self, words: str, **typed: str) -> Visitor:
        form, button = self.form_of(words)
        values, to = form.values | typed, button.action or form.action
        if form.method == "get":
            return self._take(self.client.get(to, query_string=values), to)
        return self.sends(to, **values)

    def form_of(self, words: str) -> tuple[Form, Button]:
        for form in Screen(self.page).forms:
            for button in form.buttons:
                if words in button.words:
                    return form, button
        raise AssertionError(f"no button {words!r} on {self.path}: {self.words}")

    def offers(self, words: str) -> bool:
        """Whether a link or button with these words is there."""
        screen = Screen(self.page)
        said = [link for link, _ in screen.links] + [b.words for form in screen.forms for b in form.buttons]
        return any(words in one for one in said)

    def _take(self, answer: TestResponse, path: str) -> Visitor:
        for _ in range(5):
            if answer.status_code not in REDIRECTS or "/connect/oauth2" in answer.location:
                break
            parts = urlsplit(answer.location)
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            answer = self.client.get(path)
        self.page, self.path, self.status = answer.text, path, answer.status_code
        return self

    @property
    def words(self) -> str:
        """What the page says, without its tags."""
        main = self.page.partition("<main")[2].partition(">")[2] or self.page
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())

"""Every editor of the console that saves one row again (trust F28): whoever saves second learns who was first, keeps what
they typed, and may then save knowingly. Editors are found in the map of addresses; a new one is driven too, or excused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from sqlalchemy import func, select

from models.audit import AuditLine
from tests.neighbours import Town
from tests.staff.clerks import Clerk, clerk

# Addresses with a form about a row that make something new, or end something, instead of saving the row again.
NO_EDITORS = {
    "people_console.move": "moves a household",
    "people_console.merge": "ends a household",
    "appointments_console.book": "makes a booking",
    "appointments_console.close_room": "makes a closed time",
    "appointments_console.stop_series": "ends a series",
    "broadcasts_console.correct": "makes another broadcast",
    "circle_console.order": "makes an order",
    "circle_console.away": "notes an absence",
    "wishes_console.match": "pairs a wish with a partner",
    "volunteers_console.session": "notes arrivals, each a row of its own",
    "volunteers_console.unlisted": "notes an arrival",
    "volunteers_console.sheet": "takes a sheet over, once",
    "activities_console.people_of": "adds people, each a row of its own",
    "activities_console.plan": "makes sessions",
    "desk_console.talk": "says something",
    "staff_console.account": "test_together.py: roles are no text",
}
# Editors whose rows need more than the invented neighbourhood and a typed word: their own tests drive them.
OTHERWISE = {
    "broadcasts_console.write": "a draft",
    "broadcasts_console.people": "a draft; nothing is typed",
    "appointments_console.service": "a whole week's plan",
    "wishes_console.partner": "a partner",
    "teams_console.member": "nothing is typed",
}
TYPED = ("text", "search", "tel", "textarea")
LAST, NOBODY = 40, "no row could be driven"
ROLES = (("desk", "leader", "grid"), ("admin", "approver"))
NAMES = {"first": "马干事", "second": "王干事"}
TOLD = (
    NAMES["first"],
    "刚有人存了第2版",
    "同事已经改过",
)  # two kinds show on the same page what was saved, and by whom


@dataclass
class Filled:
    """A form as a browser would send it, and which of its fields somebody types into."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)

    def put(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)


class Reader(HTMLParser):
    """The posting form of a page that says when it was opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Filled] = []
        self._open: Filled | None = None
        self._area = self._select = ""
        self._first: str | None = None
        self._chosen = False
        self.feed(page)

    @property
    def editor(self) -> Filled | None:
        return next((form for form in self.forms if {"opened", "base", "seen"} & form.fields.keys()), None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        name = has.get("name", "")
        if tag == "form" and has.get("method", "").lower() == "post":
            self._open = Filled()
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag == "input" and name:
            self._input(self._open, name, has)
        elif tag == "textarea" and name:
            self._area = name
            self._open.fields[name] = [""]
            self._open.typed.append(name)
        elif tag == "select":
            self._select, self._first, self._chosen = name, None, False
        elif tag == "option" and self._select:
            self._option(self._open, has)

    def _input(self, form: Filled, name: str, has: dict[str, str]) -> None:
        kind = has.get("type", "text")
        if kind in ("checkbox", "radio") and "checked" not in has:
            return
        if kind in ("submit", "button", "image", "file"):
            return
        form.put(name, has.get("value", "on"))
        if kind in TYPED and "readonly" not in has:
            form.typed.append(name)

    def _option(self, form: Filled, has: dict[str, str]) -> None:
        self._first = has.get("value", "") if self._first is None else self._first
        if "selected" in has:
            form.put(self._select, has.get("value", ""))
            self._chosen = True

    def handle_data(self, data: str) -> None:
        if self._area and self._open:
            self._open.fields[self._area][0] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "select" and self._open:
            if self._select and not self._chosen and self._first is not None:
                self._open.put(self._select, self._first)
            self._select = ""


def editors(town: Town) -> Iterator[tuple[str, str]]:
    """(endpoint, address with {}) of every page that shows a form about one row and takes it back."""
    for rule in town.app.url_map.iter_rules():
        both = {"GET", "POST"} <= (rule.methods or set())
        of_a_row = rule.rule.startswith("/console/") and rule.arguments == {"number"}
        if both and of_a_row and rule.endpoint not in NO_EDITORS | OTHERWISE:
            yield rule.endpoint, rule.rule.replace("<int:number>", "{}")


def opened(who: Clerk, path: str) -> Filled | None:
    return Reader(who.page).editor if who.opens(path).status_code == 200 else None


def lines(town: Town) -> int:
    with town.reading() as session:
        return session.scalar(select(func.max(AuditLine.id))) or 0


def saves(who: Clerk, path: str, form: Filled, name: str, words: str) -> int:
    return who.sends(path, **{**form.fields, name: words}).status_code


def drive(town: Town, address: str, first: Clerk, second: Clerk) -> str:
    """What is wrong with this editor; "" when all is as it should be."""
    for number in range(1, LAST):
        path = address.format(number)
        if first.opens(path).status_code == 403:
            return NOBODY
        mine = Reader(first.page).editor
        theirs = opened(second, path) if mine else None
        if mine is None or theirs is None:
            continue
        for name in mine.typed:
            before = lines(town)
            said = mine.fields[name][0] + "甲"
            if saves(first, path, mine, name, said) != 302 or lines(town) == before:
                continue
            typed = theirs.fields[name][0] + "乙"
            status = saves(second, path, theirs, name, typed)
            if status != 200 or not any(sign in second.words for sign in TOLD):
                return f"{path}: the second is not told (status {status}): {second.words[:300]}"
            if typed not in second.page.replace("&#39;", "'"):
                return f"{path}: what the second typed into {name} is gone"
            known = Reader(second.page).editor
            if known is None or saves(second, path, known, name, typed) != 302:
                return f"{path}: the second may not save knowingly: {second.words[:200]}"
            return ""
    return NOBODY


def test_f28_every_editor_tells_the_second_who_was_first(sqlite_town: Town) -> None:
    sqlite_town.seed(*(feature.name for feature in sqlite_town.site.house.features))
    pairs = [
        [clerk(sqlite_town, *roles, login=f"{one}-{roles[0]}", name=name) for one, name in NAMES.items()]
        for roles in ROLES
    ]
    wrong = []
    for endpoint, address in editors(sqlite_town):
        found = (drive(sqlite_town, address, first, second) for first, second in pairs)
        said = next((words for words in found if words != NOBODY), NOBODY)
        if said:
            wrong.append(f"{endpoint}: {said}")
    assert not wrong, "\n".join(wrong)

"""Every form of the residents' pages, filled in by a neighbour's browser with anything: a page in words, never a fault."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.fuzz import forms
from tests.fuzz.world import Broken, World
from tests.pages.visitors import Visitor


def cases(world: World) -> st.SearchStrategy[Any]:
    return forms.cases(_doors(world))


def _doors(world: World) -> dict[str, forms.Door]:
    return forms.doors(world.town.app, "/h5", frozenset())


def play(world: World, case: Any) -> str:
    door = _doors(world)[case["to"]]
    visitor, path = Visitor(world.town, world.phone(0)), door.path(case["with"])
    page = visitor.client.get(path).text if door.shows else ""
    answer = visitor.client.post(path, data=forms.filled(page, path, case["fields"]))
    world.hears_nothing_loud()
    if answer.status_code >= 500:
        raise Broken(f"{answer.status_code} of {path}", f"{answer.status_code} of {door.endpoint}")
    return str(answer.status_code)

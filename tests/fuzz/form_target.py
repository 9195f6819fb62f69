"""Every form of the console, filled in by somebody of the staff who types anything anywhere: a page, never a fault."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.fuzz import forms
from tests.fuzz.world import Broken, World
from tests.staff.clerks import BUSY, Clerk

# What would end the clerk's own work, or is slow on purpose (a password is hashed for a tenth of a second).
SKIPPED = frozenset(
    {"staff_console.sign_out", "staff_console.sign_in", "staff_console.invitation", "staff_console.prove"}
)


def cases(world: World) -> st.SearchStrategy[Any]:
    return forms.cases(_doors(world))


def _doors(world: World) -> dict[str, forms.Door]:
    return forms.doors(world.town.app, "/console", SKIPPED)


def play(world: World, case: Any) -> str:
    door = _doors(world)[case["to"]]
    path = door.path(case["with"])
    who = str(world.town.app.view_functions[door.endpoint].who_may)  # type: ignore[attr-defined]
    person = _one_of(world.clerks, who)
    page = person.opens(path).text if door.shows else ""
    answer = person.client.post(
        path, data={**forms.filled(page, path, case["fields"]), "csrf_token": person.token()}
    )
    world.hears_nothing_loud()
    if answer.status_code >= 500 and answer.status_code != BUSY:
        raise Broken(f"{answer.status_code} of {path}", f"{answer.status_code} of {door.endpoint}")
    return str(answer.status_code)


def _one_of(clerks: list[Clerk], who: str) -> Clerk:
    """The first who is admitted."""
    wanted = set(who.removeprefix("staff:").split(","))
    return next((one for one in clerks if wanted & {"any", *one.roles}), clerks[0])

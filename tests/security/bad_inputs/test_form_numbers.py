"""Numbers that forms hand on, as nobody's browser would send them: none at all, none that int() takes, none that a column
holds. Words come back, never a fault (B15, B32 for forms; found by `make fuzz`)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.neighbours import Town
from tests.staff.clerks import Clerk, clerk

NUMBERS = ("", "²", "-1", "1e309", "9" * 18, "9" * 30, "9" * 5000)
DOORS = (
    ("/console/broadcasts/new", "notice"),
    ("/console/grids/new", "buildings"),
    ("/console/guides/misses/take-up", "card"),
    ("/console/petitions/1/exclude", "who"),
    ("/console/talks/1", "seen"),
    ("/console/guides/1/edit", "base"),
    ("/console/notices/1/edit", "base"),
    ("/console/notices/1/restore", "number"),
    ("/console/programmes/1", "base"),
    ("/console/matters/rules/settings", "owner"),
    ("/console/sessions/1/undo", "scan"),
    ("/console/sign-in-sheets/1", "seen-1"),
    ("/console/certificates/national/columns/hours", "place"),
    ("/console/activities/new", "groups"),
)
# What such a number stands among, where it is not sent alone.
AMONG: dict[str, dict[str, str]] = {
    "seen-1": {"came-1": ""},
    "place": {"head": "姓名", "field": "name", "look": "1"},
    "groups": {"groups": "儿童 {}"},
}


def sent(field: str) -> Iterator[dict[str, str]]:
    """The form without this field, and with each of the numbers in it."""
    yield {}
    for said in NUMBERS:
        yield {name: words.format(said) for name, words in ({field: "{}"} | AMONG.get(field, {})).items()}


def test_b32_no_number_makes_a_form_fall_over(inhabited: Town, everyone: Clerk) -> None:
    approver = clerk(inhabited, "approver", login="approver")
    doors = [*((everyone, *door) for door in DOORS), (approver, "/console/time/terms", "per_point")]
    wrong = []
    for who, path, field in doors:
        assert inhabited.app.url_map.bind("localhost").match(path, "POST")
        for fields in sent(field):
            status = who.sends(path, **fields).status_code
            if status not in (200, 302, 400, 404):
                wrong.append(f"{path} {str(fields)[:30]}: {status}")
    assert wrong == []


def test_b32_a_number_that_no_column_holds_is_nobodys_on_either_database(town: Town) -> None:
    answer = clerk(town, "desk").sends("/console/broadcasts/new", notice="9" * 30)
    assert answer.status_code in (400, 404)

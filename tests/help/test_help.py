"""The console's own help: for each of the menu's words a chapter, for each role what it may open, and true buttons."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.words import TEMPLATES
from models.staff import ROLES
from tests.neighbours import Town
from tests.staff.clerks import Clerk, clerk

QUOTED = re.compile(r"“([^”]{2,14})”")


def chapters(person: Clerk) -> set[str]:
    page = person.opens("/console/help").text
    return set(re.findall(r'<section class="sheet" id="(\w+)">', page)) - {"first"}


def test_every_feature_that_stands_in_the_menu_has_a_chapter(sqlite_town: Town) -> None:
    missing = [
        feature.name
        for feature in sqlite_town.site.house.features
        if feature.console_menu and not (TEMPLATES / feature.name / "console_help.html").exists()
    ]
    assert missing == []


@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_about_what_they_may_open_and_nothing_else(sqlite_town: Town, role: str) -> None:
    person = clerk(sqlite_town, role)
    shown = chapters(person)
    menu = set(re.findall(r'<nav class="menu".*?</nav>', person.opens("/console/").text, re.DOTALL))
    words = re.findall(r"<span>(\S+?)</span>", "".join(menu))
    by_word = {
        word: feature.name
        for feature in sqlite_town.site.house.features
        for word, _, _ in feature.console_menu
    }
    assert shown == {by_word[word] for word in words if word in by_word}


def test_a_page_leads_to_its_own_chapter(sqlite_town: Town) -> None:
    person = clerk(sqlite_town, "desk")
    assert 'href="/console/help#appointments"' in person.opens("/console/appointments").text
    assert 'href="/console/help#desk"' in person.opens("/console/talks").text
    sqlite_town.seed("activities")
    leader = clerk(sqlite_town, "leader", login="leader")
    assert 'href="/console/help#activities"' in leader.opens("/console/sessions/1").text


def test_the_help_needs_a_sign_in(sqlite_town: Town) -> None:
    assert sqlite_town.client.get("/console/help").status_code == 302


def test_every_button_that_the_help_names_stands_on_some_page() -> None:
    """What a chapter quotes is a word of the console: a button that was renamed is renamed here too."""
    pages = "\n".join(
        path.read_text("utf-8")
        for folder in (TEMPLATES, Path(TEMPLATES).parent / "handlers", Path(TEMPLATES).parent / "app")
        for path in folder.rglob("*")
        if path.suffix in (".html", ".py", ".txt", ".toml") and path.name != "console_help.html"
    )
    unknown = [
        f"{path.parent.name}: {word}"
        for path in TEMPLATES.glob("*/console_help.html")
        for word in QUOTED.findall(path.read_text("utf-8"))
        if word.strip("…") not in pages
    ]
    assert unknown == []

"""The console's own help: each feature says in templates/<feature>/console_help.html how its pages are worked with; one
page shows what the member who reads may open, and the first quarter of an hour before all else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flask import Blueprint, current_app, render_template, request

from app.channels.console import Console, admits, current_site, place_in_menu, staff
from app.words import TEMPLATES

PAGE = "console_help.html"


class Chapter(NamedTuple):
    feature: str
    title: str
    template: str


def enter(console: Blueprint) -> None:
    console.get("/help", endpoint="show_help")(show)
    console.app_context_processor(lambda: {"help_of_page": _of_this_page})


@staff()
def show() -> str:
    return render_template("_base/console_help.html", chapters=list(_chapters()))


def _chapters() -> Iterator[Chapter]:
    """In the order of the menu, for those who may open a page of the feature."""
    for feature in sorted(current_site().house.features, key=place_in_menu):
        words = [word for word, endpoint, _ in feature.console_menu if admits(endpoint)]
        if words and _has_help(feature.name):
            yield Chapter(feature.name, "、".join(words), f"{feature.name}/{PAGE}")


def _of_this_page() -> str | None:
    """The chapter of the feature that the page belongs to, or under whose word in the menu it stands; None where none
    is written."""
    console = current_app.blueprints.get(request.blueprint or "")
    word = console.under if isinstance(console, Console) else ""
    for feature in current_site().house.features:
        stands_here = (
            word in [one for one, _, _ in feature.console_menu] if word else feature.console is console
        )
        if stands_here and _has_help(feature.name):
            return feature.name
    return None


def _has_help(feature: str) -> bool:
    return (TEMPLATES / feature / PAGE).exists()

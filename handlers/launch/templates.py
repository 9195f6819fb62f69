"""Our templates: which of them the messages of the house use, with all the fields that any of these fills."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache

from app.site import Site
from app.words import TEMPLATES


@dataclass(slots=True)
class OurTemplate:
    """`fields` are filled by every message that uses it, `kinds` are these messages."""

    name: str
    title: str
    fields: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


def our_templates(site: Site) -> dict[str, OurTemplate]:
    """By name, in the order of the features."""
    found: dict[str, OurTemplate] = {}
    for kind in sorted(site.words.forms()):
        form = site.words.form(kind)
        if form.template is None:
            continue
        one = found.setdefault(
            form.template, OurTemplate(form.template, titles().get(form.template, form.template))
        )
        one.kinds.append(kind)
        one.fields += [name for name in form.fields if name not in one.fields]
    return found


@cache
def titles() -> dict[str, str]:
    """What each of our templates is for, in a clerk's words."""
    written = tomllib.loads((TEMPLATES / "launch" / "findings.toml").read_text("utf-8"))
    return dict(written["our_templates"])

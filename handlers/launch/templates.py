"""Our templates: which of them the messages of the house use, with all the fields that any of these fills. By road:
"template" for what came of somebody's own business, "notice" and "mini" for what people have subscribed to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from app.site import Site
from app.wechat.capabilities import Capability
from app.words import TEMPLATES

ROADS = ("template", "notice", "mini")


@dataclass(slots=True)
class OurTemplate:
    """`fields` are filled by every message that uses it, `kinds` are these messages."""

    name: str
    title: str
    road: str = "template"
    fields: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


def our_templates(site: Site, road: str = "template") -> dict[str, OurTemplate]:
    """By name, in the order of the features."""
    found: dict[str, OurTemplate] = {}
    for kind in sorted(site.words.forms()):
        name, filled = card_of(site, kind, road)
        if name is None:
            continue
        one = found.setdefault(name, OurTemplate(name, titles().get(name, name), road))
        one.kinds.append(kind)
        one.fields += [name for name in filled if name not in one.fields]
    return found


def card_of(site: Site, kind: str, road: str) -> tuple[str | None, Mapping[str, str]]:
    """Which of our templates a message uses by this road, and what it fills into it."""
    form = site.words.form(kind)
    return (form.template, form.fields) if road == "template" else (form.notice, form.notice_fields)


def app_by(site: Site, road: str) -> str | None:
    """The account or mini-program that sends by this road; None where there is none."""
    if road == "mini":
        return next((one.name for one in site.settings.miniprograms), None)
    able = Capability.TEMPLATE if road == "template" else Capability.BIZSEND
    return site.main.app.name if site.main.can(able) else None


@cache
def titles() -> dict[str, str]:
    """What each of our templates is for, in a clerk's words."""
    written = tomllib.loads((TEMPLATES / "launch" / "findings.toml").read_text("utf-8"))
    return dict(written["our_templates"])

"""How a finding is read out: templates/launch/findings.toml has a title and words for every key and state."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from app.site import Site
from app.words import TEMPLATES


@cache
def _written() -> dict[str, Any]:
    return tomllib.loads((TEMPLATES / "launch" / "findings.toml").read_text("utf-8"))


def said(site: Site, key: str, state: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """(title, words) of one finding."""
    words = _written()["findings"][key]
    source = words.get("refused", words.get("bad", "")) if "advice" in facts else words.get(state, "")
    return words["title"], site.words.fill(source, dict(facts))


def points() -> dict[str, dict[str, str]]:
    """What only a person can see: key → {title, how}."""
    return dict(_written()["points"])

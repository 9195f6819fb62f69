"""What a flag on a scan or a stay says, in words, for whoever looks at it before confirming.

Flags are codes in the code (`place_far`); their words stand in templates/<feature>/flags.toml, one line each. A flag
only asks somebody to look: none gives or takes a minute.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache

from app.words import TEMPLATES


def flag_words(flags: Iterable[str]) -> list[str]:
    """The words of these flags, in the order of the table, each once; one without words is shown as it is."""
    known, given = all_flags(), set(flags)
    return [words for flag, words in known.items() if flag in given] + sorted(given - known.keys())


@cache
def all_flags() -> Mapping[str, str]:
    files = sorted(TEMPLATES.glob("*/flags.toml"))
    return {flag: words for file in files for flag, words in tomllib.loads(file.read_text("utf-8")).items()}

"""Which page of a long list is asked for, on residents' pages and at the console."""

from __future__ import annotations

from flask import request

MOST_PAGES = 1000


def asked_page() -> int:
    """1 unless a sensible number is asked for; one that no database takes is none."""
    asked = request.args.get("page", "1")
    return min(int(asked), MOST_PAGES) if asked.isdecimal() and len(asked) < 6 and int(asked) else 1

"""Reasons and objections as people write them, made fit to keep; minutes as staff type them."""

from __future__ import annotations

from app.understanding.lines import line_for_others
from app.understanding.numbers import plain
from models.refusal import Refusal

SHORTEST, LONGEST = 4, 80
LONGEST_WHAT = 40


def reason_in(words: str) -> str:
    """Why: four signs at least, so that somebody else understands it later."""
    line = line_for_others(words)
    if len(line) < SHORTEST:
        raise Refusal("hours.reason_needed")
    if len(line) > LONGEST:
        raise Refusal("hours.too_long", most=LONGEST)
    return line


def what_in(words: str) -> str:
    """What was done, as it will stand in the record."""
    line = line_for_others(words)
    if not 2 <= len(line) <= LONGEST_WHAT:
        raise Refusal("hours.bad_what", most=LONGEST_WHAT)
    return line


def minutes_in(typed: str) -> int:
    """ "90", "９０": whole minutes, nothing else (no sign, no point, no exponent)."""
    said = "".join(plain(typed).split())
    if not (said.isascii() and said.isdigit() and len(said) <= 4):
        raise Refusal("hours.no_minutes")
    return int(said)

"""What somebody typed, as one line that is fit to keep."""

from __future__ import annotations

import unicodedata

from app.understanding.phone import mask_id_numbers

_NO_TAGS = str.maketrans("<>", "〈〉")
# What nobody sees and what turns its neighbours round; joiners stay, which emoji and Mongolian are written with.
_UNSEEN = str.maketrans(
    "", "", "\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


def as_seen(words: str) -> str:
    """The same without signs that nobody sees or that turn words round; lines stay lines."""
    return words.translate(_UNSEEN)


def one_line(words: str) -> str:
    """Without invisible signs, single spaces, identity numbers covered."""
    shown = "".join(c if c.isspace() or unicodedata.category(c)[0] != "C" else "" for c in words)
    return mask_id_numbers(" ".join(shown.split()))[0]


def line_for_others(words: str) -> str:
    """The same for words that somebody else reads in WeChat, which would make a link of a tag with any words on it."""
    return one_line(words.translate(_NO_TAGS))

"""What a request says in its address and its forms, as far as a database can hold it: PostgreSQL knows no text with a
NUL in it; and addresses that it names, as far as they are any. No page of ours sends others; whoever makes them up gets
an answer, and no fault of ours stands in the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import SplitResult, urlsplit

from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import UnprocessableEntity

NUL = "\0"


class Said(ImmutableMultiDict[str, Any]):
    """A NUL is refused (422)."""

    def __init__(self, said: Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__(said)
        if any(NUL in name or NUL in str(value) for name, value in self.items(multi=True)):
            raise UnprocessableEntity


def parts_of(address: str | None) -> SplitResult:
    """An address that somebody names, in its parts; all are empty where it is none ("http://[")."""
    try:
        return urlsplit(address or "")
    except ValueError:
        return urlsplit("")

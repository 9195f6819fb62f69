"""Who may enter is said where a route is registered; a route that says nothing fails the build (tests/house)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def open_to(who: str) -> Callable[[View], View]:
    """Mark a view with who may enter ("everyone", "resident", "staff:desk"). The channel's own decorator calls this
    and holds the door; alone it only says that the view is open by intention."""

    def mark(view: View) -> View:
        view.who_may = who  # type: ignore[attr-defined]
        return view

    return mark

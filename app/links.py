"""Addresses of our pages as messages carry them, whole. An answer may be written where no request is: pushes are
answered before Flask, and by the scheduler when they were kept for later."""

_ours: list[str] = []


def use_public_url(url: str) -> None:
    """Under which address this process says that our pages are; called once when the site opens."""
    _ours[:] = [url.rstrip("/")]


def link_to(path: str) -> str:
    return _ours[0] + path

"""How things come in and go out. `create_app` puts the channels in front of a site; it knows no feature by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apiflask import APIFlask

    from app.site import Site


def create_app(site: Site | None = None) -> APIFlask:
    """The web application of one community. Without a site it opens the one that the settings describe."""
    from app.web import make_app

    if site is None:
        from app.settings import settings_or_end
        from app.site import Site as Opened

        site = Opened(settings_or_end())
    return make_app(site)

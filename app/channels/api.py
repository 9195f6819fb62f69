"""The mini-program's JSON API: /api/v1, each feature's api.py mounted under it."""

from apiflask import APIFlask

from app.site import Site


def install(app: APIFlask, site: Site) -> None:
    for feature in site.house.features:
        if feature.api is not None:
            app.register_blueprint(feature.api, url_prefix="/api/v1")

"""The staff's console: each feature's console.py mounted under /console."""

from apiflask import APIFlask

from app.site import Site


def install(app: APIFlask, site: Site) -> None:
    for feature in site.house.features:
        if feature.console is not None:
            app.register_blueprint(feature.console, url_prefix="/console")

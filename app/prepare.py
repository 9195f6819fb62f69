"""Brings the databases up to date before anything serves: `python -m app.prepare`.

In sandbox mode the invented neighbourhood moves in once. A process of its own, so that the supervisor stays small.
"""

from app.settings import load_settings


def main() -> None:
    from app.cli import seed
    from app.database import migrate
    from app.site import Site

    settings = load_settings()
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    for lane in ("main", "confidential"):
        migrate(settings.database.url, lane)
    if settings.mode == "sandbox":
        site = Site(settings)
        seed(site, if_empty=True)
        site.close()


if __name__ == "__main__":
    main()

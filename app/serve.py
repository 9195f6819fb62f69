"""The web process: `python -m app.serve` runs granian as the settings say.

Everything heavy is imported before the workers are forked: they share it, so a start takes half the time and a second
worker a fraction of the memory. Nothing is opened here; a database connection must not cross a fork.
"""

import gc
from contextlib import closing

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server
from sqlalchemy.orm import configure_mappers

import app.web  # noqa: F401 - shared by the workers
from app.hosts import check
from app.overload import threads_for
from app.settings import load_settings
from app.site import Site
from app.understanding.sounds import syllables

# granian calls it backpressure and counts connections with it, idle ones too: beyond it they wait in the kernel, unseen
# and unanswered. A reverse proxy keeps some hundred open. The line itself is kept in app/overload.py.
CONNECTIONS = 2048  # of each worker
BACKLOG = 2048
KILL_SECONDS = 6  # what WeChat waits for is over after five


def main() -> None:
    settings = load_settings()
    with closing(Site(settings)) as site:
        check(site)
    web = settings.web
    _share()
    Server(
        "app.worker:app",
        address=web.host,
        port=web.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=web.workers,
        blocking_threads=threads_for(web),
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=KILL_SECONDS,
        log_level=LogLevels.warning,
    ).serve()


def _share() -> None:
    """What the workers have from us stays shared as long as nobody writes to it; the garbage collector would, at its
    first round in each worker."""
    configure_mappers()
    syllables("家")
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()

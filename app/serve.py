"""The web process: `python -m app.serve` runs granian as the settings say.

Everything heavy is imported, and the application made, before the workers are forked: they share it, so a start takes
half the time and a second worker a fraction of the memory. No connection crosses a fork: what was asked of the database
and of Redis meanwhile was asked on connections that are closed again.
"""

import gc

gc.disable()  # what is loaded stays: the collector would walk through all of it again and again, a fifth of the time

from granian.constants import HTTPModes, Interfaces  # noqa: E402
from granian.log import LogLevels  # noqa: E402
from granian.server import Server  # noqa: E402
from sqlalchemy.orm import configure_mappers  # noqa: E402

from app import clock  # noqa: E402
from app.hosts import check  # noqa: E402
from app.overload import threads_for  # noqa: E402
from app.settings import Web  # noqa: E402
from app.site import Site  # noqa: E402
from app.understanding.calendar import is_working_day  # noqa: E402
from app.understanding.lunar import solar_term  # noqa: E402
from app.understanding.sounds import syllables  # noqa: E402
from app.warming import warm_up  # noqa: E402
from wsgi import app as application  # noqa: E402 - made here, once for all workers

# granian calls it backpressure and counts connections with it, idle ones too: beyond it they wait in the kernel, unseen
# and unanswered. A reverse proxy keeps some hundred open. The line itself is kept in app/overload.py.
CONNECTIONS = 2048  # of each worker
BACKLOG = 2048
KILL_SECONDS = 6  # what WeChat waits for is over after five


def main() -> None:
    site: Site = application.extensions["site"]
    check(site)
    _share(site)
    serve(site.settings.web)


def serve(web: Web) -> None:
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


def _share(site: Site) -> None:
    """What the workers have from us stays shared as long as nobody writes to it; the garbage collector would, at its
    first round in each worker. Nothing is collected before: there is less than a megabyte of it, and looking for it
    takes a tenth of the start."""
    configure_mappers()
    syllables("家")
    solar_term("立春", clock.today().year)
    is_working_day(clock.today())
    warm_up(site)
    site.close()
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    main()

"""What a granian worker loads (app/serve.py starts it).

A worker is forked with its parent's signal handlers and gets its own only after loading the application. A SIGTERM in
between was swallowed, and the parent waited its whole kill timeout for a worker that had never heard of it.
"""

import signal

signal.signal(signal.SIGTERM, signal.SIG_DFL)

from app.hosts import stay  # noqa: E402 - loading is what must be endable
from app.warming import warm_up  # noqa: E402
from wsgi import app  # noqa: E402

warm_up(app.extensions["site"])
stay(app.extensions["site"], "web")

__all__ = ["app"]

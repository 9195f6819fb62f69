"""What a granian worker loads (app/serve.py starts it).

A worker is forked with its parent's signal handlers and gets its own only after loading the application. A SIGTERM in
between was swallowed, and the parent waited its whole kill timeout for a worker that had never heard of it. The
application itself was made by the parent, before it forked; what is warmed up here is looked at and mostly there.
"""

import gc
import signal

signal.signal(signal.SIGTERM, signal.SIG_DFL)

from app.hosts import stay  # noqa: E402 - loading is what must be endable
from app.warming import warm_up  # noqa: E402
from wsgi import app  # noqa: E402

warm_up(app.extensions["site"])
stay(app.extensions["site"], "web")

# What is loaded stays for the life of the worker: the collector need not walk through it again and again, and pages
# that nobody touches stay shared with the other workers. A message makes some thousand short-lived objects.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)

__all__ = ["app"]

"""Delivery processes without the time that Python needs to start: imported once here, forked for each life.

A line on the standard input begets one; its process number is the answer. Each opens its own site after the fork, so
that one killed with SIGKILL leaves what a program leaves that was started by itself.
"""

import os
import signal
import sys

from app.house import load_features
from handlers import FEATURES
from scheduler import delivery


def main() -> None:
    load_features(FEATURES)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            os.dup2(2, 1)
            delivery.main()
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()

"""Programs without the time that Python needs to start: imported once here, forked for each life.

`python -m tests.chaos.nursery MODULE`: a line on the standard input begets one MODULE with the words of the line as its
arguments (those of the form NAME=value go into its environment); its process number is the answer. Each leads a process group of its own and opens its own site after the
fork, so that one killed with SIGKILL leaves what a program leaves that was started by itself.
"""

import importlib
import os
import signal
import sys

from sqlalchemy.orm import configure_mappers

from app.house import load_features
from handlers import FEATURES


def main() -> None:
    program = importlib.import_module(sys.argv[1])
    load_features(FEATURES)
    configure_mappers()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        os.setpgid(
            child, child or os.getpid()
        )  # by both: whichever is first, it is done before anybody hears of it
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(2, 1)
            words = line.split()
            os.environ.update(word.split("=", 1) for word in words if "=" in word)
            sys.argv[1:] = [word for word in words if "=" not in word]
            program.main()
            os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    main()

"""`python -m bench [name …]`: every benchmark, or those named. Ratios beside a peer, never a pass or a fail."""

from __future__ import annotations

import importlib
import os
import sys

NAMES = ("webhook", "broadcast", "checkins", "guides", "bursts")


def main(names: list[str]) -> None:
    os.environ.setdefault("WRITE", "1")
    for name in names or NAMES:
        if name not in NAMES:
            raise SystemExit(f"no benchmark {name}; there are: {', '.join(NAMES)}")
        print(f"— {name}", flush=True)
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])

"""`python -m bench [name …]`: every benchmark, or those named. Ratios beside a peer, never a pass or a fail.

Each writes its section of docs/quality/performance.md; of those that only print, what they print is the section.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import sys

from bench import quality

NAMES = ("webhook", "flame", "broadcast", "checkins", "guides", "bursts")
PRINTED = {"broadcast": "Broadcasts beside wechatpy", "checkins": "Check-ins", "guides": "Guide cards"}


class Tee(io.StringIO):
    """Keeps what is printed and prints it all the same."""

    def write(self, words: str) -> int:
        sys.__stdout__.write(words)  # type: ignore[union-attr]
        return super().write(words)


def main(names: list[str]) -> None:
    os.environ.setdefault("WRITE", "1")
    for name in names or NAMES:
        if name not in NAMES:
            raise SystemExit(f"no benchmark {name}; there are: {', '.join(NAMES)}")
        print(f"— {name}", flush=True)
        with contextlib.redirect_stdout(Tee()) as printed:
            importlib.import_module(f"bench.{name}").main()
        if name in PRINTED:
            quality.put(quality.PERFORMANCE, PRINTED[name], f"```\n{printed.getvalue().strip()}\n```")


if __name__ == "__main__":
    main(sys.argv[1:])

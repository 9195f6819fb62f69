"""python -m sandbox --port N --data DIR --apps FILE --clock-file FILE"""

from __future__ import annotations

import argparse
import socket
import sys
from pathlib import Path

from sandbox.apps import Apps, BadApps
from sandbox.clock import Clock
from sandbox.platform import Platform
from sandbox.resume import resume
from sandbox.server import create_web, listen, run


def main() -> int:
    asked = _arguments()
    if _taken(asked.port):
        return _fail(f"port {asked.port} is taken")
    try:
        apps = Apps.load(asked.apps)
        base_url = f"http://127.0.0.1:{asked.port}"
        platform = Platform.build(asked.data, apps, Clock(asked.clock_file), base_url)
        server = listen(asked.port, create_web(platform))
    except BadApps as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"cannot start with data in {asked.data}: {error.strerror or error}")
    resume(platform)
    print(f"sandbox: phone {base_url}/phone control {base_url}/control", flush=True)
    run(server)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox", description="a WeChat platform on one's own machine")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of the platform's own state")
    parser.add_argument("--apps", type=Path, required=True, help="JSON file of accounts and mini-programs")
    parser.add_argument("--clock-file", type=Path, required=True, help="offset of the clock in seconds")
    return parser.parse_args()


def _taken(port: int) -> bool:
    """Werkzeug would print a page of advice and leave by itself; one line of ours is clearer."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _fail(line: str) -> int:
    print(f"sandbox: {line}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

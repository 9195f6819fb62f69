"""Which Chromium the browser tests use: `python -m tests.chromium [--install]` prints its path.

CHROMIUM=, then PATH, then Debian's package where the user may install one. Otherwise one line says what to do; the
browser tests are never skipped in silence.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
ADVICE = "no Chromium: apt-get install chromium (macOS: brew install --cask chromium), or set CHROMIUM="


def find() -> str | None:
    """The path of a Chromium, or None."""
    given = os.environ.get("CHROMIUM")
    if given:
        return shutil.which(given)
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), str(MAC) if MAC.exists() else None)


def install() -> None:
    """By apt-get as root or with sudo that asks nothing; quietly does nothing where neither is possible."""
    if not shutil.which("apt-get"):
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and not shutil.which("sudo"):
        return
    environ = dict(os.environ) | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (
        ["update", "-qq"],
        ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"],
    ):
        subprocess.run([*sudo, "apt-get", *step], env=environ, stdout=sys.stderr, check=False)


def main() -> int:
    path = find()
    if not path and "--install" in sys.argv and not os.environ.get("CHROMIUM"):
        install()
        path = find()
    if not path:
        print(ADVICE, file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())

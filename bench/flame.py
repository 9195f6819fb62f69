"""Where the time of a message goes: a flame graph of the webhook, and its layers as a table.

`python -m bench.flame` (SECONDS=8) answers sealed pushes in this process, asks every millisecond of processor time
where it is, and writes docs/quality/webhook.svg: width is time, below is who was called.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from html import escape
from io import BytesIO
from types import FrameType
from typing import Any

from bench import quality
from bench.webhook import sealer_of

PICTURE = quality.FOLDER / "webhook.svg"
EVERY_SECONDS = 0.001
WIDTH, ROW = 1600, 17
NARROWEST = 2.0  # pixels; what is narrower cannot be read
LAYERS = {
    "sqlalchemy": "SQL: SQLAlchemy and the driver",
    "app/database": "SQL: our unit of work",
    "models/": "SQL: our statements and rows",
    "jinja2": "words: Jinja",
    "app/words": "words: Jinja",
    "app/wechat": "seal, parse and render",
    "wechatpy": "seal, parse and render",
    "app/understanding": "understanding what was typed",
    "rapidfuzz": "understanding what was typed",
    "flask": "Flask, Werkzeug, APIFlask",
    "werkzeug": "Flask, Werkzeug, APIFlask",
    "apiflask": "Flask, Werkzeug, APIFlask",
    "prometheus_client": "figures for /metrics",
    "app/clock": "the clock",
    "app/": "conversation and reception",
    "handlers/": "features",
}
Stack = tuple[str, ...]


def main() -> None:
    seconds = float(os.environ.get("SECONDS", "8"))
    with tempfile.TemporaryDirectory() as folder:
        given = {name: value for name, value in os.environ.items() if not name.startswith("XINGFU_")}
        environ = given | {"XINGFU_DATA": folder, "XINGFU_PORT": "1", "XINGFU_CONFIG": ""}
        subprocess.run([sys.executable, "-m", "app.prepare"], cwd=quality.ROOT, env=environ, check=True)
        os.environ.update(environ)
        stacks = _sampled(seconds)
    total = sum(stacks.values())
    rows = [[name, f"{100 * count / total:.0f} %"] for name, count in _layers(stacks).most_common()]
    print(quality.table(["layer", "of the time"], rows))
    if os.environ.get("WRITE"):
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        PICTURE.write_text(_svg(stacks), encoding="utf-8")
        words = "![flame graph of a message](webhook.svg)\n\n" + quality.table(["layer", "of the time"], rows)
        quality.put(quality.PERFORMANCE, "Where the time of a message goes", words)


def _sampled(seconds: float) -> Counter[Stack]:
    from wsgi import app

    stacks: Counter[Stack] = Counter()

    def look(_signal: int, frame: FrameType | None) -> None:
        stacks[_stack(frame)] += 1

    _, sealer = sealer_of(os.environ)
    for _ in range(200):
        _answer(app, *sealer.push())
    signal.signal(signal.SIGPROF, look)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sealed = [sealer.push() for _ in range(50)]
        signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)
        for query, body in sealed:
            _answer(app, query, body)
        signal.setitimer(signal.ITIMER_PROF, 0)
    return stacks


def _answer(app: Any, query: str, body: bytes) -> None:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/wx/main",
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
    }
    said = b"".join(app.wsgi_app(environ, lambda *_: None))
    if b"Encrypt" not in said:
        raise SystemExit(f"the house answered {said[:200]!r}")


def _stack(frame: FrameType | None) -> Stack:
    """From the application's door downwards; the loop around it is not of interest."""
    found: list[str] = []
    while frame is not None and frame.f_code.co_name != "_answer":
        found.append(f"{_short(frame.f_code.co_filename)}:{frame.f_code.co_name}")
        frame = frame.f_back
    return tuple(reversed(found))


def _short(file: str) -> str:
    if "site-packages/" in file:
        return file.partition("site-packages/")[2]
    return file.removeprefix(f"{quality.ROOT}/")


def _layers(stacks: Counter[Stack]) -> Counter[str]:
    """Each sample belongs to the layer of its innermost named frame."""
    found: Counter[str] = Counter()
    for stack, count in stacks.items():
        names = (
            layer for frame in reversed(stack) for start, layer in LAYERS.items() if frame.startswith(start)
        )
        found[next(names, "other")] += count
    return found


def _svg(stacks: Counter[Stack]) -> str:
    total = sum(stacks.values())
    depth = max(map(len, stacks)) + 1
    boxes = list(_boxes(sorted(stacks.items()), 0.0, 0, WIDTH / total))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{depth * ROW}" '
        f'font-family="monospace" font-size="11">\n' + "\n".join(boxes) + "\n</svg>\n"
    )


def _boxes(stacks: list[tuple[Stack, int]], x: float, level: int, scale: float) -> Any:
    """A box for each frame at this level, and those below it."""
    at = 0
    while at < len(stacks):
        stack, _ = stacks[at]
        if len(stack) <= level:
            x, at = x + stacks[at][1] * scale, at + 1
            continue
        same = [one for one in stacks[at:] if len(one[0]) > level and one[0][level] == stack[level]]
        width = sum(count for _, count in same) * scale
        if width >= NARROWEST:
            yield _box(stack[level], x, level * ROW, width)
            yield from _boxes(same, x, level + 1, scale)
        x, at = x + width, at + len(same)


def _box(name: str, x: float, y: int, width: float) -> str:
    hue = sum(map(ord, name.partition(":")[0].partition("/")[0])) * 37 % 360
    shown = escape(name[: max(0, int(width / 6.7))])
    return (
        f'<g><title>{escape(name)} {100 * width / WIDTH:.1f} %</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" '
        f'height="{ROW - 1}" fill="hsl({hue} 60% 75%)"/><text x="{x + 2:.1f}" y="{y + 12}">{shown}</text></g>'
    )


if __name__ == "__main__":
    main()

"""Whoever sends a body and never ends it holds a thread, not the house (B04, B29; granian has no time-out for bodies).

On real machines a reverse proxy keeps such callers to itself (deploy/, tests/security/test_addresses.py); this is the house
without one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.bodies import IN_MEMORY, WholeBodies
from app.web import LARGEST_UPLOAD
from tests.neighbours import Town

STALLED = 24  # three times as many as all slots of an installation


class Stalling:
    """A body of which nothing comes until `ended`."""

    def __init__(self) -> None:
        self.ended, self.asked = threading.Event(), threading.Semaphore(0)

    def read(self, _size: int = -1) -> bytes:
        self.asked.release()
        self.ended.wait(60)
        return b""


@contextmanager
def stalled(town: Town, paths: tuple[str, ...], count: int) -> Iterator[None]:
    """So many callers in the middle of their bodies."""
    body = Stalling()

    def call(path: str) -> int:
        environ = EnvironBuilder(path, method="POST").get_environ()
        environ |= {"CONTENT_LENGTH": "1000", "wsgi.input": body}
        return int(run_wsgi_app(town.app.wsgi_app, environ)[1].split()[0])

    with ThreadPoolExecutor(count) as pool:
        answers = [pool.submit(call, paths[number % len(paths)]) for number in range(count)]
        for _ in range(count):
            assert body.asked.acquire(timeout=30)
        try:
            yield
        finally:
            body.ended.set()
        assert {answer.result() < 500 for answer in answers} == {True}


def test_b04_b29_bodies_that_never_end_stop_nobody(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("马秀兰")
    with stalled(
        sqlite_town, ("/wx/main", "/h5/letters", "/console/sign-in", "/api/v1/login", "/x"), STALLED
    ):
        assert "预约" in ma.says("菜单")
        assert sqlite_town.client.get("/h5/").status_code == 200
        assert sqlite_town.client.get("/healthz").status_code == 200


@pytest.mark.parametrize("length", [LARGEST_UPLOAD + 1, 10**15])
@pytest.mark.parametrize("path", ["/wx/main", "/mini/main", "/console/sign-in"])
def test_b04_b29_nobody_waits_for_a_body_that_says_that_it_is_too_large(
    sqlite_town: Town, path: str, length: int
) -> None:
    body = Stalling()
    body.ended.set()
    environ = EnvironBuilder(path, method="POST").get_environ()
    environ |= {"CONTENT_LENGTH": str(length), "wsgi.input": body}
    status = run_wsgi_app(sqlite_town.app.wsgi_app, environ)[1]
    assert status.startswith("413")
    assert not body.asked.acquire(blocking=False)


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, IN_MEMORY + 1])
@pytest.mark.parametrize("headers", [{}, {"HTTP_TRANSFER_ENCODING": "chunked"}])
def test_b04_every_body_arrives_as_it_was_sent(size: int, headers: dict[str, str]) -> None:
    sent = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    environ = {"wsgi.input": BytesIO(sent), **(headers or {"CONTENT_LENGTH": str(size)})}
    assert _read(environ) == sent


def test_b04_zeros_before_its_length_do_not_hide_a_body() -> None:
    """What is not read here is waited for by who holds a slot."""
    body = BytesIO(b"x" * 100)
    _read({"wsgi.input": body, "CONTENT_LENGTH": f"{100:030}"}, read=False)
    assert body.tell() == 100


def test_b04_what_says_that_it_is_too_large_is_not_read_at_all() -> None:
    body = BytesIO(b"x" * 100)
    _read({"wsgi.input": body, "CONTENT_LENGTH": str(LARGEST_UPLOAD + 1)}, read=False)
    assert body.tell() == 0


def test_b04_what_says_nothing_of_its_size_is_read_up_to_the_limit_and_one_byte() -> None:
    """One byte more than is allowed, so that it is seen to be too large."""
    sent = BytesIO(b"x" * 5000)
    environ: dict[str, Any] = {"wsgi.input": sent, "HTTP_TRANSFER_ENCODING": "chunked"}
    assert len(_read(environ, largest=999)) == 1000


def _read(environ: dict[str, Any], *, largest: int = LARGEST_UPLOAD, read: bool = True) -> bytes:
    got: list[bytes] = []

    def app(given: dict[str, Any], _start: object) -> list[bytes]:
        got.append(given["wsgi.input"].read() if read else b"")
        return []

    WholeBodies(app, largest)(environ, lambda *_: None)  # type: ignore[arg-type]
    return got[0]

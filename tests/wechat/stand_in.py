"""An HTTP server in the place of api.weixin.qq.com that answers what a test tells it to, and remembers each request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    body: bytes
    content_type: str
    peer: int

    @property
    def json(self) -> Any:
        return json.loads(self.body.decode("utf-8"))


@dataclass(frozen=True)
class Said:
    """An answer; `length` may promise more bytes than there are, `drip` sends them one by one with pauses."""

    body: bytes = b"{}"
    status: int = 200
    content_type: str = JSON
    location: str = ""
    wait: float = 0.0
    length: int | None = None
    drip: float = 0.0


def said(**fields: Any) -> Said:
    return Said(json.dumps(fields, ensure_ascii=False).encode())


def refused(errcode: int, errmsg: str = "no rid: 6aac005a-01bfdbee-79769285") -> Said:
    return said(errcode=errcode, errmsg=errmsg)


OK = said(errcode=0, errmsg="ok")
Answer = Said | Callable[[Asked], Said]


@dataclass
class StandIn:
    """`answers[path]`: one answer for ever, or a list whose last one stays. Tokens are T1, T2, … by default."""

    answers: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    @property
    def token_fetches(self) -> int:
        return len(self.of("/cgi-bin/stable_token"))

    def answer(self, asked: Asked) -> Said:
        with self.lock:
            self.asked.append(asked)
            given = self.answers.get(asked.path, self._default(asked.path))
            if isinstance(given, list):
                given = given.pop(0) if len(given) > 1 else given[0]
        return given(asked) if callable(given) else given

    def _default(self, path: str) -> Said:
        if path == "/cgi-bin/stable_token":
            return said(access_token=f"T{self.token_fetches}", expires_in=7200)
        return OK


class Handler(BaseHTTPRequestHandler):
    """Carries requests to the server's stand-in and its answers back, as badly as they say."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    stand_in: StandIn

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        kind = self.headers.get("Content-Type", "")
        asked = Asked(self.command, parts.path, query, body, kind, self.client_address[1])
        self._send(self.stand_in.answer(asked))

    def _send(self, answer: Said) -> None:
        self.stand_in.ended.wait(answer.wait)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        self._write(answer)
        if answer.length is not None or answer.drip:
            self.close_connection = True

    def _write(self, answer: Said) -> None:
        if not answer.drip:
            self.wfile.write(answer.body)
            return
        for byte in answer.body:
            if self.stand_in.ended.wait(answer.drip):
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()


def serve(stand_in: StandIn) -> ThreadingHTTPServer:
    """Start it on a free port; the caller ends it with shutdown and server_close."""
    bound = type("BoundHandler", (Handler,), {"stand_in": stand_in})
    server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
    server.daemon_threads = True
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """WeChat's place, taken for the length of a test."""
    stand_in = StandIn()
    server = serve(stand_in)
    yield stand_in
    stand_in.ended.set()
    server.shutdown()
    server.server_close()

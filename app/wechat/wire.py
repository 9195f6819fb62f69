"""One HTTP exchange with WeChat: only the configured hosts, no redirects, a time-out everywhere, one kind
of answer.

WeChat says everything with HTTP 200, so an answer counts only when it is JSON of the expected form; HTML,
an empty body, a redirect or cut JSON are NotWeChat, never success. No address, body or token ever gets into
an exception or a log line: they are made of the path, the error code and WeChat's own text, masked.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import structlog

from app.wechat.connections import BadReply, Connections, NeverLeft, Reply
from app.wechat.errors import NotWeChat, WeChatError

CONNECT_SECONDS = 3.0
READ_SECONDS = 8.0
LONGEST_SECONDS = 20.0  # a whole call
LARGEST_ANSWER = 32 * 1024 * 1024
# WeChat shows \uXXXX literally in drafts and refuses it in menus (40033): raw UTF-8 only.
WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
READ = json.JSONDecoder(strict=False).decode

log = structlog.get_logger()

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart body, kept as bytes so that a second try sends it whole."""

    data: bytes = field(repr=False)
    filename: str
    content_type: str
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    name: str = "media"


@dataclass(frozen=True, slots=True)
class Call:
    """What to ask: `params` go into the query, `body` into JSON; `binary` answers come back as bytes."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    upload: Upload | None = None
    binary: bool = False


class Wire:
    """Carries calls to one base address. Safe between threads."""

    def __init__(self, app: str, base: str) -> None:
        address = urlsplit(base)
        if address.scheme not in ("http", "https") or not address.hostname or address.username:
            raise ValueError("the base address must be http(s)://host")
        self._app = app
        self._base = base.rstrip("/")
        self._prefix = address.path.rstrip("/")
        self._host = f"Host: {address.netloc}\r\nAccept-Encoding: identity"
        self._connections = Connections(self._base)

    def exchange(self, call: Call, token: str | None = None) -> tuple[Answer, bytes]:
        """WeChat's JSON object and no bytes, or an empty object and a file's bytes. Raises WeChatError or NotWeChat."""
        started = time.monotonic()
        try:
            reply, content = self._send(call, self._request(call, token), started)
            return self._read(call, reply, content)
        except (WeChatError, NotWeChat) as fault:
            self._note(call, started, fault)
            raise

    def address(self, path: str) -> str:
        """The full address of a path. ValueError for whatever might lead to another host."""
        return _address(self._base, path)

    def _send(self, call: Call, request: bytes, started: float) -> tuple[Reply, bytes]:
        maybe_done = True
        try:
            connection = self._connections.take(CONNECT_SECONDS, READ_SECONDS, started + LONGEST_SECONDS)
            try:
                reply = connection.ask(request)
                content = _read_all(reply)
            except BaseException:
                connection.close()
                raise
            self._connections.put_back(connection)
        except NeverLeft as fault:
            reason, maybe_done = str(fault), False
        except (BadReply, OSError) as fault:
            reason = _reason(fault)
        else:
            return reply, content
        # Raised outside the handler, so that the caught fault is not even its context.
        raise NotWeChat(reason, path=call.path, maybe_done=maybe_done)

    def _request(self, call: Call, token: str | None) -> bytes:
        self.address(call.path)
        asked = [] if token is None else [f"access_token={quote_plus(token)}"]
        if call.params:
            asked.append(urlencode(call.params))
        target = f"{self._prefix}{call.path}?{'&'.join(asked)}" if asked else f"{self._prefix}{call.path}"
        kind, body = _body(call)
        if body is None:
            return f"GET {target} HTTP/1.1\r\n{self._host}\r\n\r\n".encode("ascii")
        head = f"Content-Type: {kind}\r\nContent-Length: {len(body)}"
        return f"POST {target} HTTP/1.1\r\n{self._host}\r\n{head}\r\n\r\n".encode("ascii") + body

    def _read(self, call: Call, reply: Reply, content: bytes) -> tuple[Answer, bytes]:
        if reply.status != 200:
            raise NotWeChat(f"HTTP {reply.status}", path=call.path, status=reply.status)
        if call.binary and _is_file(reply, content):
            return {}, content
        answer = _object(content, call.path)
        errcode = _errcode(answer, call.path)
        if errcode:
            raise WeChatError(errcode, str(answer.get("errmsg", "")), path=call.path, answer=answer)
        return answer, b""

    def _note(self, call: Call, started: float, fault: WeChatError | NotWeChat) -> None:
        log.warning(
            "wechat_call_failed",
            app=self._app,
            path=call.path,
            reason=str(fault),
            handling=str(fault.handling),
            rid=getattr(fault, "rid", ""),
            ms=round((time.monotonic() - started) * 1000),
        )


@cache
def _address(base: str, path: str) -> str:
    url = base + path
    if not path.startswith("/") or path.startswith("//") or urlsplit(url).netloc != urlsplit(base).netloc:
        raise ValueError("the path leaves WeChat's host")
    if not path.isascii() or not path.isprintable() or " " in path:
        raise ValueError("a path is one word")
    return url


def _body(call: Call) -> tuple[str, bytes | None]:
    if call.upload:
        from urllib3.filepost import encode_multipart_formdata  # seldom, and dear to have loaded

        upload = call.upload
        part = (upload.filename, upload.data, upload.content_type)
        body, kind = encode_multipart_formdata({**upload.fields, upload.name: part})
        return kind, body
    if call.body is None:
        return "", None
    return "application/json; charset=utf-8", WRITTEN(call.body).encode("utf-8", "replace")


def _read_all(reply: Reply) -> bytes:
    """The body, up to the size that an honest answer needs."""
    parts, size = [], 0
    for part in reply.body():
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            raise BadReply("the answer is too large")
    return b"".join(parts)


def _reason(fault: Exception) -> str:
    """Its kind only: what the system says about a fault may hold an address."""
    return str(fault) if isinstance(fault, BadReply) else type(fault).__name__


def _is_file(reply: Reply, content: bytes) -> bool:
    """A picture whose bytes happen to be JSON is still a picture: the declared type decides."""
    declared = reply.headers.get("content-type", "").lower()
    if not content or "html" in declared:
        return False
    return not ("json" in declared or declared.startswith("text/"))


def _object(content: bytes, path: str) -> Answer:
    try:
        answer = READ(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise NotWeChat("the answer is not JSON", path=path) from None
    if not isinstance(answer, dict):
        raise NotWeChat("the answer is not a JSON object", path=path)
    return answer


def _errcode(answer: Answer, path: str) -> int:
    """0 for success, which many reads leave out; some gateways send it as text."""
    try:
        return int(answer.get("errcode") or 0)
    except (TypeError, ValueError):
        raise NotWeChat("errcode is no number", path=path) from None

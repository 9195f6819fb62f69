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
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from urllib3.filepost import encode_multipart_formdata

from app.wechat.connections import Connections, HTTPException, NeverLeft
from app.wechat.errors import NotWeChat, WeChatError

CONNECT_SECONDS = 3.0
READ_SECONDS = 8.0
LONGEST_SECONDS = 20.0  # a body that drips resets the read time-out with every byte; this one it does not
LARGEST_ANSWER = 32 * 1024 * 1024

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
        self._connections = Connections(self._base)

    def exchange(self, call: Call) -> tuple[Answer, bytes]:
        """WeChat's JSON object and no bytes, or an empty object and a file's bytes. Raises WeChatError or NotWeChat."""
        started = time.monotonic()
        try:
            response, content = self._send(call, started)
            answer, file = self._read(call, response, content)
        except (WeChatError, NotWeChat) as fault:
            self._note(call, started, fault)
            raise
        return answer, file

    def address(self, path: str) -> str:
        """The full address of a path. ValueError for whatever might lead to another host."""
        url = self._base + path
        if (
            not path.startswith("/")
            or path.startswith("//")
            or urlsplit(url).netloc != urlsplit(self._base).netloc
        ):
            raise ValueError("the path leaves WeChat's host")
        return url

    def _send(self, call: Call, started: float) -> tuple[HTTPResponse, bytes]:
        method, target, body, headers = self._request(call)
        maybe_done = True
        try:
            with self._connections.one(CONNECT_SECONDS, READ_SECONDS) as connection:
                connection.request(method, target, body, headers)
                response = connection.getresponse()
                return response, _read_all(response, call.path, started)
        except NeverLeft as fault:
            reason, maybe_done = str(fault), False
        except (HTTPException, OSError) as fault:
            reason = type(fault).__name__
        # Raised outside the handler, so that the caught fault is not even its context.
        raise NotWeChat(reason, path=call.path, maybe_done=maybe_done)

    def _request(self, call: Call) -> tuple[str, str, bytes | None, dict[str, str]]:
        self.address(call.path)
        query = f"?{urlencode(call.params)}" if call.params else ""
        target = f"{self._prefix}{call.path}{query}"
        if call.upload:
            upload = call.upload
            part = (upload.filename, upload.data, upload.content_type)
            body, kind = encode_multipart_formdata({**upload.fields, upload.name: part})
            return "POST", target, body, {"Content-Type": kind}
        if call.body is None:
            return "GET", target, None, {}
        # WeChat shows \uXXXX literally in drafts and refuses it in menus (40033): raw UTF-8 only.
        data = json.dumps(call.body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        return "POST", target, data, {"Content-Type": "application/json; charset=utf-8"}

    def _read(self, call: Call, response: HTTPResponse, content: bytes) -> tuple[Answer, bytes]:
        if response.status != 200:
            raise NotWeChat(f"HTTP {response.status}", path=call.path, status=response.status)
        if call.binary and _is_file(response, content):
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


def _read_all(response: HTTPResponse, path: str, started: float) -> bytes:
    """The body, up to the size and the total time that an honest answer needs."""
    parts, size = [], 0
    while part := response.read1(65_536):
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            raise NotWeChat("the answer is too large", path=path)
        if time.monotonic() - started > LONGEST_SECONDS:
            raise NotWeChat("the answer takes too long", path=path)
    if response.length:
        raise NotWeChat("the answer is cut short", path=path)
    response.close()  # read to its end: the connection is free for the next call
    return b"".join(parts)


def _is_file(response: HTTPResponse, content: bytes) -> bool:
    """A picture whose bytes happen to be JSON is still a picture: the declared type decides."""
    declared = response.headers.get("Content-Type", "").lower()
    if not content or "html" in declared:
        return False
    return not ("json" in declared or declared.startswith("text/"))


def _object(content: bytes, path: str) -> Answer:
    try:
        answer = json.loads(content.decode("utf-8"), strict=False)
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

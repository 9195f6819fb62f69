"""One HTTP exchange with WeChat: only the configured hosts, no redirects, a time-out everywhere, one kind
of answer.

WeChat says everything with HTTP 200, so an answer counts only when it is JSON of the expected form; HTML,
an empty body, a redirect or cut JSON are NotWeChat, never success. No address, body or token ever gets into
an exception or a log line: they are made of the path, the error code and WeChat's own text, masked.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
import urllib3
from requests.adapters import HTTPAdapter

from app.wechat.errors import NotWeChat, WeChatError
from app.wechat.redaction import RedactingFilter

CONNECT_SECONDS = 3.0
READ_SECONDS = 8.0
LONGEST_SECONDS = 20.0  # a body that drips resets the read time-out with every byte; this one it does not
LARGEST_ANSWER = 32 * 1024 * 1024
_POOL = 64

log = structlog.get_logger()
logging.getLogger("urllib3.connectionpool").addFilter(
    RedactingFilter()
)  # writes addresses with tokens at DEBUG

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


def plain_session() -> requests.Session:
    """A session that reads no environment (proxies, .netrc), never retries by itself and keeps enough
    connections.
    """
    session = requests.Session()
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=_POOL, max_retries=0))
    return session


class Wire:
    """Carries calls to one base address. Each thread has a session of its own."""

    def __init__(self, app: str, base: str, http: Callable[[], requests.Session] = plain_session) -> None:
        address = urlsplit(base)
        if address.scheme not in ("http", "https") or not address.hostname or address.username:
            raise ValueError("the base address must be http(s)://host")
        self._app = app
        self._base = base.rstrip("/")
        self._http = http
        self._local = threading.local()

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

    def _send(self, call: Call, started: float) -> tuple[requests.Response, bytes]:
        session = self._session()
        request = session.prepare_request(self._request(call))
        try:
            response = session.send(
                request, timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False, stream=True
            )
            with response:
                return response, _read_all(response, call.path, started)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as fault:
            problem = NotWeChat(_reason(fault), path=call.path, maybe_done=_left_us(fault))
        # Raised outside the handler, so that the caught fault, which holds the whole address, is not even its context.
        raise problem

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._http()
        return session

    def _request(self, call: Call) -> requests.Request:
        url = self.address(call.path)
        if call.upload:
            upload = call.upload
            part = (upload.filename, upload.data, upload.content_type)
            files = {upload.name: part}
            return requests.Request("POST", url, params=call.params, files=files, data=dict(upload.fields))
        if call.body is None:
            return requests.Request("GET", url, params=call.params)
        # WeChat shows \uXXXX literally in drafts and refuses it in menus (40033): raw UTF-8 only.
        data = json.dumps(call.body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return requests.Request("POST", url, params=call.params, data=data, headers=headers)

    def _read(self, call: Call, response: requests.Response, content: bytes) -> tuple[Answer, bytes]:
        if response.status_code != 200:
            raise NotWeChat(f"HTTP {response.status_code}", path=call.path, status=response.status_code)
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


def _read_all(response: requests.Response, path: str, started: float) -> bytes:
    """The body, up to the size and the total time that an honest answer needs."""
    parts, size = [], 0
    while part := response.raw.read1(65_536, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            raise NotWeChat("the answer is too large", path=path)
        if time.monotonic() - started > LONGEST_SECONDS:
            raise NotWeChat("the answer takes too long", path=path)
    return b"".join(parts)


def _is_file(response: requests.Response, content: bytes) -> bool:
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


def _reason(fault: Exception) -> str:
    """The kind of fault only: texts of requests and urllib3 hold the whole address with its secrets."""
    return type(fault).__name__


def _left_us(fault: Exception) -> bool:
    """Whether the request may have reached WeChat: no when not even a connection came about."""
    if isinstance(fault, (requests.ConnectTimeout, requests.exceptions.SSLError)):
        return False
    inner = getattr(fault.args[0], "reason", None) if fault.args else None
    never = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.NameResolutionError)
    return not isinstance(inner, never)

"""Starting the sandbox platform as a real process, and playing the webhook that it pushes to.

The receiver's cryptography is written from the official description and its published vectors, independently of the
platform's own: one wrong idea in both would still meet the vectors in test_platform_sealing.py.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import requests
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

ROOT = Path(__file__).parents[2]
TEMPLATES = [
    {
        "template_id": "TPL-APPOINTMENT",
        "title": "预约提醒",
        "fields": {"thing1": "thing", "time2": "time", "phrase3": "phrase"},
    },
    {"template_id": "TPL-ONCE", "title": "活动通知", "fields": {"thing1": "thing"}, "type": 2},
    {"template_id": "TPL-LONG", "title": "办事进度", "fields": {"thing1": "thing"}, "type": 3},
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def account(push_url: str, **changes: Any) -> dict[str, Any]:
    """One verified service account in secure mode, unless changed."""
    base = {
        "name": "main",
        "appid": "wx0000000000000001",
        "secret": "s" * 32,
        "account": "gh_000000000001",
        "kind": "service",
        "verified": True,
        "government": False,
        "token": "TOKENmain",
        "aes_key": "A" * 43,
        "encryption": "secure",
        "push_url": push_url,
        "oauth_domain": "127.0.0.1:8000",
        "display_name": "幸福大家庭",
        "templates": TEMPLATES,
    }
    return {**base, **changes}


def mini_program(push_url: str, **changes: Any) -> dict[str, Any]:
    base = {
        "name": "mini",
        "appid": "wx0000000000000002",
        "secret": "m" * 32,
        "account": "gh_000000000002",
        "token": "TOKENmini",
        "aes_key": "B" * 42 + "A",
        "encryption": "secure",
        "format": "json",
        "push_url": push_url,
        "display_name": "幸福大家庭小程序",
        "templates": TEMPLATES[1:],
    }
    return {**base, **changes}


@dataclass
class RunningPlatform:
    url: str
    process: subprocess.Popen[str]
    arguments: list[str]
    clock_file: Path
    http: requests.Session = field(default_factory=requests.Session)

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)

    def phone(self, who: str, act: str, name: str = "main", **body: Any) -> Any:
        return self.http.post(f"{self.url}/phone/api/{who}/{name}/{act}", json=body, timeout=30).json()

    def chat(self, who: str, name: str = "main", after: int = 0) -> Any:
        return self.http.get(
            f"{self.url}/phone/api/{who}/{name}/chat", params={"after": after}, timeout=10
        ).json()

    def control(self, method: str, path: str, **body: Any) -> Any:
        if method == "GET":
            return self.http.get(f"{self.url}/control/api{path}", params=body, timeout=30).json()
        return self.http.request(method, f"{self.url}/control/api{path}", json=body, timeout=30).json()

    def call(self, token: str, path: str, body: Any = None, **query: Any) -> Any:
        """One API call: POST with a JSON body in raw UTF-8, GET without one."""
        query["access_token"] = token
        if body is None:
            return self.http.get(self.url + path, params=query, timeout=30).json()
        data = json.dumps(body, ensure_ascii=False).encode()
        return self.http.post(self.url + path, params=query, data=data, timeout=30).json()

    def token(self, appid: str = "wx0000000000000001", secret: str = "s" * 32) -> str:
        body = {"grant_type": "client_credential", "appid": appid, "secret": secret}
        return str(
            self.http.post(f"{self.url}/cgi-bin/stable_token", json=body, timeout=10).json()["access_token"]
        )

    def mini_token(self) -> str:
        return self.token("wx0000000000000002", "m" * 32)

    def openid(self, who: str, name: str = "main") -> str:
        """The openid as the webhook learns it: from a push of this neighbour."""
        pushed = [each for each in self.control("GET", "/pushes", neighbour=who) if each["account"] == name]
        return str(pushed[-1]["openid"])


def start_platform(folder: Path, apps: dict[str, Any], port: int | None = None) -> RunningPlatform:
    """Start `python -m sandbox` with its state under `folder`; returns when it answers."""
    port = port or free_port()
    file, clock_file = folder / "apps.json", folder / "clock"
    file.write_text(json.dumps(apps), encoding="utf-8")
    arguments = [sys.executable, "-m", "sandbox", "--port", str(port), "--data", str(folder / "sandbox")]
    arguments += ["--apps", str(file), "--clock-file", str(clock_file)]
    process = launch(arguments)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("sandbox:"):
        raise AssertionError(f"the sandbox did not start: {process.communicate()[1]}")
    return RunningPlatform(f"http://127.0.0.1:{port}", process, arguments, clock_file)


def launch(arguments: list[str]) -> subprocess.Popen[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        arguments, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def sha1_of(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def decrypt(aes_key: str, sealed: str) -> tuple[str, str]:
    """The message and the appid behind it."""
    key = base64.b64decode(aes_key + "=")
    machine = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).decryptor()
    padded = machine.update(base64.b64decode(sealed)) + machine.finalize()
    undo = padding.PKCS7(256).unpadder()
    plain = undo.update(padded) + undo.finalize()
    size = int.from_bytes(plain[16:20], "big")
    return plain[20 : 20 + size].decode(), plain[20 + size :].decode()


def encrypt(aes_key: str, message: str, appid: str, salt: bytes = b"0123456789abcdef") -> str:
    key = base64.b64decode(aes_key + "=")
    data = message.encode()
    pad = padding.PKCS7(256).padder()
    padded = pad.update(salt + len(data).to_bytes(4, "big") + data + appid.encode()) + pad.finalize()
    machine = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(machine.update(padded) + machine.finalize()).decode()


@dataclass
class Received:
    """One delivery as the webhook saw it; `message` is the decrypted content with its names."""

    query: dict[str, str]
    body: str
    plain: str
    message: dict[str, Any]
    at: float


Script = Callable[[Received], str | bytes | tuple[int, str]]


class Webhook:
    """A tiny webhook: opens each push itself and answers what `script` says, sealed unless `raw` is set."""

    def __init__(self, app: dict[str, Any] | None = None) -> None:
        self.received: list[Received] = []
        self.script: Script = lambda push: "success"
        self.raw = False
        self.app = app or account("")
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
                status, answer = hook.answer(query, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/wx/main"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, query: dict[str, str], body: str) -> tuple[int, bytes]:
        received = self.opened(query, body)
        self.received.append(received)
        made = self.script(received)
        status, text = made if isinstance(made, tuple) else (200, made)
        if isinstance(text, bytes):
            return status, text
        if self.raw or text in ("", "success") or self.app["encryption"] == "plain":
            return status, text.encode()
        return status, self.sealed(text, query["nonce"]).encode()

    def opened(self, query: dict[str, str], body: str) -> Received:
        is_json = self.app.get("format") == "json"
        outer = json.loads(body) if is_json else fields_of(body)
        plain = body
        if "Encrypt" in outer:
            signed = sha1_of(self.app["token"], query["timestamp"], query["nonce"], outer["Encrypt"])
            assert signed == query["msg_signature"]
            plain, owner = decrypt(self.app["aes_key"], outer["Encrypt"])
            assert owner == self.app["appid"]
        message = json.loads(plain) if is_json else fields_of(plain)
        return Received(query, body, plain, message, time.monotonic())

    def sealed(self, text: str, nonce: str) -> str:
        sealed = encrypt(self.app["aes_key"], text, self.app["appid"])
        stamp = str(int(time.time()))
        signature = sha1_of(self.app["token"], stamp, nonce, sealed)
        return (
            f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{stamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        )

    def events(self, name: str) -> list[Received]:
        return [each for each in list(self.received) if each.message.get("Event") == name]

    def wait_for(self, name: str, msg_id: int | None = None) -> Received:
        """The event of that name (and number), as soon as it has come; five seconds at most."""
        deadline = time.monotonic() + 5
        while True:
            for each in self.events(name):
                if msg_id is None or each.message["MsgID"] == str(msg_id):
                    return each
            assert time.monotonic() < deadline, f"{name} did not come"
            time.sleep(0.02)

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def fields_of(text: str) -> dict[str, Any]:
    return _fields(ET.fromstring(text))


def _fields(element: ET.Element) -> dict[str, Any]:
    return {child.tag: _fields(child) if len(child) else (child.text or "") for child in element}


def text_reply(push: Received, content: str, **changes: str) -> str:
    """A passive text answer with the names swapped, as the platform wants it."""
    names = {
        "ToUserName": push.message["FromUserName"],
        "FromUserName": push.message["ToUserName"],
        **changes,
    }
    return (
        f"<xml><ToUserName><![CDATA[{names['ToUserName']}]]></ToUserName>"
        f"<FromUserName><![CDATA[{names['FromUserName']}]]></FromUserName><CreateTime>1794000000</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content></xml>"
    )


@contextmanager
def platform_with_webhook(folder: Path, **changes: Any) -> Iterator[tuple[RunningPlatform, Webhook]]:
    """A platform with the account "main" and the mini-program "mini", both pushing to webhooks of this process."""
    hook, mini_hook = Webhook(), Webhook(mini_program(""))
    hook.app = account(hook.url, **changes)
    mini_hook.app = mini_program(mini_hook.url)
    running = start_platform(folder, {"accounts": [hook.app], "miniprograms": [mini_hook.app]})
    running.mini_hook = mini_hook  # type: ignore[attr-defined]
    try:
        yield running, hook
    finally:
        running.stop()
        hook.stop()
        mini_hook.stop()

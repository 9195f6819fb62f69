"""Full durable work of the webhook beside two bare echoes, wechatpy + Flask's and WeRoBot's, and two that keep what
they were told (bench/durable_echo.py), interleaved.

`python -m bench.webhook` (ROUNDS=5 SECONDS=3). A message of ours is verified, opened, de-duplicated, answered by the
house, committed to SQLite (synchronous=FULL), sealed. The peers open, echo and seal, on the same server with as many
threads. What is compared is requests per second of CPU that the server used, so the load generator beside it on the
same cores does not count. A keyword is the message that everybody measures; the mix holds dialogues and misses too.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from wechatpy.crypto import WeChatCrypto

from bench import quality
from bench.processes import cpu_seconds, memory_mb

ROOT = Path(__file__).parents[1]
CONNECTIONS = 8
PEOPLE = 500
ANSWER = ("MsgSignature", "TimeStamp", "Nonce")
WORDS = ("菜单", "最新通知", "我的预约", "预约", "0", "你好")
LOADS = {"a keyword": ("菜单",), "the mix": WORDS}
PEERS = {
    "wechatpy": "bench.echo:app",
    "WeRoBot": "bench.werobot_echo:app",
    "wechatpy + sqlite3": "bench.durable_echo:by_hand",
    "wechatpy + ORM": "bench.durable_echo:by_orm",
}
OURS = "ours"
KEPT = (
    "The first two peers keep nothing. The other two keep each push and a count of each person, and wait for the disk: "
    "by two statements on sqlite3, which is the least that durable work can cost here, and by SQLAlchemy's ORM."
)


@dataclass
class Server:
    name: str
    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """User and system time of the server and its workers."""
        return cpu_seconds(self.process.pid)


@dataclass
class Round:
    requests: int
    cpu: float
    latencies: list[float]

    @property
    def per_core_second(self) -> float:
        return self.requests / self.cpu


def main() -> None:
    rounds, seconds = int(os.environ.get("ROUNDS", "5")), float(os.environ.get("SECONDS", "3"))
    with tempfile.TemporaryDirectory() as folder:
        given = {name: value for name, value in os.environ.items() if not name.startswith("XINGFU_")}
        environ = given | {"XINGFU_DATA": folder, "XINGFU_PORT": str(_free_port()), "XINGFU_CONFIG": ""}
        subprocess.run([sys.executable, "-m", "app.prepare"], cwd=ROOT, env=environ, check=True)
        shared, sealer = sealer_of(environ)
        servers = [_start(OURS, "app.worker:app", environ)]
        servers += [_start(name, target, environ | shared) for name, target in PEERS.items()]
        try:
            rows = [
                row
                for name, words in LOADS.items()
                for row in _measure(servers, sealer, name, words, rounds, seconds)
            ]
            worker = memory_mb(servers[0].process.pid)
        finally:
            for server in servers:
                os.killpg(server.process.pid, signal.SIGTERM)
                server.process.wait(10)
    head = ["load", "server", "per core-second", "p50 ms", "p99 ms", "ours / this (rounds)"]
    words = f"{quality.table(head, rows)}\n\n{KEPT}\n\nOur server with its one worker holds {worker:.0f} MB."
    print(words)
    if os.environ.get("WRITE"):
        quality.put(quality.PERFORMANCE, "Webhook beside bare echoes", words)


def _measure(
    servers: list[Server], sealer: Sealer, load: str, words: Sequence[str], rounds: int, seconds: float
) -> list[list[str]]:
    results: dict[str, list[Round]] = {server.name: [] for server in servers}
    for server in servers:
        _make_known(server, sealer, words)
    for number in range(rounds):
        for server in servers if number % 2 else servers[::-1]:
            results[server.name].append(_load(server, sealer, words, seconds))
    return [_row(load, name, made, results[OURS]) for name, made in results.items()]


def _make_known(server: Server, sealer: Sealer, words: Sequence[str]) -> None:
    """Everybody has spoken once before it counts: a newcomer, and a feature's first answer, cost more than others."""
    said = 0
    while said < PEOPLE:
        said += _load(server, sealer, words, 1.0).requests


def _row(load: str, name: str, made: list[Round], ours: list[Round]) -> list[str]:
    latencies = sorted(latency for one in made for latency in one.latencies)
    rate = statistics.median(one.per_core_second for one in made)
    p50, p99 = latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]
    ratios = [a.per_core_second / b.per_core_second for a, b in zip(ours, made, strict=True)]
    beside = "" if name == OURS else f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
    return [load, name, f"{rate:.0f}", f"{p50 * 1000:.1f}", f"{p99 * 1000:.1f}", beside]


class Sealer:
    """Seals text pushes of many people, each with an id of its own."""

    def __init__(self, token: str, aes_key: str, appid: str, account: str) -> None:
        self.token, self.account = token, account
        self.crypto = WeChatCrypto(token, aes_key, appid)
        self.ids = 1_000_000
        self.lock = threading.Lock()

    def push(self, words: Sequence[str] = WORDS) -> tuple[str, bytes]:
        with self.lock:
            self.ids += 1
            number = self.ids
        return self.seal(
            f"oBench{number % PEOPLE:022}", words[(number + number // PEOPLE) % len(words)], number
        )

    def seal(self, openid: str, words: str, number: int) -> tuple[str, bytes]:
        now = int(time.time())
        return self.seal_xml(
            f"<xml><ToUserName>{self.account}</ToUserName><FromUserName>{openid}</FromUserName>"
            f"<CreateTime>{now}</CreateTime><MsgType>text</MsgType><Content>{words}</Content><MsgId>{number}</MsgId></xml>",
            now,
        )

    def seal_xml(self, xml: str, at: int) -> tuple[str, bytes]:
        """Query and body of any push, sealed at that second."""
        now, nonce = str(at), secrets.token_hex(5)
        sealed = re.search(r"<Encrypt><!\[CDATA\[(.*?)\]\]>", self.crypto.encrypt_message(xml, nonce, now))
        assert sealed
        signature = hashlib.sha1("".join(sorted([self.token, now, nonce, sealed[1]])).encode()).hexdigest()
        query = urlencode(
            {
                "signature": hashlib.sha1("".join(sorted([self.token, now, nonce])).encode()).hexdigest(),
                "timestamp": now,
                "nonce": nonce,
                "encrypt_type": "aes",
                "msg_signature": signature,
            }
        )
        fields = {"ToUserName": self.account, "Encrypt": sealed[1]}  # written as WeChat writes them
        inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
        return query, f"<xml>{inner}</xml>".encode()

    def open(self, answer: bytes) -> str:
        """The words of a sealed answer; "" for silence."""
        parts = {name: re.search(rf"<{name}>(?:<!\[CDATA\[)?([^\]<]*)", answer.decode()) for name in ANSWER}
        if not all(parts.values()):
            return ""
        signature, stamp, nonce = (str(one and one[1]) for one in parts.values())
        return str(self.crypto.decrypt_message(answer.decode(), signature, stamp, nonce))


def sealer_of(environ: Mapping[str, str]) -> tuple[dict[str, str], Sealer]:
    """The environment of the peers, who serve the same account, and who seals for it."""
    from app.settings import load_settings

    settings = load_settings(environ)
    account = settings.accounts[0]
    secret = settings.secrets.of(account.name)
    shared = {"BENCH_TOKEN": secret.token, "BENCH_AES_KEY": secret.aes_key, "BENCH_APPID": account.appid}
    return shared, Sealer(secret.token, secret.aes_key, account.appid, account.original_id)


def _start(name: str, target: str, environ: dict[str, str]) -> Server:
    port = _free_port()
    granian = Path(sys.executable).parent / "granian"
    command = [
        str(granian),
        "--interface",
        "wsgi",
        "--port",
        str(port),
        "--workers",
        "1",
        "--blocking-threads",
        "4",
    ]
    process = subprocess.Popen(
        [*command, "--no-ws", "--log-level", "error", target], cwd=ROOT, env=environ, start_new_session=True
    )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return Server(name, port, process)
        time.sleep(0.05)
    raise SystemExit(f"{name} did not start")


def _load(server: Server, sealer: Sealer, words: Sequence[str], seconds: float) -> Round:
    latencies: list[float] = []
    before, until = server.cpu_seconds(), time.monotonic() + seconds
    threads = [
        threading.Thread(target=_talk, args=(server, sealer, words, until, latencies))
        for _ in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Round(len(latencies), server.cpu_seconds() - before, latencies)


def _talk(server: Server, sealer: Sealer, words: Sequence[str], until: float, latencies: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    while time.monotonic() < until:
        query, body = sealer.push(words)
        started = time.monotonic()
        connection.request("POST", f"/wx/main?{query}", body)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200 or b"Encrypt" not in said:
            print(f"{server.name} answered {answer.status}: {said[:200]!r}", file=sys.stderr)
            return
        latencies.append(time.monotonic() - started)


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


if __name__ == "__main__":
    main()

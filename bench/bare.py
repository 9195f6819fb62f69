"""The peer of bench.checkins: the thinnest server that keeps a scan. A key that is there once, a row, a commit; nobody
is looked up, no rule is asked. The message is opened and sealed by wechatpy, as its users write it."""

import os
import sqlite3
import threading
from typing import Any

import psycopg
from flask import Flask, request
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import create_reply

TABLE = "CREATE TABLE IF NOT EXISTS bare_scan (nonce TEXT PRIMARY KEY, person TEXT, way TEXT, at TEXT)"
INSERT = "INSERT INTO bare_scan VALUES ({0}, {0}, {0}, {0}) ON CONFLICT DO NOTHING"
URL = os.environ["BENCH_DATABASE"]

app = Flask("bare")
crypto = WeChatCrypto(os.environ["BENCH_TOKEN"], os.environ["BENCH_AES_KEY"], os.environ["BENCH_APPID"])
mine = threading.local()


def connection() -> Any:
    if not hasattr(mine, "kept"):
        if URL.startswith("postgresql"):
            mine.kept = psycopg.connect(URL, autocommit=True)
        else:
            mine.kept = sqlite3.connect(URL, isolation_level=None, timeout=5)
            mine.kept.execute("PRAGMA journal_mode=WAL")
            mine.kept.execute("PRAGMA synchronous=FULL")
    return mine.kept


def keep(nonce: str, person: str, way: str) -> None:
    mark = "%s" if URL.startswith("postgresql") else "?"
    connection().execute(INSERT.format(mark), (nonce, person, way, "now"))


@app.get("/healthz")
def ready() -> str:
    connection().execute(TABLE)
    return "ok"


@app.post("/wx/main")
def chat() -> str:
    signature, stamp, nonce = (request.args[name] for name in ("msg_signature", "timestamp", "nonce"))
    message = parse_message(crypto.decrypt_message(request.data, signature, stamp, nonce))
    keep(str(message.id), message.source, "turn")
    answer: str = crypto.encrypt_message(create_reply("签到好了", message).render(), nonce, stamp)
    return answer


@app.get("/h5/checkin/<token>")
def link(token: str) -> str:
    keep(token + request.headers["Cookie"], "who", "turn")
    return "签到好了"


@app.post("/api/v1/check-ins")
def api() -> dict[str, str]:
    keep(request.json["nonce"], "who", "turn")
    return {"kind": "in"}


@app.post("/h5/offline/<int:number>/roster")
def roster(number: int) -> dict[str, int]:
    return {"number": number}


@app.post("/h5/offline/<int:number>/sync")
def sync(number: int) -> dict[str, Any]:
    """One by one, each with a commit of its own."""
    for one in request.json["records"]:
        keep(one["nonce"], str(one["person"]), one["way"])
    return {"results": [{"nonce": one["nonce"], "kind": "in"} for one in request.json["records"]]}

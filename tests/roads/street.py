"""The street in front of a running house: neighbours with phones, the platform's switches, and a look into the database.

Everything goes over HTTP to the sandbox platform, as a finger on its phone page would do it. The database is only read.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Row, Select, create_engine

from app import clock
from models.identity import Identity
from tests.servers import PostgresServer
from tests.stack import Stack

ACCOUNT = "main"
PATIENCE = 45.0  # of a test on a busy machine
TRIES = 20
NOT_DONE, TOO_MANY = "没办成", "这一条没有办"  # both true: nothing was done


class Street:
    """One running stack, seen from outside. `database` is its SQLAlchemy URL when it is not the usual SQLite file."""

    def __init__(self, stack: Stack, database: str | None = None) -> None:
        self.stack = stack
        self.http = requests.Session()
        read_only = f"sqlite:///file:{stack.data / 'xingfu.db'}?mode=ro&uri=true"
        self._engine = create_engine(database or read_only)

    def close(self) -> None:
        self._engine.dispose()
        self.http.close()

    # ---- people ----------------------------------------------------------------------------------------------------

    def neighbour(self, name: str) -> Neighbour:
        """Somebody new, who does not follow yet."""
        made = self.http.post(f"{self.stack.sandbox}/phone/api/neighbours", json={"name": name}, timeout=10)
        return Neighbour(self, str(made.json()["id"]))

    def follower(self, name: str) -> Neighbour:
        made = self.neighbour(name)
        made.follows()
        return made

    # ---- the platform ------------------------------------------------------------------------------------------------

    def control(self, method: str, path: str, /, **body: Any) -> Any:
        address = f"{self.stack.sandbox}/control/api{path}"
        given = {"params": body} if method == "GET" else {"json": body}
        answer = requests.request(method, address, timeout=60, **given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def call(self, path: str, **body: Any) -> Any:
        """One call of the platform's API with the account's own credentials, as the desk's tools make it."""
        return self.http.post(
            f"{self.stack.sandbox}{path}", params={"access_token": self._token()}, json=body, timeout=10
        ).json()

    def _token(self) -> str:
        body = {"grant_type": "client_credential", "appid": self.stack.status()["webhook"]["appid"]}
        body["secret"] = secret_of(self.stack.data)["secret"]
        answer = self.http.post(f"{self.stack.sandbox}/cgi-bin/stable_token", json=body, timeout=10)
        return str(answer.json()["access_token"])

    def printed_code(self, scene: str) -> str:
        """What a phone reads off a printed code of the account."""
        made = self.call(
            "/cgi-bin/qrcode/create",
            action_name="QR_LIMIT_STR_SCENE",
            action_info={"scene": {"scene_str": scene}},
        )
        assert "url" in made, made
        return str(made["url"])

    @contextmanager
    def faults(self, **faults: Any) -> Iterator[None]:
        """The platform's bad day, until the block ends."""
        self.control("PUT", "/faults", **faults)
        try:
            yield
        finally:
            self.control("POST", "/faults/reset")

    @property
    def now(self) -> datetime:
        """What time it is at the platform and in the house."""
        return datetime.fromtimestamp(self.control("GET", "/clock")["now"], UTC)

    def move_to(self, moment: datetime) -> None:
        self.control("POST", "/clock/shift", seconds=(moment - self.now).total_seconds())

    # ---- the truth -----------------------------------------------------------------------------------------------------

    def rows(self, question: Select[Any]) -> list[Row[Any]]:
        with self._engine.connect() as connection:
            return list(connection.execute(question))

    def one(self, question: Select[Any]) -> Any:
        """The only row (its only value when it has one column)."""
        (row,) = self.rows(question)
        return row[0] if len(row) == 1 else row


class Neighbour:
    """One phone. What it says comes back as the words that it then shows."""

    def __init__(self, street: Street, number: str) -> None:
        self.street, self.number = street, number
        self.sent = 0

    def act(self, what: str, account: str = ACCOUNT, **body: Any) -> Any:
        """Any act of the phone; the platform's whole answer."""
        self.sent += 1
        address = f"{self.street.stack.sandbox}/phone/api/{self.number}/{account}/{what}"
        answer = requests.post(address, json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def says(self, *texts: str) -> str:
        """Type these one after another; the words that answer the last one."""
        words = ""
        for text in texts:
            words = self._until_done("send", kind="text", text=text)
        return words

    def clicks(self, key: str) -> str:
        return self._until_done("click", key=key)

    def _until_done(self, what: str, **body: Any) -> str:
        """As people do: whoever is told that nothing was done, because the house was too busy, does it again."""
        sent = self.sent + 1
        for _ in range(TRIES):
            words = shown(self.act(what, **body))
            self.sent = sent
            if not was_not_done(words):
                break
            time.sleep(0.2)
        return words

    def follows(self, scene: str = "") -> str:
        return shown(self.act("follow", **({"scene": scene} if scene else {})))

    def unfollows(self) -> None:
        self.act("unfollow")

    def scans(self, content: str) -> str:
        return shown(self.act("scan", content=content))

    def chat(self) -> Any:
        address = f"{self.street.stack.sandbox}/phone/api/{self.number}/{ACCOUNT}/chat"
        return requests.get(address, timeout=10).json()

    def received(self, via: str) -> list[dict[str, Any]]:
        """Bubbles of the account that came by this road: "passive", "custom", "template"."""
        return [each for each in self.chat()["bubbles"] if each.get("via") == via]

    @property
    def openid(self) -> str:
        pushed = self.street.control("GET", "/pushes", neighbour=self.number)
        return str(pushed[-1]["openid"])

    @property
    def me(self) -> Any:
        """A filter for Identity: this phone's own row."""
        return (Identity.openid == self.openid) & (Identity.app == f"oa:{ACCOUNT}")


def shown(answer: Any) -> str:
    """The words that the phone shows after an act; "" when nothing came back."""
    told = [each for each in answer.get("bubbles", []) if each["from"] != "me"]
    return str(told[-1].get("text", "")) if told else ""


def was_not_done(words: str) -> bool:
    """Told in one of the house's two ways; which of them depends on how many wait, and on a busy machine more wait."""
    return NOT_DONE in words or TOO_MANY in words


def secret_of(data: Path) -> dict[str, str]:
    """The account's secrets, which no log may hold."""
    kept: dict[str, str] = tomllib.loads((data / "secrets" / "main.toml").read_text("utf-8"))
    return kept


def eventually(true: Callable[[], Any], seconds: float = PATIENCE, seen: Callable[[], Any] = str) -> Any:
    """The first true value; fails with what is `seen` when it never comes."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"it never came true: {seen()}"
        time.sleep(0.05)
    return found


def option(words: str, *wanted: str, without: str = "\n") -> str:
    """The digit of the first listed option that holds all `wanted` words and not `without`."""
    for digit, line in re.findall(r"(?m)^(\d+) (.+)$", words):
        if all(one in line for one in wanted) and without not in line:
            return str(digit)
    raise AssertionError(f"no option with {wanted} in: {words}")


def wall(instant: datetime) -> datetime:
    """The community's wall clock, for messages of failing tests and phrases of neighbours."""
    return clock.local(instant)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@contextmanager
def street_on(request: pytest.FixtureRequest, folder: Path, name: str) -> Iterator[Street]:
    """A house of its own on the database that the fixture's parameter names, seen from outside."""
    url = None
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.create_database(name)
    environ = {"XINGFU_DATABASE__URL": url} if url else {}
    with Stack(folder / "data", environ=environ) as stack:
        walked = Street(stack, url)
        yield walked
        walked.close()


@contextmanager
def locked(file: Path, seconds: float) -> Iterator[None]:
    """Another process holds the database for so long."""
    held, released = threading.Event(), threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as database:
            database.execute("BEGIN EXCLUSIVE")
            held.set()
            time.sleep(seconds)
            database.execute("ROLLBACK")
        released.set()

    threading.Thread(target=hold, daemon=True).start()
    assert held.wait(10)
    yield
    assert released.wait(seconds + 2)

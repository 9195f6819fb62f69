"""Pushing what a phone did to the webhook, up to three times with the same MsgId, and showing what came back.

No lock and no transaction is open while a delivery is on its way: the webhook may call the API before it answers.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox import neighbours
from sandbox.apps import App, Apps
from sandbox.chat import UNAVAILABLE, Bubble, say
from sandbox.clock import Clock
from sandbox.contacts import contact
from sandbox.delivery import Delivery, deliver
from sandbox.faults import FaultBoard, Shuffle
from sandbox.replies import BadReply, Question, judged
from sandbox.state import Store
from sandbox.wire import to_json, to_xml


@dataclass(frozen=True)
class Outgoing:
    """answerable: "message" | "event" (the resident waits) | "silent" (nobody sees whether it was answered)."""

    app: App
    openid: str
    plain: str
    answerable: str
    neighbour: str | None = None


@dataclass
class Pushed:
    id: int
    outcome: str = "pending"
    reply: dict[str, Any] | None = None
    deliveries: list[Delivery] = field(default_factory=list)

    def public(self) -> dict[str, Any]:
        ms = sum(each.ms for each in self.deliveries)
        count = len(self.deliveries)
        return {"id": self.id, "deliveries": count, "outcome": self.outcome, "ms": ms, "reply": self.reply}


def message(app: App, openid: str, now: float, kind: str, fields: dict[str, Any]) -> str:
    """A user's message with a fresh 64-bit MsgId, in the app's format."""
    head = {"ToUserName": app.account, "FromUserName": openid, "CreateTime": int(now), "MsgType": kind}
    return _render(app, {**head, **fields, "MsgId": secrets.randbits(62) + 2**61})


def event(app: App, openid: str, now: float, name: str, fields: dict[str, Any]) -> str:
    head = {"ToUserName": app.account, "FromUserName": openid, "CreateTime": int(now), "MsgType": "event"}
    return _render(app, {**head, "Event": name, **fields})


def _render(app: App, content: dict[str, Any]) -> str:
    return to_json(content) if app.format == "json" else to_xml(content)


class Pusher:
    def __init__(self, store: Store, apps: Apps, clock: Clock, board: FaultBoard, base_url: str) -> None:
        self._store, self._apps, self._clock, self._board, self._base_url = (
            store,
            apps,
            clock,
            board,
            base_url,
        )
        self._shuffle = Shuffle()

    def push(self, outgoing: Outgoing) -> Pushed:
        """Returns when the push is answered or given up."""
        with self._store.writing() as db:
            pushed = Pushed(_record(db, outgoing, self._clock.now()))
        if self._board.current().out_of_order:
            self._shuffle.hold_back()
        if self._board.current().duplicate_pushes:
            self._deliver_twice(outgoing, pushed)
        else:
            self._deliver(outgoing, pushed)
        self._shuffle.delivered()
        self._settle(outgoing, pushed)
        return pushed

    def repeat(self, push_id: int, times: int, at_once: bool, age: float) -> list[Delivery]:
        """The same body and MsgId again, freshly signed; nothing is shown to the neighbour. LookupError if unknown."""
        outgoing = self._recorded(push_id)
        if at_once:
            with ThreadPoolExecutor(times) as pool:
                made = list(pool.map(lambda _: self._once(outgoing, age), range(times)))
        else:
            made = [self._once(outgoing, age) for _ in range(times)]
        with self._store.writing() as db:
            _record_deliveries(db, push_id, made)
        return made

    def _once(self, outgoing: Outgoing, age: float = 0) -> Delivery:
        timeout = float(self._store.settings()["timeout_seconds"])
        return deliver(outgoing.app, outgoing.openid, outgoing.plain, self._clock.now(), timeout, age)

    def _deliver(self, outgoing: Outgoing, pushed: Pushed) -> None:
        settings = self._store.settings()
        for turn in range(int(settings["deliveries"])):
            if turn:
                _pause(pushed.deliveries[-1], float(settings["retry_pause_seconds"]))
            pushed.deliveries.append(self._once(outgoing))
            if pushed.deliveries[-1].answered:
                return

    def _deliver_twice(self, outgoing: Outgoing, pushed: Pushed) -> None:
        with ThreadPoolExecutor(2) as pool:
            twins = [pool.submit(self._once, outgoing) for _ in range(2)]
            pushed.deliveries += sorted((each.result() for each in twins), key=lambda each: each.answered)

    def _settle(self, outgoing: Outgoing, pushed: Pushed) -> None:
        now = self._clock.now()
        with self._store.writing() as db:
            bubble = self._judge(db, outgoing, pushed, now)
            _record_deliveries(db, pushed.id, pushed.deliveries)
            reply = None if pushed.reply is None else json.dumps(pushed.reply, ensure_ascii=False)
            db.execute(
                "UPDATE push SET outcome = ?, reply = ? WHERE id = ?", (pushed.outcome, reply, pushed.id)
            )
            if bubble and outgoing.neighbour and _reads(db, outgoing, outgoing.neighbour):
                say(db, outgoing.app.name, outgoing.neighbour, outgoing.openid, now, bubble)

    def _judge(self, db: sqlite3.Connection, outgoing: Outgoing, pushed: Pushed, now: float) -> Bubble | None:
        last = pushed.deliveries[-1]
        pushed.reply = last.reply
        pushed.outcome = "failed" if last.error else "answered" if last.reply else "empty"
        if last.error or last.reply is None:
            return _complaint(outgoing, pushed) if last.error else None
        question = Question(outgoing.app, outgoing.openid, outgoing.answerable, now)
        try:
            bubble = judged(db, question, last.reply, self._base_url)
        except BadReply as error:
            pushed.deliveries[-1] = replace(last, error=str(error))
            pushed.outcome = "failed"
            return _complaint(outgoing, pushed)
        return bubble and Bubble(bubble.sender, bubble.kind, bubble.body, bubble.via, pushed.id)

    def _recorded(self, push_id: int) -> Outgoing:
        with self._store.reading() as db:
            row = db.execute("SELECT * FROM push WHERE id = ?", (push_id,)).fetchone()
        app = self._apps.named(row["app"]) if row else None
        if app is None:
            raise LookupError(push_id)
        return Outgoing(app, row["openid"], row["plain"], row["answerable"], row["neighbour"])


def _complaint(outgoing: Outgoing, pushed: Pushed) -> Bubble | None:
    """What the resident sees when the account answered badly; mini-programs and silent events show nothing."""
    if outgoing.app.mini or outgoing.answerable == "silent":
        return None
    return Bubble("system", "text", {"text": UNAVAILABLE}, push=pushed.id)


def _reads(db: sqlite3.Connection, outgoing: Outgoing, neighbour: str) -> bool:
    """Who has left sees nothing any more, not even the answer to leaving."""
    return outgoing.app.mini or contact(db, outgoing.app.name, neighbour).following


def _pause(last: Delivery, seconds: float) -> None:
    time.sleep(max(0.0, seconds - last.ms / 1000))


def _record(db: sqlite3.Connection, outgoing: Outgoing, now: float) -> int:
    made = db.execute(
        "INSERT INTO push (app, neighbour, openid, at, plain, answerable, outcome)"
        " VALUES (?, ?, ?, ?, ?, ?, 'pending')",
        (outgoing.app.name, outgoing.neighbour, outgoing.openid, now, outgoing.plain, outgoing.answerable),
    )
    return int(made.lastrowid or 0)


def _record_deliveries(db: sqlite3.Connection, push_id: int, made: list[Delivery]) -> None:
    db.executemany(
        "INSERT INTO delivery (push, at, status, ms, body, error) VALUES (?, ?, ?, ?, ?, ?)",
        [(push_id, each.at, each.status, each.ms, each.body, each.error) for each in made],
    )


def to_person(db: sqlite3.Connection, app: App, neighbour: str, plain: str, answerable: str) -> Outgoing:
    return Outgoing(app, neighbours.openid_of(db, app, neighbour), plain, answerable, neighbour)

"""Neighbours with phones: what a test says to the account, as WeChat would push it, and what comes back."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, TypeVar
from xml.sax.saxutils import escape

import time_machine
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from wechatpy.crypto import WeChatCrypto

from app import clock, create_app
from app.site import Site
from app.work import run_waiting
from models.identity import Actor, Identity, Person, find_identity
from tests.races import insisting

T = TypeVar("T")
message_ids = itertools.count(24_000_000_000_000_000)
PERSON_OPENID = "o"


@contextmanager
def frozen(wall: str) -> Iterator[time_machine.Coordinates]:
    """The community's wall clock stands still at `wall` ("2026-11-23 09:00")."""
    moment = datetime.fromisoformat(wall).replace(tzinfo=clock.COMMUNITY)
    with time_machine.travel(moment, tick=False) as traveller:
        yield traveller


class Town:
    """One community under test: its site, its web application, its neighbours."""

    def __init__(self, site: Site, app: APIFlask | None = None) -> None:
        self.site = site
        self.app = app or create_app(site)
        self.app.testing = False
        self.is_marked = False  # the application remembers this town: no other may have it (tests/towns.py)
        self._phones: dict[str, Phone] = {}

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def phone(self, name: str, account: str = "main") -> Phone:
        return self._phones.setdefault(f"{account}:{name}", Phone(self, name, account))

    def writing(self, unit: Callable[[Session], T]) -> T:
        """One unit of work, as stubborn as a phone: a house that is too busy did nothing and is asked again."""
        return insisting(lambda: self.site.database.writing(unit))

    def reading(self) -> AbstractContextManager[Session]:
        return self.site.database.reading()

    def works(self) -> int:
        """Let the scheduler's hands do the long work that was asked for."""
        return run_waiting(self.site)

    def seed(self, *features: str) -> None:
        """The invented neighbourhood of these features."""

        def unit(session: Session) -> None:
            for feature in self.site.house.features:
                if feature.name in features and feature.seed:
                    feature.seed(session)

        self.writing(unit)


class Phone:
    """One neighbour's WeChat. Pushes are sealed as WeChat seals them and opened again on the way back."""

    def __init__(self, town: Town, name: str, account: str) -> None:
        self.town, self.name = town, name
        settings = town.site.settings
        facts, secret = settings.account(account), settings.secrets.of(account)
        self.account, self.original_id, self.token = account, facts.original_id, secret.token
        self.door = f"/wx/{account}"
        self.crypto = WeChatCrypto(secret.token, secret.aes_key, facts.appid)
        self.openid = PERSON_OPENID + hashlib.sha256(name.encode()).hexdigest()[:27]

    def says(self, *texts: str, message_id: int | None = None, at: int | None = None) -> str:
        """Type these one after another; the answer to the last one."""
        answer = ""
        for text in texts:
            answer = self.push("text", f"<Content>{escape(text)}</Content>", message_id, at)
        return answer

    def follows(self, scene: str = "") -> str:
        key = f"qrscene_{scene}" if scene else ""
        return self.event("subscribe", f"<EventKey>{escape(key)}</EventKey>")

    def unfollows(self) -> str:
        return self.event("unsubscribe", "<EventKey></EventKey>")

    def clicks(self, key: str) -> str:
        return self.event("CLICK", f"<EventKey>{escape(key)}</EventKey>")

    def scans(self, scene: str) -> str:
        return self.event("SCAN", f"<EventKey>{escape(scene)}</EventKey><Ticket>t</Ticket>")

    def sends_place(self, lat: float, lng: float, label: str = "") -> str:
        place = f"<Location_X>{lat}</Location_X><Location_Y>{lng}</Location_Y><Scale>16</Scale>"
        return self.push("location", f"{place}<Label>{escape(label)}</Label>")

    def sends(self, kind: str, **fields: str) -> str:
        return self.push(kind, "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items()))

    def event(self, event: str, fields: str, at: int | None = None) -> str:
        return self._deliver("event", f"<Event>{event}</Event>{fields}", at)

    def push(self, kind: str, fields: str, message_id: int | None = None, at: int | None = None) -> str:
        number = message_id or next(message_ids)
        return self._deliver(kind, f"{fields}<MsgId>{number}</MsgId>", at)

    def _deliver(self, kind: str, fields: str, at: int | None) -> str:
        return content_of(self.deliver(self.xml(kind, fields, at)))

    def xml(self, kind: str, fields: str, at: int | None = None) -> str:
        created = at or int(clock.now().timestamp())
        head = f"<ToUserName>{self.original_id}</ToUserName><FromUserName>{self.openid}</FromUserName>"
        return f"<xml>{head}<CreateTime>{created}</CreateTime><MsgType>{kind}</MsgType>{fields}</xml>"

    def deliver(self, xml: str) -> str:
        """Seal and push; the opened reply XML, "" when the account keeps quiet."""
        stamp, nonce = str(int(clock.now().timestamp())), secrets.token_hex(5)
        sealed = re.search(r"<Encrypt><!\[CDATA\[(.*?)\]\]>", self.crypto.encrypt_message(xml, nonce, stamp))
        assert sealed is not None
        signature = hashlib.sha1("".join(sorted([self.token, stamp, nonce, sealed[1]])).encode()).hexdigest()
        query = {"timestamp": stamp, "nonce": nonce, "encrypt_type": "aes", "msg_signature": signature}
        body = f"<xml><ToUserName>{self.original_id}</ToUserName><Encrypt><![CDATA[{sealed[1]}]]></Encrypt></xml>"
        answer = self.town.client.post(self.door, query_string=query, data=body.encode())
        assert answer.status_code == 200, answer.text
        return "" if answer.text in ("", "success") else self._open(answer.text)

    def _open(self, body: str) -> str:
        parts = {name: _field(body, name) for name in ("MsgSignature", "TimeStamp", "Nonce")}
        opened = self.crypto.decrypt_message(body, parts["MsgSignature"], parts["TimeStamp"], parts["Nonce"])
        return str(opened.decode() if isinstance(opened, bytes) else opened)

    def identity(self, session: Session) -> Identity | None:
        return find_identity(session, f"oa:{self.account}", self.openid)

    def person(self, session: Session) -> Person:
        found = self.identity(session)
        assert found is not None, f"{self.name} has not spoken yet"
        return found.person

    def actor(self, session: Session) -> Actor:
        """This neighbour as an actor, for tests that call actions directly."""
        identity = self.identity(session)
        if identity is None:
            identity = Identity(kind="oa", app=f"oa:{self.account}", openid=self.openid, person=Person())
            session.add(identity)
            session.flush()
        return Actor(session, identity.person, identity)


def content_of(xml: str) -> str:
    """The words of a text reply ("" for none)."""
    return _field(xml, "Content") if xml else ""


def _field(xml: str, name: str) -> str:
    found = re.search(rf"<{name}>(?:<!\[CDATA\[(.*)\]\]>|([^<]*))</{name}>", xml, re.DOTALL)
    return (found[1] or found[2] or "").replace("]]]]><![CDATA[>", "]]>") if found else ""


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

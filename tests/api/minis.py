"""Neighbours with the mini-program: logged in by a real code of the sandbox platform, calling through Flask's client."""

from __future__ import annotations

import itertools
import json
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from models.identity import Identity, Person
from tests.neighbours import Town
from tests.sandbox.platform_process import RunningPlatform

keys = itertools.count(1)
V1 = "/api/v1"


class Mini:
    """One neighbour's mini-program."""

    def __init__(self, town: Town, platform: RunningPlatform, name: str) -> None:
        self.town, self.platform, self.name = town, platform, name
        made = platform.http.post(f"{platform.url}/phone/api/neighbours", json={"name": name}).json()
        self.neighbour = str(made["id"])
        self.client: FlaskClient = town.client
        self.token = ""
        self.identity_id = 0

    def code(self, purpose: str = "login") -> str:
        address = f"{self.platform.url}/phone/api/{self.neighbour}/mini/mini/{purpose}"
        return str(self.platform.http.post(address, timeout=10).json()["code"])

    def logs_in(self) -> Mini:
        answer = self.client.post(f"{V1}/login", json={"app": "main", "code": self.code()})
        assert answer.status_code == 200, answer.text
        self.token = answer.json["token"]
        with self.town.reading() as session:
            latest = session.scalars(select(Identity).where(Identity.kind == "mini").order_by(Identity.id))
            self.identity_id = list(latest)[-1].id
        return self

    def joins(self, phone: str = "13900000001") -> Mini:
        agreed = [{"purpose": "service", "version": 1}]
        answer = self.post("/me/join", name=self.name, phone=phone, consents=agreed)
        assert answer.status_code == 200, answer.text
        return self

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(V1 + path, query_string=query, headers=self.headers)

    def post(self, path: str, *, key: str | None = None, **body: Any) -> TestResponse:
        headers = self.headers | {"Idempotency-Key": key or f"key-{next(keys)}"}
        # A client of its own for each call: threads may post at once.
        return self.town.client.post(V1 + path, json=body, headers=headers)

    def insists(self, path: str, *, key: str | None = None, **body: Any) -> TestResponse:
        """As a client does: "busy" means that nothing was done, so the same call goes out again."""
        key = key or f"key-{next(keys)}"
        answers = (self.post(path, key=key, **body) for _ in range(20))
        return next(answer for answer in answers if answer.status_code != 503)

    def patch(self, path: str, **body: Any) -> TestResponse:
        return self.client.patch(V1 + path, json=body, headers=self.headers)

    def delete(self, path: str, **query: Any) -> TestResponse:
        return self.client.delete(V1 + path, query_string=query, headers=self.headers)

    def person(self, session: Session) -> Person:
        return session.get_one(Identity, self.identity_id).person


def problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The body of an answer that must be this problem."""
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    body: dict[str, Any] = json.loads(answer.data)
    assert (body["status"], body["code"], body["type"]) == (status, code, f"/api/docs#{code}")
    assert body["title"]
    assert body["detail"]
    return body

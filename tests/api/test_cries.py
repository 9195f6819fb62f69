"""Cries for help in forms: each is noted, and nothing that is stored beside them can be guessed back (trust 1.3, B24)."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import select

from models.confidential import ConfidentialMatter
from models.idempotency import Idempotency
from tests.api.minis import V1, Mini
from tests.neighbours import Town


def cries(town: Town) -> list[str]:
    with town.site.confidential.reading() as session:
        return [
            row.text for row in session.scalars(select(ConfidentialMatter).order_by(ConfidentialMatter.id))
        ]


def test_every_cry_in_a_call_without_a_key_is_noted(town: Town, ma: Mini) -> None:
    """A correction (PATCH) carries no Idempotency-Key: the second cry used to count as a repeat of the first."""
    for words in ("我不想活了", "我要自杀了"):
        answer = ma.client.patch(f"{V1}/me", json={"name": words}, headers=ma.headers)
        assert "12356" in answer.json["detail"]
    assert cries(town) == ["我不想活了", "我要自杀了"]


def test_one_key_with_another_cry_is_another_cry(town: Town, ma: Mini) -> None:
    for words in ("我不想活了", "我不想活了", "家里着火了"):
        agreed = [{"purpose": "service", "version": 1}]
        ma.post("/me/join", key="k", name=words, phone="13900000001", consents=agreed)
    assert cries(town) == ["我不想活了", "家里着火了"]


def test_the_hash_of_a_call_does_not_give_away_a_phone_number(town: Town, ma: Mini) -> None:
    """All phone numbers are tried in a minute: a stolen table must not be a list of them."""
    body = json.dumps({"code": "123456"}).encode()
    headers = ma.headers | {"Idempotency-Key": "k"}
    ma.client.post(f"{V1}/me/links", data=body, headers=headers, content_type="application/json")
    with town.reading() as session:
        kept = session.scalars(select(Idempotency.request_hash).where(Idempotency.key == "k")).one()
    assert kept != hashlib.sha256(f"POST {V1}/me/links\n".encode() + body).hexdigest()

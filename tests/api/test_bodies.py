"""Bodies that could be read in two ways, or not at all, are refused with 400, 413, 415 or 422; never with a fault."""

from __future__ import annotations

import pytest

from tests.api.minis import V1, Mini, problem
from tests.neighbours import Town

DEEP = "[" * 10_000 + "]" * 10_000
BAD = {
    "empty": b"",
    "no JSON": b"hello",
    "cut": b'{"slot_id": 1',
    "a key twice": b'{"slot_id": 1, "slot_id": 2}',
    "a key twice inside": b'{"slot_id": 1, "contact": {"name": "\xe9\xa9\xac", "name": "x"}}',
    "NaN": b'{"slot_id": NaN}',
    "Infinity": b'{"slot_id": -Infinity}',
    "an endless number": b'{"slot_id": 1e999}',
    "five thousand digits": b'{"slot_id": ' + b"9" * 5000 + b"}",
    "ten thousand deep": f'{{"note": {DEEP}}}'.encode(),
    "seventeen deep": b'{"note": ' + b"[" * 17 + b"]" * 17 + b"}",
    "UTF-16": '{"slot_id": 1}'.encode("utf-16"),
    "GBK": '{"note": "腿脚不便"}'.encode("gbk"),
    "a byte order mark": b'\xef\xbb\xbf{"slot_id": 1}',
    "half a surrogate pair": b'{"slot_id": 1, "note": "\\ud83d"}',
    "half a pair as a key": b'{"\\ud83d": 1}',
    "NUL": b'{"slot_id": 1, "note": "a\\u0000b"}',
}


def post(ma: Mini, body: bytes, content_type: str = "application/json"):  # type: ignore[no-untyped-def]
    headers = ma.headers | {"Idempotency-Key": "k", "Content-Type": content_type}
    return ma.town.client.post(f"{V1}/appointments", data=body, headers=headers)


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_b32_a_body_that_is_not_plain_json_is_refused(ma: Mini, body: bytes) -> None:
    problem(post(ma, body), 400, "bad_json")


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"x"', b"true"])
def test_b32_a_body_is_an_object(ma: Mini, body: bytes) -> None:
    problem(post(ma, body), 422, "invalid")


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/json; charset=gbk",
        "",
    ],
)
def test_b32_only_json_in_utf8_is_taken(ma: Mini, kind: str) -> None:
    problem(post(ma, b'{"slot_id": 1}', kind), 415, "not_json")


def test_b04_a_body_of_more_than_64_kb_is_refused_unread(ma: Mini) -> None:
    problem(post(ma, b'{"note": "' + b"x" * 65 * 1024 + b'"}'), 413, "too_large")
    headers = ma.headers | {"Idempotency-Key": "k"}
    problem(ma.client.post(f"{V1}/logout", data=b"x" * 65 * 1024, headers=headers), 413, "too_large")


@pytest.mark.parametrize(
    "said",
    [
        {"slot_id": "1"},
        {"slot_id": True},
        {"slot_id": 1.5},
        {"slot_id": 0},
        {"slot_id": 2**31},
        {"slot_id": 10**30},
        {"slot_id": None},
        {"slot_id": 1, "note": ""},
        {"slot_id": 1, "note": "   "},
        {"slot_id": 1, "note": None},
        {"slot_id": 1, "note": "a\nb"},
        {"slot_id": 1, "note": "长" * 201},
        {"slot_id": 1, "contact": []},
    ],
)
def test_b28_b32_values_that_a_field_cannot_have_are_named_but_not_repeated(
    ma: Mini, said: dict[str, object]
) -> None:
    body = problem(ma.post("/appointments", **said), 422, "invalid")
    assert body["errors"][0]["where"].startswith("body.")
    assert "长长" not in str(body)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=51", "limit=x", "limit=1.0", "limit=%2B5", "other=1", "when=never", "cursor=%00"],
)
def test_b07_b32_a_query_is_held_to_its_types_too(ma: Mini, query: str) -> None:
    problem(ma.client.get(f"{V1}/appointments?{query}", headers=ma.headers), 422, "invalid")


def test_unknown_addresses_and_methods_are_problems_too(town: Town) -> None:
    problem(town.client.get(f"{V1}/nothing"), 404, "not_found")
    answer = town.client.put(f"{V1}/me")
    problem(answer, 405, "method_not_allowed")
    assert {"GET", "PATCH", "DELETE"} <= set(answer.headers["Allow"].split(", "))


def test_ids_beyond_any_database_are_simply_not_there(town: Town, ma: Mini) -> None:
    for number in ("0", "2147483648", "9" * 40):
        problem(town.client.get(f"{V1}/notices/{number}"), 404, "not_found")
        problem(ma.post(f"/appointments/{number}/cancel"), 404, "not_found")

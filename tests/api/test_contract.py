"""The description is the contract: schemathesis calls every operation with what it allows and with what it does not."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis.checks import CHECKS, CheckContext
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from models import api_session
from models.identity import Identity, Person, find_identity
from tests.api.conftest import open_town
from tests.api.hall import a_service, a_slot
from tests.fuzz.accounts import note
from tests.neighbours import Town
from tests.sandbox.platform_process import RunningPlatform

SEEDED = ("people", "programmes", "notices", "appointments", "activities", "volunteers", "wishes", "matters")
EXAMPLES = {"sqlite": 12, "postgresql": 3}  # of each call; what the databases say differently shows in few
SEED = 20261201
MINUTES = float(os.environ.get("FUZZ_MINUTES", "0"))  # `make fuzz`: rounds from other seeds, as long as that
AT_ONCE = 5  # few, so that a round is over soon after its minutes also where the machine has much else to do


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def living_town(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    valkey_server: str,
    platform: RunningPlatform,
) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("contract")
    database = _sqlite(request, folder) if request.param == "sqlite" else _postgres(request)
    for town in open_town(folder, database, valkey_server, platform.url):
        limits = town.app.extensions["api"]["limits"]
        limits.update(dict.fromkeys(limits, 1_000_000))
        town.seed(*SEEDED)
        a_slot(town, a_service(town, "合同里的服务"), "2099-11-24 09:00", seats=1000)
        yield town


def _sqlite(request: pytest.FixtureRequest, folder: Path) -> str:
    for made in request.getfixturevalue("empty_sqlite").glob("town.db*"):
        shutil.copy(made, folder / made.name)
    return f"sqlite:///{folder}/town.db"


def _postgres(request: pytest.FixtureRequest) -> str:
    template = request.getfixturevalue("empty_postgres")
    return str(request.getfixturevalue("postgres_server").create_database("api_contract", template=template))


@pytest.fixture(scope="module")
def address(living_town: Town) -> Iterator[str]:
    """The town over HTTP."""
    server = make_server("127.0.0.1", 0, living_town.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Login:
    """One neighbour who is always logged in: made anew when the call before logged out or deleted everything."""

    def __init__(self, town: Town) -> None:
        self.town, self.token = town, ""

    def alive(self) -> str:
        with self.town.reading() as session:
            alive = api_session.logged_in(session, self.token)
        if alive is None:
            self.token = secrets.token_urlsafe(32)
            self.town.writing(self._begin)
        return self.token

    def _begin(self, session: Session) -> None:
        identity = find_identity(session, "mini:main", "o-contract")
        if identity is None:
            facts = {"kind": "mini", "app": "mini:main", "openid": "o-contract"}
            identity = Identity(**facts, person=Person(name="马秀兰", phone="13900000001"))
            session.add(identity)
            session.flush()
        api_session.begin(session, identity, self.token, "key")


def run(town: Town, address: str, seed: int, examples: int) -> tuple[list[str], int]:
    """Everything that schemathesis finds wrong, and how many calls it made."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "request-timeout": 60,  # a machine that has much else to do is no fault of the house
            "generation": {"max-examples": examples, "deterministic": seed == SEED},
            "phases": {"stateful": {"enabled": False}},
        }
    )
    description = schemathesis.openapi.from_url(f"{address}/api/openapi.json", config=config)
    description.config.update(base_url=address)

    login = Login(town)

    @description.auth(refresh_interval=None)
    class Bearer:
        def get(self, _case: Any, _context: Any) -> str:
            return login.alive()

        def set(self, case: Any, token: str, _context: Any) -> None:
            case.headers = case.headers or {}
            case.headers["Authorization"] = f"Bearer {token}"

    wrong, calls = [], 0
    for event in from_schema(description).execute():
        if isinstance(event, ScenarioFinished):
            calls += len(event.recorder.interactions)
            wrong += list(_failures(event.recorder))
        if isinstance(event, (FatalError, NonFatalError)):
            wrong.append(f"{getattr(event, 'label', '')}: {getattr(event, 'value', event)}")
    return wrong, calls


def _failures(recorder: Any) -> Iterator[str]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                asked = recorder.cases[case_id].value.as_curl_command()
                answer = recorder.interactions[case_id].response
                said = f"{answer.status_code} {answer.text}" if answer is not None else ""
                yield f"{recorder.label} {check.name}: {check.failure_info.failure}\n{asked}\n{said}"


def test_every_call_is_answered_as_the_description_says(living_town: Town, address: str) -> None:
    examples = EXAMPLES["sqlite" if living_town.site.database.is_sqlite else "postgresql"]
    wrong, calls = run(living_town, address, SEED, examples)
    assert not wrong, "\n\n".join(wrong)
    assert calls > 500


@pytest.mark.skipif(not MINUTES, reason="make fuzz gives it minutes")
def test_every_call_is_answered_as_the_description_says_for_minutes(living_town: Town, address: str) -> None:
    """Most of the time on SQLite; on PostgreSQL a fifth of it."""
    share = 0.8 if living_town.site.database.is_sqlite else 0.2
    started, seed, wrong, calls = (
        time.monotonic(),
        int(os.environ.get("SEED") or random.randrange(10**9)),
        [],
        0,
    )
    first = seed
    while not wrong and time.monotonic() - started < MINUTES * 60 * share:
        seed += 1
        wrong, more = run(living_town, address, seed, AT_ONCE)
        calls += more
    kind = "SQLite" if living_town.site.database.is_sqlite else "PostgreSQL"
    says = f"every call of the API, as described and not (schemathesis on {kind}, seed {first})"
    note(says, calls, time.monotonic() - started, seed - first, {one[:60]: "" for one in wrong})
    assert not wrong, "\n\n".join(wrong)


@schemathesis.check
def refusals_are_described(_ctx: CheckContext, response: Any, case: Any) -> None:
    """A 409 says a code that the operation names."""
    if response.status_code == 409:
        code = response.json()["code"]
        known = case.operation.definition.raw["x-refuses"]
        assert code in known or code in CHANNEL or code.startswith("care."), code


CHANNEL = {"other_body", "in_flight", "other_version", "phone_refused", "wrong_code", "bad_other"}


def test_all_checks_of_schemathesis_are_on() -> None:
    assert {check.__name__ for check in CHECKS.get_all()} >= {
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "positive_data_acceptance",
        "missing_required_header",
        "unsupported_method",
        "ignored_auth",
    }

"""What the house tells of itself: fit to serve or not, what should be looked at, and which lines belong to a request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import structlog
from sqlalchemy import text
from structlog.testing import capture_logs

from app import health, metrics, pools
from app.database import Database
from app.overload import SPARE_THREADS
from app.settings import load_settings
from app.wechat.dates import drift
from models import leader
from models.identity import Person
from models.outbox import OutboxRow
from tests.neighbours import Town
from tests.servers import PROJECT


def ready(town: Town) -> tuple[int, dict[str, object], dict[str, dict[str, object]]]:
    answer = town.client.get("/readyz")
    told = answer.get_json()
    return answer.status_code, told, told["checks"]


def test_a_house_without_a_leader_and_a_backup_serves_and_says_what_is_missing(town: Town) -> None:
    town.site.redis.flushdb()  # another town's token
    status, told, looks = ready(town)
    assert (status, told["status"], told["leader"]) == (200, "degraded", None)
    assert {name for name, look in looks.items() if not look["ok"]} >= {"leader", "backup", "token"}
    assert looks["database"]["ok"]
    assert looks["redis"]["ok"]
    assert looks["queue"] == {"ok": True, "seconds": 0.0}
    assert looks["disk"]["free_bytes"]


def test_a_house_in_which_all_is_well_says_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.writing(lambda session: leader.lead(session, "host-a 7 born"))
    (town.site.settings.data / "backups").mkdir()
    (town.site.settings.data / "backups" / "now.backup").write_bytes(b"sealed")
    town.site.redis.set(f"wechat:token:{town.site.settings.accounts[0].appid}", "kept", px=60_000)
    monkeypatch.setattr(health, "LEAST_FREE", 0)
    monkeypatch.setattr(health, "LEAST_SHARE", 0.0)
    health.note_drift(town.site, 0.25)
    try:
        status, told, looks = ready(town)
    finally:
        town.site.redis.flushdb()
    assert (status, told["status"], told["leader"]) == (200, "ok", "host-a"), looks
    assert looks["clock"] == {"ok": True, "drift_seconds": 0.25}
    assert 0 < float(str(looks["token"]["seconds_left"])) <= 60


def test_what_waits_too_long_and_a_clock_that_is_wrong_are_told(sqlite_town: Town) -> None:
    def late(session):  # type: ignore[no-untyped-def]
        session.add(person := Person())
        session.flush()
        since = datetime.now(UTC) - timedelta(minutes=11)
        row = {"once": "late", "kind": "_base.answer", "person_id": person.id, "facts": {}}
        session.add(OutboxRow(**row, created_at=since, due=since))

    sqlite_town.writing(late)
    health.note_drift(sqlite_town.site, -42)
    try:
        _, _, looks = ready(sqlite_town)
        assert not looks["queue"]["ok"]
        assert float(str(looks["queue"]["seconds"])) >= 660
        assert looks["clock"] == {"ok": False, "drift_seconds": -42.0}
        told = sqlite_town.client.get("/metrics").text
        assert 'xingfu_check_ok{check="queue"} 0.0' in told
        assert 'xingfu_check_value{check="clock"} -42.0' in told
        assert 'xingfu_leads{check="leader"} 0.0' in told
    finally:
        sqlite_town.site.redis.flushdb()


def test_a_host_without_its_database_is_not_fit_to_serve(sqlite_town: Town) -> None:
    sqlite_town.site.database = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    status, told, looks = ready(sqlite_town)
    assert (status, told["status"]) == (503, "away")
    assert not looks["database"]["ok"]
    assert sqlite_town.client.get("/healthz").status_code == 200
    assert 'xingfu_check_ok{check="database"} 0.0' in sqlite_town.client.get("/metrics").text


def test_the_lines_of_a_request_carry_the_number_that_its_answer_carries(sqlite_town: Town) -> None:
    numbers = [sqlite_town.client.get(path).headers["X-Request-ID"] for path in ("/healthz", "/nowhere")]
    assert len(set(numbers)) == 2
    bound = [structlog.contextvars.merge_contextvars]
    with capture_logs(processors=bound) as lines:
        answer = sqlite_town.client.post("/wx/main?signature=x&timestamp=1&nonce=2", data=b"<xml/>")
    assert answer.status_code >= 400
    assert [line["request"] for line in lines] == [answer.headers["X-Request-ID"]]


def test_a_resident_reads_out_the_number_that_leads_to_the_lines(
    sqlite_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "health", lambda _site: 1 / 0)
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = sqlite_town.client.get("/readyz")
    assert answer.status_code == 500
    (fault,) = [line for line in lines if line["event"] == "page_fault"]
    assert fault["request"] == answer.headers["X-Request-ID"]
    assert fault["request"] in answer.text


COUNTING = """
import os, sys
from app import metrics
for _ in range(3):
    if os.fork() == 0:
        metrics.repeats.inc(2)
        metrics.seconds.observe(0.02)
        os._exit(0)
for _ in range(3):
    os.wait()
metrics.repeats.inc()
sys.stdout.write(metrics.exposition([("xingfu_try", "a figure", {"one": 1})]).decode())
"""


def test_whoever_is_asked_tells_the_figures_of_the_whole_host(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNTING],
        cwd=PROJECT,
        env={**os.environ, metrics.FOLDER: str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "xingfu_push_repeats_total 7.0" in done.stdout
    assert "xingfu_push_seconds_count 3.0" in done.stdout
    assert 'xingfu_try{check="one"} 1.0' in done.stdout


def test_what_libraries_log_has_the_same_form_and_the_same_masks(tmp_path: Path) -> None:
    said = "import logging; logging.getLogger('urllib3').warning('asked with access_token=canary123')"
    settings = f"from app.settings import load_settings; load_settings({{'XINGFU_DATA': {str(tmp_path)!r}, 'XINGFU_CONFIG': '', 'XINGFU_HOST__NAME': 'east'}})"
    code = f"from app.logs import start_logs; {settings.replace('load_settings({', 's = load_settings({')}; start_logs(s); {said}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    line = json.loads(done.stderr)
    assert (line["host"], line["level"]) == ("east", "warning")
    assert line["event"] == "asked with access_token=***"


class Late(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response_only(404)
        self.send_header("Date", self.date_time_string(int(time.time() - 60)))
        self.end_headers()

    def log_message(self, *_words: object) -> None: ...


def test_the_clock_is_compared_with_wechats_date() -> None:
    server = HTTPServer(("127.0.0.1", 0), Late)
    Thread(target=server.handle_request, daemon=True).start()
    found = drift(f"http://127.0.0.1:{server.server_port}")
    server.server_close()
    assert found is not None
    assert abs(found - 60) < 2
    assert drift("http://127.0.0.1:1") is None


def test_more_connections_than_the_server_lends_are_a_warning_at_the_start(
    postgres_town: Town, sqlite_town: Town
) -> None:
    with postgres_town.reading() as session:
        lent = int(session.scalar(text("SHOW max_connections")) or 0)
    one = pools.needed(postgres_town.site.settings)
    assert one == 46
    assert pools.SPARE == SPARE_THREADS
    with capture_logs() as lines:
        pools.warn(postgres_town.site, hosts=(lent - pools.RESERVED) // one)
        assert lines == []
        pools.warn(postgres_town.site, hosts=lent // one + 1)
        pools.warn(sqlite_town.site, hosts=1000)
    (line,) = lines
    assert line["event"] == "too_few_connections"
    assert line["max_connections"] == lent < line["wanted"]


def test_a_pool_is_never_wider_than_postgresql_can_use(tmp_path: Path) -> None:
    environ = {"XINGFU_DATA": str(tmp_path), "XINGFU_CONFIG": "", "XINGFU_WEB__THREADS": "64"}
    settings = load_settings({**environ, "XINGFU_DATABASE__POOL": "20"})
    most = settings.database.pool + pools.OVERFLOW + pools.lane_pool(20) + pools.OVERFLOW
    assert pools.needed(settings) == 2 * most + sum(pools.SCHEDULER) + sum(pools.DELIVERY)

"""B33: what a curious visitor asks for is not there, and what lies on disk, in pages and in the example tells no secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.neighbours import Town
from tests.staff.clerks import clerk

ROOT = Path(__file__).parents[2]
CURIOUS = (
    "/.git/config",
    "/.env",
    "/config.toml",
    "/console/.git/HEAD",
    "/h5/../config.toml",
    "/static/../app/settings.py",
    "/static/console.js.map",
    "/htmx/../__init__.py",
    "/debug",
    "/console/debug",
    "/_debugbar",
    "/server-status",
    "/backup.sql",
    "/data/town.db",
    "/town.db",
    "/wsgi.py~",
    "/phpinfo.php",
    "/actuator/env",
    "/api/openapi.json.bak",
    "/?__debugger__=yes&cmd=resource&f=debugger.js",
)
SECRETS = re.compile(r"(?i)(secret|token|aes_key|password)\s*=\s*[\"'][^\"']{6,}[\"']")


@pytest.mark.parametrize("path", CURIOUS)
def test_b33_what_a_curious_visitor_asks_for_is_not_there(sqlite_town: Town, path: str) -> None:
    answer = sqlite_town.client.get(path)
    assert answer.status_code in (302, 400, 404, 405), path
    assert "Traceback" not in answer.text
    assert "def make_app" not in answer.text


def test_b33_a_fault_shows_a_number_and_nothing_of_its_cause(sqlite_town: Town) -> None:
    @sqlite_town.app.get("/h5/break")
    def broken() -> str:
        raise ValueError("secret-canary-17 in /srv/somewhere")

    answer = sqlite_town.client.get("/h5/break")
    assert answer.status_code == 500
    assert "编号" in answer.text
    for told in ("secret-canary-17", "ValueError", "Traceback", ".py"):
        assert told not in answer.text


def test_b33_pages_tell_no_secret_of_the_installation(sqlite_town: Town) -> None:
    secrets = sqlite_town.site.settings.secrets
    app = secrets.of("main")
    told = [app.secret, app.token, app.aes_key, secrets.master_key.hex(), sqlite_town.site.session_key]
    person = clerk(sqlite_town, "admin", "desk", login="chief")
    for rule in sqlite_town.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments:
            continue
        text = person.client.get(rule.rule).text
        assert not [secret for secret in told if secret in text], rule.rule


def test_b33_neither_the_example_nor_the_code_holds_a_secret() -> None:
    found = []
    for path in [
        ROOT / "config.example.toml",
        *(ROOT / "app").rglob("*.py"),
        *(ROOT / "handlers").rglob("*.py"),
    ]:
        found += [
            f"{path.relative_to(ROOT)}: {line.strip()}"
            for line in path.read_text("utf-8").splitlines()
            if SECRETS.search(line) and "…" not in line and "XINGFU" not in line
        ]
    assert found == []


def test_b33_every_page_forbids_foreign_code_and_guesses_at_its_kind(sqlite_town: Town) -> None:
    for path in ("/h5/", "/console/sign-in", "/healthz"):
        headers = sqlite_town.client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "unsafe" not in headers["Content-Security-Policy"]

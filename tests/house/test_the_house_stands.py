"""The architecture, proved by the build: who commits, who may enter, what the tables and the timetable say."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from app.site import Site
from models.base import Base
from models.confidential import ConfidentialBase
from scheduler.timetable import timetable
from tests.neighbours import Town

ROOT = Path(__file__).parents[2]
OURS = ("app", "handlers", "models", "scheduler")
LONGEST_FILE = 350
ENDINGS = ("commit", "rollback", "begin_nested")
LONGEST_FUNCTION = 60


def python_files() -> list[Path]:
    return [
        path for folder in OURS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
    ]


def test_nothing_but_the_unit_of_work_and_a_migration_commits() -> None:
    committing = []
    for path in python_files():
        nodes = ast.walk(ast.parse(path.read_text()))
        calls = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr in ENDINGS]
        committing += [str(path.relative_to(ROOT))] * len(calls)
    assert set(committing) == {"app/database.py", "app/schema.py"}


def test_imports_go_only_where_the_architecture_lets_them() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_what_answers_in_chat_asks_flask_nothing() -> None:
    """Pushes are answered before Flask, and by the scheduler when they were kept for later."""
    texts = {path: path.read_text() for path in python_files() if "handlers" in path.parts}
    in_chat = {path: text for path, text in texts.items() if "from app.dialogue import" in text}
    asks = re.compile(r"^\s*(?:from|import) (?:flask|app\.channels\.page)", re.MULTILINE)
    assert [str(path) for path, text in in_chat.items() if asks.search(text)] == []


# Who asks whom, the whole of it: docs/architecture.md shows the same list.
CALLS = {
    "activities": {"people"},
    "appointments": {"people"},
    "broadcasts": {"notices", "people"},
    "certificates": {"hours", "people"},
    "circle": {"appointments", "people"},
    "duty": {"desk"},
    "forms": {"people"},
    "hall": {"appointments", "people"},
    "hours": {"activities", "ledger", "people"},
    "launch": {"menus", "people"},
    "ledger": {"people"},
    "matters": {"people"},
    "menus": {"programmes"},
    "ratings": {"matters", "people"},
    "registers": {"people"},
    "teams": {"activities", "ledger", "people"},
    "volunteers": {"activities", "hours", "people"},
    "wishes": {"hours", "matters", "people"},
}


def test_features_call_each_other_only_through_actions_and_along_the_list() -> None:
    calls: dict[str, set[str]] = {}
    beside_the_door = []
    for path in (ROOT / "handlers").rglob("*.py"):
        feature = path.relative_to(ROOT / "handlers").parts[0]
        for name in imported(path):
            parts = name.split(".")
            if parts[0] != "handlers" or len(parts) < 2 or parts[1] in (feature, "menu", "FEATURES"):
                continue
            calls.setdefault(feature, set()).add(parts[1])
            if len(parts) > 2 and parts[2] != "actions":
                beside_the_door.append(f"{path.relative_to(ROOT)} imports {name}")
    assert calls == CALLS
    assert beside_the_door == []


def test_the_page_on_the_architecture_shows_the_same_list() -> None:
    page = (
        (ROOT / "docs" / "architecture.md")
        .read_text()
        .partition("## Who calls whom")[2]
        .partition("\n## ")[0]
    )
    told: dict[str, set[str]] = {}
    for row in page.splitlines():
        if row.startswith("| `"):
            who, whom = (set(re.findall(r"`(\w+)`", cell)) for cell in row.strip("| ").split(" | "))
            told |= dict.fromkeys(who, whom)
    assert told == CALLS


def test_a_decision_bears_the_number_of_its_file() -> None:
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [file.name[:4] for file in files]
    assert numbers == [f"{number:04}" for number in range(1, len(files) + 1)]
    assert [file.read_text("utf-8")[:6] for file in files] == [f"# {number}" for number in numbers]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_files_and_functions_stay_readable() -> None:
    long_files = {
        str(p.relative_to(ROOT)): n
        for p in python_files()
        if (n := len(p.read_text().splitlines())) > LONGEST_FILE
    }
    assert long_files == {}
    long_functions = []
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long_functions.append(f"{path.relative_to(ROOT)}:{node.name} has {lines} lines")
    assert long_functions == []


@pytest.mark.parametrize(
    ("lane", "metadata"), [("main", Base.metadata), ("confidential", ConfidentialBase.metadata)]
)
def test_migrations_end_in_exactly_what_the_models_say(town: Town, lane: str, metadata) -> None:  # type: ignore[no-untyped-def]
    database = town.site.database if lane == "main" else town.site.confidential
    with database.engine.connect() as connection:
        found = {t for t in inspect(connection).get_table_names() if t in metadata.tables}
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "target_metadata": metadata}
        )
        ours = [
            d for d in compare_metadata(context, metadata) if "toy_" not in str(d) and not _is_not_a_model(d)
        ]
    expected = {name for name in metadata.tables if not name.startswith("toy_")}
    assert found >= expected
    assert ours == []


def _is_not_a_model(difference: object) -> bool:
    """Search tables are DDL beside the model; the version table is Alembic's own."""
    return "search" in str(difference) or "alembic_version" in str(difference)


def test_every_job_has_a_row_in_the_timetable_and_a_name_of_its_own(site: Site) -> None:
    jobs = [job.name for feature in site.house.features for job in feature.jobs]
    assert len(jobs) == len(set(jobs))
    assert set(jobs) < set(timetable(site))


def test_every_job_function_is_in_the_timetable(site: Site) -> None:
    known = {job.run.__name__ for job in timetable(site).values()}
    written = set()
    for path in (ROOT / "handlers").rglob("jobs.py"):
        tree = ast.parse(path.read_text())
        written |= {f.name for f in tree.body if isinstance(f, ast.FunctionDef) and _takes_an_actor(f)}
    assert written <= known


def _takes_an_actor(function: ast.FunctionDef) -> bool:
    first = function.args.args[0].annotation if function.args.args else None
    return not function.name.startswith("_") and isinstance(first, ast.Name) and first.id == "Actor"


def test_every_route_says_who_may_enter(sqlite_town: Town) -> None:
    app: Flask = sqlite_town.app
    open_by_nature = (
        "/healthz",
        "/readyz",
        "/metrics",
        "/static",
        "/wx/",
        "/mini/",
        "/api/openapi.json",
        "/bootstrap",
        "/htmx",
    )
    silent = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(open_by_nature)
        and not hasattr(app.view_functions[rule.endpoint], "who_may")
    ]
    assert silent == []


def test_every_key_of_the_example_configuration_is_read_and_back() -> None:
    import tomllib

    from app.settings import Settings

    text = (ROOT / "config.example.toml").read_text()
    shown = tomllib.loads(
        "\n".join(line.removeprefix("# ") if _is_key(line) else line for line in text.splitlines())
    )
    fields = set(Settings.model_fields) - {"data", "secrets"}
    assert set(shown) <= set(Settings.model_fields)
    assert fields - set(shown) == set()


def _is_key(line: str) -> bool:
    return bool(re.match(r"# (\[|[a-z_]+ = )", line))

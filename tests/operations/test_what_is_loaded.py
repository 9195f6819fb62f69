"""What a program has in its memory is what it uses: delivery is small because it knows no pages and no features."""

import subprocess
import sys

from tests.servers import PROJECT

ASKED = """
import sys, tempfile, os
os.environ["XINGFU_DATA"], os.environ["XINGFU_CONFIG"] = tempfile.mkdtemp(), ""
import scheduler.delivery
from app.settings import load_settings
from app.site import Site
site = Site(load_settings())
delivery = scheduler.delivery.Delivery(site)
site.main, site.words.form("appointments.reminder")
print(*sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1:])))
"""
PAGES = (
    "handlers",
    "flask",
    "apiflask",
    "wtforms",
    "apscheduler",
    "PIL",
    "openpyxl",
    "typst",
    "qrcode",
    "pypinyin",
)
OTHERS = ("wechatpy", "requests", "urllib3", "psycopg", "holidays", "lunar_python", "granian", "alembic")


def test_delivery_loads_nothing_that_it_does_not_use() -> None:
    """It knows how messages are worded all the same."""
    asked = subprocess.run(
        [sys.executable, "-c", ASKED, *PAGES, *OTHERS],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.split() == ["handlers"], "only the list of its features' names"


WEB = """
import sys, tempfile, os
os.environ["XINGFU_DATA"], os.environ["XINGFU_CONFIG"] = tempfile.mkdtemp(), ""
import app.serve
app.serve.application.extensions["site"].doors
print(*sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1:])))
"""


def test_the_web_loads_nothing_for_what_it_rarely_does() -> None:
    """Its start is what residents wait for, and each of its workers keeps what was loaded."""
    rare = ("wechatpy", "requests", "urllib3", "PIL", "openpyxl", "xlsxwriter", "typst", "alembic", "psycopg")
    asked = subprocess.run(
        [sys.executable, "-c", WEB, *rare], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert asked.stdout.split() == []


def test_the_supervisor_loads_little_because_everybody_waits_for_it() -> None:
    told = "import sys, app.supervisor; print(*sorted({*sys.modules} & set(sys.argv[1:])))"
    dear = ("sqlalchemy", "flask", "structlog", "asyncio", "redis", "cryptography")
    asked = subprocess.run(
        [sys.executable, "-c", told, *dear], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert asked.stdout.split() == []


KNOWN = """
import scheduler.delivery
from sqlalchemy.orm import configure_mappers
from models import know_all
from models.base import Base
configure_mappers()
few = [table for table in Base.metadata.tables.values()]
ties = [key.column.table.name for table in few for key in table.foreign_keys]
know_all()
print(len(few), len(Base.metadata.tables), len(ties))
"""


def test_delivery_knows_the_tables_that_it_asks_and_those_they_lean_on() -> None:
    """Every tie of a table leads to another that is known too, or the first write would fail on it."""
    asked = subprocess.run(
        [sys.executable, "-c", KNOWN], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    few, all_tables, ties = map(int, asked.stdout.split())
    assert ties > few > 0
    assert few < all_tables / 2


LEANS = """
import builtins
from collections import defaultdict
leans, really = defaultdict(set), builtins.__import__
def noted(name, given=None, local=None, parts=(), level=0):
    leans[(given or {}).get("__name__")] |= {name, *(f"{name}.{part}" for part in parts or ())}
    return really(name, given, local, parts, level)
builtins.__import__ = noted
from models import know_all
know_all()
builtins.__import__ = really
from models.base import Base
Base.registry.configure()
def known_to(module):
    known, latest = set(), {module}
    while latest:
        known |= latest
        latest = {name for one in latest for name in leans[one]} - known
    return known
ties = [(each.class_.__module__, tie, tie.mapper.class_.__module__) for each in Base.registry.mappers for tie in each.relationships]
print(len(ties))
print(*(f"{tie} needs {there}" for here, tie, there in ties if there not in known_to(here)), sep="\\n")
"""


def test_each_module_of_models_can_be_loaded_without_the_others() -> None:
    """A relationship leads to a class that its own module imports: one that is only named fails on the first question
    of whoever happened not to load it, a part of the tests first of all."""
    asked = subprocess.run(
        [sys.executable, "-c", LEANS], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    ties, *lost = asked.stdout.split("\n")
    assert int(ties) > 100
    assert "\n".join(lost).strip() == ""

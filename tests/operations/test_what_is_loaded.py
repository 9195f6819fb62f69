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

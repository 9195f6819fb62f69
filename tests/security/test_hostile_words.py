"""What strangers and staff may type or put into an address is data everywhere: no page falls over it, none repeats it as
code (B07 SQL, B08 markup and signs that turn text around, B09 templates, B30 headers and log lines).

The walk is made from the url_map: a new page is walked without anybody thinking of it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from werkzeug.routing import Rule

from tests.neighbours import Town
from tests.staff.clerks import Clerk

SQL = (
    "' OR '1'='1",
    "1; DROP TABLE person--",
    '" UNION SELECT name FROM sqlite_master --',
    "%' AND 1=CAST('a' AS int)--",
    "\\",
)
MARKUP = (
    '<script>alert("x")</script>',
    '"><img src=x onerror=alert(1)>',
    "</textarea><b>",
    "\u202eevil\u200b",
)
TEMPLATES = ("{{1337*1337}}", "{%import os%}", "${1337*1337}", "#{1337*1337}")
WORKED_OUT = "1787569"
HEADERS = ("a\r\nSet-Cookie: x=1", "/\n\n<html>")
HOSTILE = (*SQL, *MARKUP, *TEMPLATES, *HEADERS)
ROUND = 4  # each page is asked four times, each time with other words in each place
READ_BY_PAGES = re.compile(r"""request\.args\.(?:get|getlist)\(\s*"(\w+)"|request\.args\["(\w+)"\]""")
SKIPPED = {"static", "bootstrap.static", "htmx.static"}


def parameters() -> list[str]:
    """Every name that some page reads from its address, from the code itself."""
    from pathlib import Path

    root = Path(__file__).parents[2]
    found: set[str] = set()
    for folder in ("app", "handlers"):
        for path in (root / folder).rglob("*.py"):
            found |= {one or other for one, other in READ_BY_PAGES.findall(path.read_text("utf-8"))}
    return sorted(found | {"q", "page", "day", "which", "back"})


def pages_of(town: Town, prefix: str) -> Iterator[Rule]:
    for rule in town.app.url_map.iter_rules():
        if rule.rule.startswith(prefix) and "GET" in (rule.methods or ()) and rule.endpoint not in SKIPPED:
            yield rule


def address(rule: Rule, number: int = 1) -> str:
    """An address of this page, with this number wherever a row has its own."""
    values = {name: _value(rule, name, number) for name in rule.arguments}
    built = rule.build(values)
    assert built is not None
    return built[1]


def _value(rule: Rule, name: str, number: int) -> object:
    converter = rule._converters[name]
    if type(converter).__name__ in ("Id", "IntegerConverter"):
        return number
    if hasattr(converter, "items"):
        return min(converter.items)
    return "x"


def test_b07_b08_b09_no_address_makes_a_page_fall_over_or_speak_as_code(
    inhabited: Town, everyone: Clerk
) -> None:
    names, wrong = parameters(), []
    for prefix in ("/console", "/h5"):
        for rule in pages_of(inhabited, prefix):
            for first in range(0, len(HOSTILE), ROUND):
                said = dict(zip(names, itertools.islice(itertools.cycle(HOSTILE), first, None), strict=False))
                answer = everyone.client.get(address(rule), query_string=said)
                if answer.status_code >= 500:
                    wrong.append(f"{rule.rule} {said}: {answer.status_code}")
                if answer.mimetype == "text/html" and _speaks(answer.text):
                    wrong.append(f"{rule.rule} repeats what was said: {said}")
                if "Set-Cookie: x" in str(answer.headers):
                    wrong.append(f"{rule.rule} lets a header in")
    assert wrong == []


def _speaks(page: str) -> bool:
    """Whether any of the words stand in the page as markup, or were worked out."""
    return any(hostile in page for hostile in (*MARKUP[:3], WORKED_OUT))


def test_b30_a_name_in_a_download_cannot_end_its_header(inhabited: Town) -> None:
    from io import BytesIO

    from flask import send_file

    from app.files import _plain

    for hostile in (*HEADERS, *MARKUP, "../../etc/passwd", "C:\\boot.ini", "名单\n.xlsx"):
        name = _plain(hostile)
        with inhabited.app.test_request_context():
            headers = send_file(BytesIO(b""), "text/plain", as_attachment=True, download_name=name).headers
        assert "\n" not in str(headers["Content-Disposition"])
        assert "/" not in name
        assert "\\" not in name

"""Each field of each search, and each choice that an address of ours carries, gets hostile words alone, the others as they
stand on the page: a day that is none must not hide what a name would do (B07). On both databases, which read quotes,
backslashes and NUL in different ways.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.neighbours import Town
from tests.pages.visitors import Visitor
from tests.security.bad_inputs.forms import Forms
from tests.security.conftest import ROLES
from tests.security.test_hostile_words import address, pages_of
from tests.staff.clerks import clerk

Get = Callable[..., TestResponse]
QUERY = re.compile(r'(?:href|hx-get|action)="([^"#]*\?[^"#]+)"')
BEFORE = ("'", '"', "')", "1", "1)", "%'", "`", "\\'", "x\x00'", "＇", "id", "name")
DONE = (
    " OR 1=1",
    " OR 'a'='a",
    " AND 1=(SELECT count(*) FROM sqlite_master)",
    " AND 1=CAST((SELECT version()) AS int)",
    " UNION SELECT NULL,NULL,NULL",
    "; DROP TABLE person",
    "; UPDATE person SET name='x'",
    " AND 1=(SELECT pg_sleep(5))",
    " AND randomblob(500000000)",
    " DESC, (SELECT phone FROM person)",
    " ESCAPE ''",
    "||chr(65)||",
)
AFTER = ("", "--", " -- -", "#", "/*", ";", "\x00")
ALONE = (
    "\x00",
    "'",
    "\\",
    "%",
    "_",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "-1",
    "NaN",
)


WORDS_EACH = 6


@dataclass
class Asked:
    """One page that can be asked for something: with what its address carries, and what is said when nothing is."""

    path: str
    usual: dict[str, str] = field(default_factory=dict)


def asked_by(page: str, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """What this page's own forms and links ask: where, and with which words."""
    for form in Forms(page).found:
        if form.method == "get":
            yield (
                urlsplit(form.action or path).path,
                {name: value for name, (_, value) in form.fields.items()},
            )
    for link in QUERY.findall(page):
        parts = urlsplit(unescape(link))
        yield parts.path or path, dict(parse_qsl(parts.query, keep_blank_values=True))


def everything_asked(town: Town, prefix: str, get: Get) -> dict[tuple[str, str], Asked]:
    """Every page and name of a field or choice, each once whatever row it is about."""
    found: dict[tuple[str, str], Asked] = {}
    for rule in pages_of(town, prefix):
        path = address(rule)
        answer = get(path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            for where, usual in asked_by(answer.text, path):
                if where.startswith(prefix):
                    for name in usual:
                        found.setdefault((re.sub(r"/\d+", "/1", where), name), Asked(where, usual))
    return found


def people(town: Town) -> list[tuple[int, str | None]]:
    with town.reading() as session:
        return [(one, name) for one, name in session.execute(text("SELECT id, name FROM person ORDER BY id"))]


def test_b07_every_field_of_every_search_takes_sql_as_words(lived_in: Town) -> None:
    many = clerk(lived_in, *ROLES, login="many")
    ma, words, wrong = Visitor(lived_in, lived_in.phone("马秀兰")), hostile_words(), []
    before, tried = people(lived_in), 0
    for prefix, get in (("/console", many.client.get), ("/h5", ma.client.get)):
        for (where, name), asked in everything_asked(lived_in, prefix, get).items():
            for word in itertools.islice(words, WORDS_EACH):
                tried += 1
                answer = get(asked.path, query_string=asked.usual | {name: word})
                if answer.status_code >= 500:
                    wrong.append(f"{where} {name}={word!r}: {answer.status_code}")
    assert wrong == []
    assert tried > 300
    assert people(lived_in) == before


def test_b07_a_nul_is_refused_wherever_it_stands(postgres_town: Town) -> None:
    """PostgreSQL takes none: before, an unknown visitor wrote a fault into the log with every such address."""
    ma = Visitor(postgres_town, postgres_town.phone("马秀兰"))
    assert ma.opens("/h5/guides?q=a%00b").status == 422
    assert ma.opens("/h5/b/a%00b").status == 404
    assert (
        ma.sends("/h5/matters/say/建议", text="门口放一张\x00长凳", contact="named", once="k").status == 422
    )


def hostile_words() -> Iterator[str]:
    """Every beginning with every act and ending, in an order in which neighbours differ in all three; then what bites
    by itself."""
    made = [*map("".join, itertools.product(BEFORE, DONE, AFTER)), *ALONE * 40]
    return itertools.cycle(made[at * 389 % len(made)] for at in range(len(made)))

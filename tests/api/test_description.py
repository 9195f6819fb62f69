"""The description and its manual: complete, without anybody else's address, true about who may and what is refused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from app.channels.api import problems
from tests.api.minis import V1
from tests.neighbours import Town

ROOT = Path(__file__).parents[2]


def described(town: Town) -> dict[str, Any]:
    answer = town.client.get("/api/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json)


def operations(town: Town) -> list[tuple[str, str, dict[str, Any]]]:
    spec = described(town)
    return [(path, method, one) for path, all_ in spec["paths"].items() for method, one in all_.items()]


def test_every_route_of_the_api_is_described_and_nothing_else(town: Town) -> None:
    spec = described(town)
    assert spec["openapi"].startswith("3.1")
    mounted = {
        re.sub(r"<(?:int:)?([a-z_]+)>", r"{\1}", rule.rule)
        for rule in town.app.url_map.iter_rules()
        if rule.rule.startswith(f"{V1}/")
    }
    assert set(spec["paths"]) == mounted


def test_every_form_of_a_body_has_a_name_of_its_own(town: Town) -> None:
    """The description holds them all in one list: the second of a name would be described as the first."""
    modules: dict[str, set[str]] = {}
    for form in _below(BaseModel):
        if form.__module__.startswith(("handlers.", "app.")):
            modules.setdefault(form.__name__, set()).add(form.__module__)
    assert len(modules) > 100
    assert {name: found for name, found in modules.items() if len(found) > 1} == {}


def _below(form: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in form.__subclasses__():
        yield one
        yield from _below(one)


def test_every_post_but_the_login_needs_a_key(town: Town) -> None:
    for path, method, operation in operations(town):
        has_key = {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
        assert has_key == (method == "post" and path != f"{V1}/login"), path


def test_every_operation_says_what_it_is_and_every_reference_leads_somewhere(town: Town) -> None:
    spec = described(town)
    for path, method, operation in operations(town):
        assert operation["summary"], (path, method)
        assert operation["tags"]
    for reference in set(re.findall(r'"\$ref":\s*"#/([^"]+)"', town.client.get("/api/openapi.json").text)):
        node: Any = spec
        for part in reference.split("/"):
            node = node[part]
        assert node


def test_every_code_that_is_named_has_words(town: Town) -> None:
    words = town.site.words
    for path, _, operation in operations(town):
        for code in operation["x-refuses"]:
            assert words.has(code), (path, code)


def test_every_problem_that_is_raised_has_words_and_back() -> None:
    raised = set(problems.BY_STATUS.values()) | {"fault"}
    for path in [*(ROOT / "app/channels/api").glob("*.py"), *(ROOT / "handlers").glob("*/api*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                raised |= {part.value for part in node.args[1:2] if isinstance(part, ast.Constant)}
    assert raised == set(problems.sentences())


class Page(HTMLParser):
    """What a page loads, links to and names."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.tags.add(tag)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        self.loads += [given[name] for name in ("src",) if name in given]
        if tag == "link":
            self.loads.append(given["href"])
        if tag == "a":
            self.links.add(given["href"])
        if "id" in given:
            self.ids.append(given["id"])


def test_the_manual_is_one_page_of_our_own(town: Town) -> None:
    answer = town.client.get("/api/docs")
    page = Page()
    page.feed(answer.text)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert not page.tags & {"script", "style", "iframe"}
    assert page.inline == []
    assert all(address.startswith(("/", "data:,")) for address in page.loads)
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    for path, method, operation in operations(town):
        assert f"{method.upper()}{path}" in page.ids
        assert set(operation["x-refuses"]) <= set(page.ids)
    assert set(problems.sentences()) <= set(page.ids)

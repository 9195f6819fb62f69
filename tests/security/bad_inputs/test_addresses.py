"""Addresses that strangers hand us are words and nothing else: no request of ours ever goes there (B21), none of ours sends a
browser elsewhere (B22), none gets into a header or a line of a log (B30).

Our own calls go to WeChat's configured host alone, without redirects (tests/wechat/test_wire.py, tests/security/test_settings.py).
"""

from __future__ import annotations

import itertools
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.logs import start_logs
from scheduler.hands import run_errands
from tests.neighbours import Town
from tests.pages.visitors import Visitor
from tests.security.bad_inputs.forms import forms_of
from tests.security.test_hostile_words import address, pages_of
from tests.staff.clerks import Clerk

INSIDE = (
    "http://127.0.0.1:{port}/x",
    "http://[::1]:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x",
    "http://0x7f.1:{port}/x",
    "http://2130706433:{port}/x",
    "http://017700000001:{port}/x",
    "http://localhost:{port}/x",
    "http://rebind.test:{port}/x",
    "http://api.weixin.qq.com@127.0.0.1:{port}/x",
    "http://169.254.169.254/latest/meta-data/",
    "gopher://127.0.0.1:{port}/_x",
    "file:///etc/passwd",
    "//127.0.0.1:{port}/x",
)
ELSEWHERE = (
    "//evil.test",
    "https:evil.test",
    "https:/evil.test",
    "\\evil.test",
    "\\\\evil.test",
    "/\\evil.test",
    "https://evil.test/",
    "javascript:alert(1)",
    "/console/\r\nSet-Cookie: x=1",
    "/h5/%0d%0aLocation:%20//evil.test",
    "data:text/html,x",
    "\t//evil.test",
)


class Canary:
    """Listens on both loopback addresses, and notes every name that is looked up: nobody may come, none may be asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.visits: list[str] = []
        self.names: set[str] = set()
        self._servers = [socket.create_server(("127.0.0.1", 0))]
        self.port = int(self._servers[0].getsockname()[1])
        if socket.has_dualstack_ipv6():
            self._servers.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        for server in self._servers:
            threading.Thread(target=self._listen, args=(server,), daemon=True).start()
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _listen(self, server: socket.socket) -> None:
        while True:
            try:
                caller, where = server.accept()
            except OSError:
                return
            self.visits.append(str(where))
            caller.close()

    def _look_up(self, host: Any, *args: Any, **more: Any) -> Any:
        """A resolver that says whatever an attacker wants it to say: rebind.test is this machine."""
        self.names.add(str(host))
        return self._real("127.0.0.1" if host == "rebind.test" else host, *args, **more)

    def close(self) -> None:
        for server in self._servers:
            server.close()


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Canary]:
    made = Canary(monkeypatch)
    yield made
    made.close()


def test_b21_no_address_that_somebody_sends_is_ever_called(
    inhabited: Town, everyone: Clerk, canary: Canary
) -> None:
    """In pushes of every kind, in what staff write, and in what hands and errands do with it afterwards."""
    ma = inhabited.phone("马秀兰")
    ma.says("人工")
    for form in INSIDE:
        target = form.format(port=canary.port)
        ma.sends("image", MediaId=target[:60], PicUrl=target)
        ma.sends("link", Title="看看", Description=target, Url=target)
        ma.sends("voice", MediaId="m", Format="amr", Recognition=target)
        ma.sends("video", MediaId=target[:60], ThumbMediaId=target[:60])
        ma.says(target)
        ma.scans(target[:60])
        everyone.sends("/console/notices/new", title=f"看看 {target}"[:60], sentence=target, text=target)
        inhabited.client.get("/h5/", headers={"Referer": target, "Host": urlsplit(target).netloc or "x"})
    _fill_in(inhabited, everyone, itertools.cycle(form.format(port=canary.port) for form in INSIDE))
    inhabited.works()
    run_errands(inhabited.site)
    ours = {urlsplit(inhabited.site.settings.platform.api_base).hostname, "localhost", "127.0.0.1"}
    assert canary.visits == []
    assert canary.names <= ours | {None}


def _fill_in(town: Town, many: Clerk, targets: Iterator[str]) -> None:
    """Addresses in every field of every form, of the staff and of residents: pictures, links, units, what is tested."""
    ma = Visitor(town, town.phone("马秀兰"))
    for prefix, client, token in (("/console", many.client, many.token()), ("/h5", ma.client, "")):
        for form in forms_of(town, prefix, client.get).values():
            sent = form.filled(lambda: next(targets), wholly=False)
            client.post(form.action, data=sent | ({"csrf_token": token} if token else {}))


# ---- ways back --------------------------------------------------------------------------------------------------------------


def leads_out(location: str) -> bool:
    """Whether a browser would leave our host, as browsers read it: backslashes are slashes, blanks are dropped."""
    read = location.strip().replace("\\", "/").replace("\t", "").replace("\n", "")
    parts = urlsplit(read)
    return bool(parts.netloc or parts.scheme) and parts.hostname not in (
        "localhost",
        "open.weixin.qq.com",
        "127.0.0.1",
    )


def test_b22_no_parameter_of_any_page_leads_elsewhere(inhabited: Town, everyone: Clerk) -> None:
    ma = Visitor(inhabited, inhabited.phone("马秀兰"))
    names = ("back", "next", "to", "url", "return", "redirect_uri", "state", "path", "code")
    wrong, around = [], itertools.count()
    for prefix, client in (("/console", everyone.client), ("/h5", ma.client)):
        for rule in pages_of(inhabited, prefix):
            if rule.arguments and rule.endpoint.partition(".")[0] not in (
                "pages",
                "staff_console",
                "staff_pages",
            ):
                continue
            every = 1 if "sign" in rule.rule or rule.endpoint.startswith("pages.") else 4
            for hostile in ELSEWHERE[next(around) % every :: every]:
                answer = client.get(address(rule), query_string=dict.fromkeys(names, hostile))
                if leads_out(answer.headers.get("Location", "")):
                    wrong.append(f"{rule.rule} {hostile!r} → {answer.headers['Location']}")
                if "x=1" in str(answer.headers.getlist("Set-Cookie")):
                    wrong.append(f"{rule.rule} {hostile!r} sets a cookie")
    assert wrong == []


# ---- logs and headers ---------------------------------------------------------------------------------------------------------


@contextmanager
def broken(town: Town) -> Iterator[None]:
    """The start page falls over."""

    def fails(**_names: object) -> str:
        raise ValueError("line one\nline two \x1b[31mred\x1b[0m")

    whole = town.app.view_functions["pages.home"]
    town.app.view_functions["pages.home"] = fails
    try:
        yield
    finally:
        town.app.view_functions["pages.home"] = whole


def test_b30_what_callers_claim_makes_no_line_and_no_colour_in_the_log(
    sqlite_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    claims = {
        "User-Agent": 'x\x1b[2J {"level": "info"}',
        "X-Forwarded-For": "1.2.3.4\x1b[31m",
        "X-Request-Id": "x\x1b[31m" + "9" * 300,
        "Referer": "http://x/\x1b]0;title\x07",
    }
    start_logs(sqlite_town.site.settings)  # to where this test listens
    with broken(sqlite_town):
        assert sqlite_town.client.get("/h5/?q=a%0a%1b[31m", headers=claims).status_code == 500
    sqlite_town.client.post(
        "/wx/main?timestamp=1%0a2&nonce=%1b[31m&msg_signature=x%0d%0ay", data=b"\x1b[31m<xml/>\nx"
    )
    ma = sqlite_town.phone("马秀兰")
    ma.says('第一行\n{"event": "forged"}\r\n\x1b[31m'.replace("\x1b", ""))
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    lines = [line for line in said.out.splitlines() if line.strip()]
    assert lines
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert "forged" not in [json.loads(line).get("event") for line in lines]


def test_b30_no_claim_of_a_caller_comes_back_in_a_header(sqlite_town: Town) -> None:
    claims = {
        "X-Forwarded-Host": "evil.test",
        "X-Original-URL": "/console",
        "X-Request-Id": "evil.test",
        "Origin": "x",
    }
    for path in ("/console", "/h5/", "/h5/me", "/wx/main", "/nowhere"):
        answer = sqlite_town.client.get(path, headers=claims)
        assert "evil.test" not in str(answer.headers), path

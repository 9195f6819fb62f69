"""Addresses that strangers choose: ids that are none, hosts that are not ours, callers who claim another address
(B21, B30), and forms that somebody else's page sends (B17)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.test import create_environ, run_wsgi_app

from app import create_app
from app.site import Site
from tests.neighbours import Town
from tests.pages.conftest import Browser
from tests.staff.clerks import clerk

HUGE = "9" * 23
PUBLIC = "https://xingfu.community.test"
PROXIED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.test"}


def live_app(site: Site, **web: Any) -> Flask:
    """The application as it runs for residents, behind a proxy."""
    changed = site.settings.web.model_copy(update={"public_url": PUBLIC, **web})
    site.settings = site.settings.model_copy(update={"mode": "live", "web": changed})
    app = create_app(site)

    @app.get("/h5/who-calls")
    def who_calls() -> dict[str, str | None]:
        return {"address": request.remote_addr, "scheme": request.scheme, "host": request.host}

    return app


@pytest.mark.parametrize("path", ["/h5/screen/{}/x", "/h5/screen/{}/x/code", "/api/v1/notices/{}"])
@pytest.mark.parametrize("number", [HUGE, str(2**31), str(2**63)])
def test_a_number_that_no_row_can_have_is_a_page_that_is_not_there(
    sqlite_town: Town, path: str, number: str
) -> None:
    """Before, an unknown visitor wrote a traceback into the log with every such address."""
    assert sqlite_town.client.get(path.format(number)).status_code == 404


@pytest.mark.parametrize("path", ["/console/accounts/{}", "/console/trail?page={}"])
def test_the_console_takes_no_number_that_the_database_cannot_hold(sqlite_town: Town, path: str) -> None:
    reader = clerk(sqlite_town, "admin" if "accounts" in path else "auditor")
    assert reader.opens(path.format(HUGE)).status_code in (200, 404)


def test_b30_in_real_use_a_foreign_host_is_refused(site: Site) -> None:
    """B30: redirects are made of the Host, and caches keep them."""
    client = live_app(site).test_client()
    answer = client.get("/console", headers={"Host": "evil.test"})
    assert answer.status_code == 400
    assert "evil.test" not in str(answer.headers)
    for ours in ("xingfu.community.test", "xingfu.community.test:443", "127.0.0.1:8000", "localhost:8000"):
        assert client.get("/healthz", headers={"Host": ours}).status_code == 200


@pytest.mark.parametrize("host", ["..", "a..b", "x" * 64, "x" * 300 + ".test", "[::1", "a b", "a:99999", ""])
@pytest.mark.parametrize("path", ["/console/sign-in", "/h5/", "/healthz"])
def test_b30_in_the_sandbox_a_host_that_is_no_name_is_refused_too(
    sqlite_town: Town, host: str, path: str
) -> None:
    """Before, the page that should have said so had no address of its own and broke: an answer of 500."""
    answer = sqlite_town.client.get(path, headers={"Host": host})
    assert (answer.status_code, answer.text) == (400, "This is not our address.")


@pytest.mark.parametrize("host", ["localhost:5100", "192.168.1.7:5100", "[::1]:5100", "my-laptop.local"])
def test_in_the_sandbox_every_name_of_a_developers_machine_will_do(sqlite_town: Town, host: str) -> None:
    assert sqlite_town.client.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_health_check_that_names_no_host_is_answered(site: Site) -> None:
    """HTTP/1.0, as balancers of load ask."""
    asked = create_environ("/healthz")
    del asked["HTTP_HOST"]
    assert run_wsgi_app(live_app(site), asked)[1] == "200 OK"
    as_granian_says_it = create_environ("/healthz") | {"HTTP_HOST": "", "SERVER_PROTOCOL": "HTTP/1"}
    assert run_wsgi_app(live_app(site), as_granian_says_it)[1] == "200 OK"


def test_b30_the_proxy_is_believed_about_the_address_and_the_scheme(site: Site) -> None:
    app = live_app(site, trusted_proxies=("10.0.0.0/8", "::1"))
    told = {"environ_base": {"REMOTE_ADDR": "10.1.2.3"}, "base_url": PUBLIC, "headers": PROXIED}
    seen = app.test_client().get("/h5/who-calls", **told).json
    assert seen == {"address": "203.0.113.9", "scheme": "https", "host": "xingfu.community.test"}


@pytest.mark.parametrize("caller", ["192.0.2.7", "fe80::1", ""])
def test_b30_who_comes_past_the_proxy_cannot_choose_an_address(site: Site, caller: str) -> None:
    """B30: wrong sign-ins and calls are counted by address."""
    app = live_app(site, trusted_proxies=("10.0.0.0/8",))
    told = {"environ_base": {"REMOTE_ADDR": caller}, "base_url": PUBLIC, "headers": PROXIED}
    seen = app.test_client().get("/h5/who-calls", **told).json
    assert seen["address"] == caller


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["origin", "null", "fetch-site"],
)
def test_b17_a_page_of_somebody_else_cannot_check_a_resident_out(
    browser: Browser, headers: dict[str, str]
) -> None:
    browser.opens("/h5/hours")
    refused = browser.client.post("/h5/left/1", headers=headers)
    assert refused.status_code == 403
    assert "不是从我们的页面来的,什么也没有改" in refused.text, "they may see the page all the same"
    ours = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert browser.client.post("/h5/left/1", headers=ours).status_code == 409


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}])
@pytest.mark.parametrize("path", ["/h5/rate/123456", "/h5/certificates/posting/1", "/h5/matters/quiet"])
def test_b17_a_page_of_somebody_else_cannot_cry_for_help_in_a_residents_name(
    browser: Browser, path: str, headers: dict[str, str]
) -> None:
    """Before, browsers that know no SameSite let it: these pages ask nobody who they are, but listen to who is known."""
    browser.opens("/h5/hours")
    assert browser.client.post(path, data={"text": "不想活了"}, headers=headers).status_code == 403
    assert "12356" in browser.client.post(path, data={"text": "不想活了"}).text


@pytest.mark.parametrize(
    ("file", "setting"), [("nginx.conf", "proxy_request_buffering on;"), ("Caddyfile", "request_buffers")]
)
def test_b04_b29_a_body_that_never_ends_waits_at_the_proxy(file: str, setting: str) -> None:
    """B04: a thread that reads a body waits for its end, and eight of them are the whole house."""
    assert setting in (Path(__file__).parents[2] / "deploy" / file).read_text("utf-8")


NO_ADDRESS = "http://["


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/h5/letters/big", 302),
        ("/h5/search?q=不想活了", 200),
        ("/h5/circle/sdk?page=http://[", 404),
        ("/console/today", 204),
    ],
)
def test_b30_what_is_no_address_is_read_as_none(sqlite_town: Town, path: str, expected: int) -> None:
    """Before, a browser whose header said "http://[" got a fault of ours, also where it cried for help."""
    claims = {"Referer": NO_ADDRESS, "HX-Current-URL": NO_ADDRESS, "HX-Request": "true"}
    assert sqlite_town.client.get(path, headers=claims).status_code == expected


@pytest.mark.parametrize("path", ["/h5/left/1", "/console/sign-in"])
def test_b17_a_form_from_no_address_is_somebody_elses(sqlite_town: Town, path: str) -> None:
    assert sqlite_town.client.post(path, headers={"Origin": NO_ADDRESS}).status_code == 403

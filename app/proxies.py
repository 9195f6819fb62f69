"""Who is calling, and by which of our names, when a reverse proxy stands in front.

Wrong sign-ins and calls are counted by address. Whoever reaches the port past the proxy must not be able to choose
theirs with every request. X-Forwarded-Host is not read at all: proxies pass the Host on, and a client's claim with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class BehindProxies:
    """Believes the proxies (addresses or networks) about address and scheme; all others speak for themselves."""

    def __init__(self, app: WSGIApplication, proxies: Sequence[str]) -> None:
        self._direct = app
        self._told = ProxyFix(app, x_for=1, x_proto=1, x_host=0)
        self._proxies = [ip_network(proxy, strict=False) for proxy in proxies]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        app = self._told if self._is_proxy(environ.get("REMOTE_ADDR", "")) else self._direct
        return app(environ, start_response)

    def _is_proxy(self, address: str) -> bool:
        try:
            caller = ip_address(address)
        except ValueError:
            return False
        return any(caller in network for network in self._proxies)


class OwnHosts:
    """Answers only to our public name, and to this machine's for the proxy and the health checks: redirects are made
    of the Host, and what was made of a foreign one may be kept by a cache. (Flask's TRUSTED_HOSTS leaves its own error
    page without addresses.) Without a public name every name will do, if it is one. A health check by HTTP/1.0
    names none: then addresses are made of the server's own."""

    def __init__(self, app: WSGIApplication, public_url: str | None) -> None:
        self._app = app
        self._ours = [urlsplit(public_url).hostname or "", "127.0.0.1", "localhost"] if public_url else None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_HOST") == "" and environ.get("SERVER_PROTOCOL") in ("HTTP/1", "HTTP/1.0"):
            del environ["HTTP_HOST"]  # granian's word for none
        host: str | None = environ.get("HTTP_HOST")
        if host is None or (host_is_trusted(host, self._ours) and (self._ours or _is_name(host))):
            return self._app(environ, start_response)
        start_response("400 Bad Request", [("Content-Type", "text/plain")])
        return [b"This is not our address."]


def _is_name(host: str) -> bool:
    """Whether addresses can be made of it: no label is empty or longer than a name's may be."""
    try:
        host.partition(":")[0].encode("idna")
    except UnicodeError:
        return False
    return True

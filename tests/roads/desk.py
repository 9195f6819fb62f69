"""A member of the staff at a browser: invited by the command line, then only pages and forms of the console."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import requests

from tests.roads.street import Street
from tests.stack import PROJECT

PASSWORD = "春天到湟水河边走走"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Clerk:
    """`login` is one of the invented colleagues of handlers/staff/seed.py; made, they are signed in."""

    def __init__(self, street: Street, login: str) -> None:
        self.street = street
        self.http = requests.Session()
        way_in = self._invitation(login)
        self.opens(way_in)
        answer = self.sends(way_in, password=PASSWORD, again=PASSWORD)
        assert answer.url.rstrip("/").endswith("/console"), answer.text

    def opens(self, path: str) -> requests.Response:
        answer = self.http.get(f"{self.street.stack.web}{path}", timeout=10)
        assert answer.status_code == 200, answer.text
        self._page = answer.text
        return answer

    def sends(self, path: str, **fields: Any) -> requests.Response:
        """Send a form of the page that stands open; the page to which it leads."""
        found = TOKEN.search(self._page)
        assert found, self._page
        body = {"csrf_token": found[1], **fields}
        answer = self.http.post(f"{self.street.stack.web}{path}", data=body, timeout=10)
        assert answer.status_code == 200, answer.text
        self._page = answer.text
        return answer

    def sends_file(self, path: str, field: str, name: str, content: bytes) -> requests.Response:
        """Send a form of the page that stands open with a file in it."""
        found = TOKEN.search(self._page)
        assert found, self._page
        address, files = f"{self.street.stack.web}{path}", {field: (name, content)}
        answer = self.http.post(address, data={"csrf_token": found[1]}, files=files, timeout=20)
        assert answer.status_code == 200, answer.text
        self._page = answer.text
        return answer

    def _invitation(self, login: str) -> str:
        """The path of the one-time link that the command prints."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "staff", "invite", "--login", login]
        environ = self.street.stack.environ
        done = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=True)
        found = re.search(r"/console/\S*invitation/\S+", done.stdout)
        assert found, done.stdout
        return found[0]

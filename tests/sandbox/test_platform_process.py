"""The process itself: restart, end, a taken port, a broken file."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from tests.sandbox.platform_process import account, free_port, launch, start_platform


def test_state_survives_a_restart_and_sigterm_ends_it_cleanly(tmp_path: Path) -> None:
    apps = {"accounts": [account("http://127.0.0.1:9/nobody")], "miniprograms": []}
    first = start_platform(tmp_path, apps)
    first.control("PUT", "/settings", deliveries=1)
    first.phone("ma-xiulan", "follow")
    first.control("PUT", "/clock", offset=86400)
    token = first.token()
    assert first.stop() == 0
    second = start_platform(tmp_path, apps, int(first.url.rsplit(":", 1)[1]))
    try:
        assert second.chat("ma-xiulan")["following"] is True
        assert second.control("GET", "/clock")["offset"] == 86400
        assert second.token() == token
    finally:
        assert second.stop() == 0


def test_a_taken_port_and_a_broken_apps_file_are_one_line_each(tmp_path: Path) -> None:
    apps = {"accounts": [account("http://127.0.0.1:9/nobody")], "miniprograms": []}
    running = start_platform(tmp_path, apps)
    try:
        code, text = _refused(running.arguments)
    finally:
        running.stop()
    assert (code, text) == (1, f"sandbox: port {running.url.rsplit(':', 1)[1]} is taken\n")
    (tmp_path / "apps.json").write_text("{")
    code, text = _refused([each.replace(running.url[17:], str(free_port())) for each in running.arguments])
    assert code == 1
    assert text.startswith("sandbox: cannot read ")
    assert text.count("\n") == 1


def _refused(arguments: list[str]) -> tuple[int, str]:
    process = launch(arguments)
    try:
        text = process.communicate(timeout=10)[1]
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        raise
    return process.returncode, text

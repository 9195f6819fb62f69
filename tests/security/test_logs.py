"""Logs tell machines what happened and nobody who it happened to (I11, B30, trust 1.8)."""

from __future__ import annotations

import json

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

from app.logs import start_logs
from app.site import Site
from models.staff import StaffMember
from tests.neighbours import Town

CANARIES = ("13912345678", "63010219900307123X", "s3cr3t-value-17", "oNotAnOpenidOfTheUsualForm")


def test_b33_what_is_named_a_secret_or_a_person_is_masked_however_deep_it_lies(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    start_logs(site.settings)
    phone, card, secret, openid = CANARIES
    said = {
        "openid": openid,
        "answer": {"access_token": secret, "rows": [{"touser": openid}, f"call {phone}"]},
    }
    structlog.get_logger().warning("oauth_failed", note=f"card {card}", **said)
    written = capsys.readouterr().out
    assert json.loads(written)["event"] == "oauth_failed"
    assert not [word for word in CANARIES if word in written]


def test_b30_one_line_of_log_stays_one_line_whatever_it_quotes(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """B30: line breaks and terminal colours of a stranger are data."""
    start_logs(site.settings)
    structlog.get_logger().warning("page_fault", path='/x\n{"event": "forged"}\x1b[31m')
    assert capsys.readouterr().out.count("\n") == 1


def test_b33_a_database_fault_does_not_repeat_what_was_being_stored(town: Town) -> None:
    """The text of an exception goes into the log with its traceback."""
    twins = [StaffMember(login="twin", name="家住东府佳苑", roles=[]) for _ in range(2)]
    with pytest.raises(IntegrityError) as fault:
        town.writing(lambda session: session.add_all(twins))
    assert "东府佳苑" not in str(fault.value)


@pytest.mark.parametrize("address", ["/console/invitation/{}", "/h5/matters/received/{}"])
def test_b33_a_fault_names_the_route_and_not_what_was_secret_in_the_address(
    sqlite_town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(sqlite_town.site.database, "reading", breaks)
    monkeypatch.setattr(sqlite_town.site.database, "writing", breaks)
    assert sqlite_town.client.get(address.format("s3cr3t-value-17-in-the-address")).status_code == 500
    written = capsys.readouterr().out
    assert "page_fault" in written
    assert address.partition("{")[0] in written
    assert "s3cr3t-value-17" not in written

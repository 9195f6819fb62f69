"""What the tests of notices do again and again: write one, read it as a reviewer, publish it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from models.notices import Notice
from tests.staff.clerks import Clerk

NOTICE = {
    "title": "冬季取暖补贴开始办了",
    "category": "政策",
    "source": "东城区民政局",
    "summary": "低保户可以领取暖补贴。\n带上身份证到2号窗口。",
    "bring": "身份证\n低保证\n",
    "valid_from": "2026-11-01",
    "valid_until": "2030-12-31",
}
PROOFS = ("typos", "facts", "basis")


def write(wang: Clerk, **other: Any) -> str:
    """The path of the new draft."""
    answer = wang.sends("/console/notices/new", **NOTICE | other)
    assert answer.status_code == 302, wang.words
    return str(answer.headers["Location"])


def read_by(
    reviewer: Clerk,
    path: str,
    stage: str = "",
    *,
    version: int = 1,
    verdict: str = "pass",
    proofs: Sequence[str] = PROOFS,
    comment: str = "",
) -> TestResponse:
    """A verdict of this reviewer on a version."""
    with reviewer.town.reading() as session:
        stage = stage or next(role for role in reviewer.member(session).roles if role.endswith("review"))
    told = {
        "stage": stage,
        "version": str(version),
        "verdict": verdict,
        "proofs": list(proofs),
        "comment": comment,
    }
    return reviewer.sends(f"{path}/review", follow=True, **told)


def publish(li: Clerk, path: str, version: int = 1) -> None:
    li.sends(f"{path}/publish", follow=True, version=str(version))


def row(wang: Clerk) -> Notice:
    """The notice that was begun last."""
    with wang.town.reading() as session:
        found = session.scalars(select(Notice).order_by(Notice.id.desc())).first()
        assert found is not None
        session.expunge(found)
        return found

"""Bad moments that tests bring about: a database that somebody else holds, a sender that died half-way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

from sqlalchemy import create_engine

from app import clock
from models import dispatch
from tests.scheduler.conftest import Post, Reader

TEMPLATE, CUSTOM, TOKEN = (
    "/cgi-bin/message/template/send",
    "/cgi-bin/message/custom/send",
    "/cgi-bin/stable_token",
)
LEASE_OVER = timedelta(seconds=61)


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody else holds the outbox."""
    engine = create_engine(url)
    with closing(engine.connect()) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA busy_timeout=3000")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()
    engine.dispose()


def begins_and_dies(post: Post, reader: Reader, once: str) -> None:
    """A card that the platform has taken and of which we noted only that its sending began."""
    reader.is_reminded(once)
    (claimed,) = post.town.writing(lambda session: dispatch.claim(session, 1, 1, LEASE_OVER))
    due = clock.now() + LEASE_OVER
    assert post.town.writing(lambda session: dispatch.begin(session, {claimed: "template"}, due)) == {claimed}
    data = {"thing1": "高龄补贴", "time2": "2026年12月1日 09:30", "thing3": "2号窗口", "thing4": "请带身份证"}
    key = post.row(once).client_id
    post.site.main.templates.send(reader.openid, "appointment", data, client_msg_id=key)

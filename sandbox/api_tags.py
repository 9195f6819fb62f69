"""Tags: at most 100, at most 20 on one follower, names of at most 30 bytes, numbers 0 to 2 the platform's own."""

from __future__ import annotations

from typing import Any

from sandbox.api_users import page, reader_of
from sandbox.contacts import contact
from sandbox.errors import Refused
from sandbox.gateway import OK, Answer, Call, Endpoints
from sandbox.neighbours import openid_of
from sandbox.tags import tagged, tags_of

endpoints = Endpoints()
FIRST = 100  # the platform hands out numbers from here


def _name(call: Call) -> str:
    given = call.body.get("tag")
    name = given.get("name") if isinstance(given, dict) else None
    if not isinstance(name, str) or not name:
        raise Refused(45157)
    if len(name.encode()) > 30:
        raise Refused(45158)
    if call.db.execute("SELECT 1 FROM tag WHERE app = ? AND name = ?", (call.app.name, name)).fetchone():
        raise Refused(45157)
    return name


def _known(call: Call, id_: Any) -> int:
    """Raises Refused 45058 for the platform's own tags and 45159 for unknown ones."""
    if id_ in (0, 1, 2):
        raise Refused(45058)
    found = call.db.execute("SELECT id FROM tag WHERE app = ? AND id = ?", (call.app.name, id_)).fetchone()
    if found is None:
        raise Refused(45159)
    return int(found["id"])


def _id(call: Call) -> int:
    given = call.body.get("tag")
    return _known(call, given.get("id") if isinstance(given, dict) else None)


@endpoints.post("/cgi-bin/tags/create", needs="users")
def create(call: Call) -> Answer:
    name = _name(call)
    count, last = call.db.execute(
        "SELECT count(*), max(id) FROM tag WHERE app = ?", (call.app.name,)
    ).fetchone()
    if count >= 100:
        raise Refused(45056)
    made = (last or FIRST - 1) + 1
    call.db.execute("INSERT INTO tag VALUES (?, ?, ?)", (call.app.name, made, name))
    return {"tag": {"id": made, "name": name}}


@endpoints.get("/cgi-bin/tags/get", needs="users")
def get(call: Call) -> Answer:
    query = (
        "SELECT t.id, t.name, count(g.neighbour) AS count FROM tag t LEFT JOIN tagging g"
        " ON g.app = t.app AND g.tag = t.id WHERE t.app = ? GROUP BY t.id, t.name ORDER BY t.id"
    )
    return {"tags": [dict(row) for row in call.db.execute(query, (call.app.name,))]}


@endpoints.post("/cgi-bin/tags/update", needs="users")
def update(call: Call) -> Answer:
    id_ = _id(call)
    call.db.execute("UPDATE tag SET name = ? WHERE app = ? AND id = ?", (_name(call), call.app.name, id_))
    return OK


@endpoints.post("/cgi-bin/tags/delete", needs="users")
def delete(call: Call) -> Answer:
    id_ = _id(call)
    call.db.execute("DELETE FROM tagging WHERE app = ? AND tag = ?", (call.app.name, id_))
    call.db.execute("DELETE FROM tag WHERE app = ? AND id = ?", (call.app.name, id_))
    return OK


def _readers(call: Call) -> list[str]:
    openids = call.body.get("openid_list")
    if not isinstance(openids, list) or not 1 <= len(openids) <= 50:
        raise Refused(40032)
    readers = [reader_of(call, each).id for each in openids]
    if not all(contact(call.db, call.app.name, each).following for each in readers):
        raise Refused(49003)
    return readers


@endpoints.post("/cgi-bin/tags/members/batchtagging", needs="users")
def tag(call: Call) -> Answer:
    id_, readers = _known(call, call.body.get("tagid")), _readers(call)
    for reader in readers:
        held = tags_of(call.db, call.app.name, reader)
        if id_ not in held and len(held) >= 20:
            raise Refused(45059)
        call.db.execute("INSERT OR IGNORE INTO tagging VALUES (?, ?, ?)", (call.app.name, reader, id_))
    return OK


@endpoints.post("/cgi-bin/tags/members/batchuntagging", needs="users")
def untag(call: Call) -> Answer:
    id_, readers = _known(call, call.body.get("tagid")), _readers(call)
    rows = [(call.app.name, reader, id_) for reader in readers]
    call.db.executemany("DELETE FROM tagging WHERE app = ? AND neighbour = ? AND tag = ?", rows)
    return OK


@endpoints.post("/cgi-bin/tags/getidlist", needs="users")
def tags_of_one(call: Call) -> Answer:
    reader = reader_of(call, call.body.get("openid"))
    return {"tagid_list": tags_of(call.db, call.app.name, reader.id)}


@endpoints.post("/cgi-bin/user/tag/get", needs="users")
def readers_of_tag(call: Call) -> Answer:
    id_ = _known(call, call.body.get("tagid"))
    return page([openid_of(call.db, call.app, each) for each in tagged(call.db, call.app.name, id_)], call)

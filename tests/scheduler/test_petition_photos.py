"""Papers of a petition that were sent in chat, fetched from the real sandbox platform into the confidential lane."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app import clock
from models.petition_photos import PetitionPhoto
from models.stored_file import StoredFile
from scheduler.hands import run_errands
from tests.neighbours import Town
from tests.petitions.conftest import MATTER, petitions, receives
from tests.roads.street import eventually
from tests.scheduler.conftest import Post
from tests.staff.clerks import clerk


def on_the_way(town: Town) -> int:
    with town.site.confidential.reading() as session:
        return len(session.scalars(select(PetitionPhoto.id)).all())


def test_pixels_for_the_petitions_clerk_alone_and_what_is_gone_is_told(post: Post) -> None:
    town, reader = post.town, post.reader()
    receives(town)

    def says(**what: str) -> None:
        post.platform.running.phone(reader.number, "send", **what)

    for words in ("约接访", "2", MATTER, "1", "1", "1", "1", "1", "交材料照片"):
        says(kind="text", text=words)
    for _ in range(2):
        says(kind="image")
    eventually(lambda: on_the_way(town) == 2)

    def old(session: Any) -> None:
        photo = session.scalars(select(PetitionPhoto).order_by(PetitionPhoto.id.desc()).limit(1)).one()
        photo.media_id, photo.at = "gone", clock.now() - timedelta(days=4)

    town.site.confidential.writing(old)
    assert run_errands(town.site) == 2
    assert on_the_way(town) == 0
    [row] = petitions(town)
    assert [one.what for one in row.steps] == ["received", "paper_lost"]
    [paper] = row.papers
    with town.reading() as session:
        assert session.scalars(select(StoredFile)).all() == []
    wang = clerk(town, "desk", login="wang")
    assert wang.opens(f"/console/petitions/{row.id}/papers/{paper.id}").status_code == 403

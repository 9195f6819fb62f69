"""Long work: asked for at the console, done outside the request, polled, stopped, taken up again after a kill."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock, files, work
from app.feature import Feature
from app.site import Site
from app.work import Task, WorkKind
from models import work as model
from models.identity import Actor
from models.refusal import Refusal
from models.stored_file import StoredFile
from models.work import Work
from scheduler.housekeeping import forget_old_files
from tests.neighbours import Town, frozen
from tests.staff.clerks import Clerk, clerk

SECRET = "马秀兰 13900000001"


def count(task: Task) -> Mapping[str, Any]:
    for done in range(3):
        task.step(done, 3, "数数")
        if task.facts.get("stop") and done == 1:
            task.site.database.writing(lambda session: model.stop(session, task.id))
        if task.facts.get("break"):
            raise ValueError("nobody may read this")
    if task.facts.get("refuse"):
        raise Refusal("staff.work_is_over")
    task.give_file(SECRET.encode(), name="../../名单.txt", media_type="text/plain", purpose="toy.count")
    return {"counted": 3}


@pytest.fixture
def counting(sqlite_town: Town) -> Town:
    """A town whose house can count."""
    toy = Feature("toy", "玩具", works=(WorkKind("toy.count", "数数", count),))
    site: Site = sqlite_town.site
    site.house.features = (*site.house.features, toy)
    return sqlite_town


def ask(town: Town, person: Clerk, **facts: Any) -> int:
    def unit(session: Any) -> int:
        by = Actor(session, staff=person.member(session), channel="console")
        row = work.ask_for(by, "toy.count", **facts)
        session.flush()
        return row.id

    return town.writing(unit)


def test_work_is_done_outside_the_request_and_its_file_goes_to_who_asked_only(counting: Town) -> None:
    person, other = clerk(counting, "desk"), clerk(counting, "leader")
    number = ask(counting, person)
    person.opens(f"/console/work/{number}")
    assert "排着队" in person.words
    assert 'hx-trigger="every 2s"' in person.page
    assert counting.works() == 1
    assert "做完了" in person.opens(f"/console/work/{number}/part").text
    assert "hx-trigger" not in person.page
    taken = person.opens(f"/console/work/{number}/file")
    assert taken.text == SECRET
    assert "attachment" in taken.headers["Content-Disposition"]
    assert "/" not in taken.headers["Content-Disposition"]
    for path in ("", "/part", "/file"):
        assert other.opens(f"/console/work/{number}{path}").status_code == 404


def test_the_file_lies_sealed_and_goes_after_a_day_with_whatever_no_row_knows(counting: Town) -> None:
    person = clerk(counting, "desk")
    ask(counting, person)
    counting.works()
    (path,) = files.all_paths()
    assert b"1390000" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    stray = path.with_name("f" * 32)
    stray.write_bytes(b"nobody's")
    with frozen(f"{clock.local(clock.now()) + timedelta(hours=25):%Y-%m-%d %H:%M}"):
        counting.writing(lambda session: forget_old_files(Actor(session, channel="job")))
    assert list(files.all_paths()) == []


def test_a_stopped_piece_leaves_at_its_next_step(counting: Town) -> None:
    person = clerk(counting, "desk")
    number = ask(counting, person, stop=True)
    counting.works()
    with counting.reading() as session:
        row = session.get_one(Work, number)
        assert (row.state, row.done, row.result) == ("stopped", 1, None)
        assert session.scalar(select(StoredFile)) is None
    person.opens(f"/console/work/{number}")
    assert "停下时做到 1/3" in person.words


def test_a_refusal_is_said_in_words_and_a_fault_tells_nothing_of_its_cause(counting: Town) -> None:
    person = clerk(counting, "desk")
    refused, broken = ask(counting, person, refuse=True), ask(counting, person, **{"break": True})
    counting.works()
    person.opens(f"/console/work/{refused}")
    assert "已经结束" in person.words
    person.opens(f"/console/work/{broken}")
    assert "没有做成" in person.words
    assert "nobody may read this" not in person.page


def test_what_a_killed_worker_left_is_taken_up_when_its_lease_ends_and_not_for_ever(town: Town) -> None:
    person = clerk(town, "desk")
    number = ask(town, person)
    taken = town.writing(model.claim)
    assert taken is not None
    assert taken.tries == 1
    assert town.writing(model.claim) is None, "somebody is at it"
    for tries in (2, 3):
        with frozen(f"{clock.local(clock.now()) + tries * model.LEASE * 2:%Y-%m-%d %H:%M:%S}"):
            again = town.writing(model.claim)
            assert again is not None
            assert again.tries == tries
            assert not town.writing(lambda s: model.keep(s, number, tries=1, done=9)), (
                "the first one was overtaken"
            )
    with frozen(f"{clock.local(clock.now()) + model.LEASE * 20:%Y-%m-%d %H:%M:%S}"):
        assert town.writing(model.claim) is None
    with town.reading() as session:
        assert session.get_one(Work, number).state == "failed"

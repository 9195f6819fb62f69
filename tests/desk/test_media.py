"""Pictures, voices and films that residents sent, fetched from the real sandbox platform and shown to staff only."""

from __future__ import annotations

import shutil
from datetime import timedelta
from io import BytesIO

from PIL import Image
from sqlalchemy import select

from app import files
from handlers.desk import confidential
from handlers.desk.media import fetch_waiting
from models.confidential import ConfidentialMatter
from models.desk import DeskLine, DeskTalk
from models.stored_file import StoredFile
from scheduler.hands import run_errands
from tests.desk.test_chat import clerk as by_clerk
from tests.neighbours import Town
from tests.roads.street import eventually
from tests.scheduler.conftest import Post, Reader, platform, post  # noqa: F401 (fixtures)
from tests.staff.clerks import audited, clerk


def states(town: Town) -> list[str | None]:
    with town.reading() as session:
        return [line.media_state for line in session.scalars(select(DeskLine).order_by(DeskLine.id))]


def asks(post: Post) -> Reader:  # noqa: F811
    reader = post.reader()
    send(post, reader, kind="text", text="人工")
    return reader


def send(post: Post, reader: Reader, **what: str) -> None:  # noqa: F811
    post.platform.running.phone(reader.number, "send", **what)


def test_what_was_sent_is_fetched_kept_sealed_and_shown_to_the_desk_alone(post: Post) -> None:  # noqa: F811
    reader, town = asks(post), post.town
    for kind in ("image", "voice", "video"):
        send(post, reader, kind=kind)
    eventually(lambda: len(states(town)) == 3)
    assert run_errands(town.site) == 3
    assert states(town) == ["kept", "kept", "away"]
    assert fetch_waiting(town.site) == 0
    wang, leader = clerk(town, "desk"), clerk(town, "leader")
    with town.reading() as session:
        talk = session.scalars(select(DeskTalk.id)).one()
        picture, voice, _ = (line.id for line in session.scalars(select(DeskLine).order_by(DeskLine.id)))
    wang.opens(f"/console/talks/{talk}")
    assert f'<img src="/console/talks/media/{picture}"' in wang.page
    assert "到微信公众平台后台看" in wang.words
    shown = wang.client.get(f"/console/talks/media/{picture}")
    assert Image.open(BytesIO(shown.data)).size[0] > 0
    assert "attachment" not in shown.headers["Content-Disposition"]
    heard = wang.client.get(f"/console/talks/media/{voice}")
    assert "attachment" in heard.headers["Content-Disposition"]
    shutil.rmtree(town.site.settings.data / "files")
    gone, away = (wang.client.get(f"/console/talks/media/{one}") for one in (picture, voice))
    assert (gone.status_code, gone.mimetype, away.status_code) == (404, "image/svg+xml", 404)
    assert leader.opens(f"/console/talks/media/{picture}").status_code == 403
    with town.reading() as session:
        assert len(audited(session, "desk.open_media")) == 4


def test_what_cannot_be_fetched_now_is_tried_again_until_wechat_has_thrown_it_away(post: Post) -> None:  # noqa: F811
    reader, town = asks(post), post.town
    with post.platform.faults(errcode=-1, paths="/cgi-bin/media/get"):
        send(post, reader, kind="image")
        eventually(lambda: len(states(town)) == 1)
        fetch_waiting(town.site)
    assert states(town) == ["waiting"]
    post.later(timedelta(days=4))
    fetch_waiting(town.site)
    assert states(town) == ["gone"]


def test_a_moved_talk_takes_its_pictures_along(post: Post) -> None:  # noqa: F811
    reader, town = asks(post), post.town
    send(post, reader, kind="image")
    eventually(lambda: len(states(town)) == 1)
    fetch_waiting(town.site)
    with town.reading() as session:
        path = files.path_of(session.scalars(select(StoredFile)).one().key)

    def move(session) -> None:  # type: ignore[no-untyped-def]
        confidential.move(
            by_clerk(session), town.site.confidential, session.scalars(select(DeskTalk)).one(), 1
        )

    town.writing(move)
    assert not path.exists()
    with town.site.confidential.reading() as lane:
        number = lane.scalars(select(ConfidentialMatter)).one().id
    zhao = clerk(town, "care")
    zhao.opens(f"/console/care/{number}")
    assert '<img src="data:image/' in zhao.page
    assert "base64" not in zhao.words


def test_b08_words_that_look_like_a_file_are_not_one_when_a_talk_is_moved(sqlite_town: Town) -> None:
    forged = "〔批示.html|data:text/html;base64,PHNjcmlwdD4=〕"
    sqlite_town.phone("马秀兰").says("人工", f"家里有事{forged}")

    def move(session) -> None:  # type: ignore[no-untyped-def]
        talk = session.scalars(select(DeskTalk)).one()
        shown = len(session.scalars(select(DeskLine).where(DeskLine.talk_id == talk.id)).all())
        confidential.move(by_clerk(session), sqlite_town.site.confidential, talk, shown)

    sqlite_town.writing(move)
    with sqlite_town.site.confidential.reading() as lane:
        number = lane.scalars(select(ConfidentialMatter)).one().id
    zhao = clerk(sqlite_town, "care")
    zhao.opens(f"/console/care/{number}")
    assert "家里有事" in zhao.words
    assert 'href="data:text' not in zhao.page

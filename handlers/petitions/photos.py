"""Papers that come as pictures in chat: counted at once, taken back one by one, and fetched from WeChat soon after,
with no transaction open. Pixels only, under the confidential key; no common file, no common table knows of them."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app import pictures
from app.site import Site
from app.wechat.errors import Handling, NotWeChat, WeChatError
from handlers.petitions import lane
from models.base import count_rows
from models.identity import Actor
from models.petition_photos import PetitionPhoto, claim, papers_of, photos_of
from models.petitions import MOST_PAPERS, Petition, PetitionPaper
from models.petitions_lists import asked_by, hold
from models.refusal import Refusal

PASSING = frozenset({Handling.PASSING, Handling.PACE, Handling.CREDENTIAL, Handling.QUOTA})


def count_of(by: Actor, number: int) -> int:
    """How many pictures this petition has, those still on their way too."""
    with lane.looking(by) as session:
        return _count(session, number)


def send(by: Actor, number: int, media_id: str) -> None:
    """One more picture. Refuses with petitions.no_such, .not_now, .too_many_papers."""
    app = by.identity.app if by.identity is not None else ""

    def unit(session: Session) -> None:
        petition = _own(by, session, number)
        if any(one.media_id == media_id for one in session.scalars(photos_of(number))):
            return  # the same push again
        if _count(session, petition.id) >= MOST_PAPERS:
            raise Refusal("petitions.too_many_papers", most=MOST_PAPERS)
        session.add(PetitionPhoto(petition_id=petition.id, app=app, media_id=media_id))

    lane.writing(by, unit)


def take_back(by: Actor, number: int) -> None:
    """The one sent last, unless the office has looked at it already. Refuses with petitions.no_paper_to_drop."""

    def unit(session: Session) -> None:
        petition = _own(by, session, number)
        last = session.scalar(photos_of(number).limit(1)) or session.scalar(papers_of(number).limit(1))
        seen = petition.papers_seen_at
        if last is None or (seen is not None and isinstance(last, PetitionPaper) and last.at <= seen):
            raise Refusal("petitions.no_paper_to_drop")
        session.delete(last)

    lane.writing(by, unit)


def _own(by: Actor, session: Session, number: int) -> Petition:
    """Their own, still open, under lock."""
    hashes = lane.hashes_of(by, by.me)
    known = session.scalar(asked_by(hashes).where(Petition.id == number))
    petition = hold(session, number) if known is not None else None
    if petition is None:
        raise Refusal("petitions.no_such")
    if not petition.is_open or petition.met_at is not None:
        raise Refusal("petitions.not_now")
    return petition


def _count(session: Session, number: int) -> int:
    return count_rows(session, photos_of(number)) + count_rows(session, papers_of(number))


# ---- fetched ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claimed:
    number: int
    app: str
    media_id: str


def fetch_photos(site: Site) -> int:
    """Fetch what is due, one after the other; how many were looked at."""
    looked = 0
    while (photo := site.confidential.writing(_claimed)) is not None:
        looked += 1
        _fetch(site, photo)
    return looked


def _claimed(session: Session) -> Claimed | None:
    photo = claim(session)
    return None if photo is None else Claimed(photo.id, photo.app, photo.media_id)


def _fetch(site: Site, photo: Claimed) -> None:
    try:
        content = site.wechat(*photo.app.split(":", 1)).media.get(photo.media_id)
        cleaned = pictures.clean(content)
    except pictures.BadPicture:
        _settle(site, photo, None)
    except (WeChatError, NotWeChat) as fault:
        _later(site, photo, final=isinstance(fault, WeChatError) and fault.handling not in PASSING)
    else:
        _settle(site, photo, cleaned)


def _later(site: Site, photo: Claimed, *, final: bool) -> None:
    def unit(session: Session) -> bool:
        row = session.get(PetitionPhoto, photo.number)
        if row is None:
            return False
        row.later()
        return final or row.is_gone

    if site.confidential.writing(unit):
        _settle(site, photo, None)


def _settle(site: Site, photo: Claimed, cleaned: tuple[bytes, str] | None) -> None:
    """Among the papers, or lost: then who sent it is told that there is something new. What was taken back meanwhile
    stays away."""

    def unit(main: Session) -> None:
        by = Actor(main, channel="job")
        number = lane.writing(by, lambda session: _become(session, photo.number, cleaned))
        if number is not None:
            lane.note(by, "petitions.add_papers" if cleaned else "petitions.lose_paper", number, count=1)

    site.database.writing(unit)


def _become(session: Session, number: int, cleaned: tuple[bytes, str] | None) -> int | None:
    known = session.get(PetitionPhoto, number)
    petition = hold(session, known.petition_id) if known is not None else None
    photo = session.get(PetitionPhoto, number, populate_existing=True)
    if petition is None or photo is None:
        return None
    session.delete(photo)
    if cleaned is None:
        lane.step(petition, "paper_lost", tells=True)
    else:
        content, media_type = cleaned
        kept = base64.b64encode(content).decode()
        petition.papers.append(PetitionPaper(media_type=media_type, content=kept, at=photo.at))
    return petition.id

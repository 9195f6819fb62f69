"""What time does to matters: done ones close, words and pictures are forgotten."""

from __future__ import annotations

from datetime import timedelta

from app import audit, clock, files
from handlers.matters import messages
from handlers.matters.steps import step
from models.identity import Actor
from models.matter_lists import dead_photos, done_for_good, with_words_before
from models.matters import Matter, MatterPhoto, go_to, hold

MOST_AT_ONCE = 500  # in one unit of work, which keeps others from writing; the next hour goes on


def close_old(by: Actor) -> int:
    """Done 30 days ago and not opened again; what a colleague has to look at waits for that."""
    count = 0
    for found in by.session.scalars(done_for_good().limit(MOST_AT_ONCE)).all():
        matter = hold(by.session, found)
        if matter.state != "done" or matter.can_be_reopened:
            continue
        go_to(matter, "closed")
        matter.ended_at = clock.now()
        step(by, matter, "closed")
        audit.note(by, "matters.close", matter)
        messages.tell(by, matter, "matters.closed")
        count += 1
    return count


def forget_old_words(by: Actor, after: timedelta) -> int:
    """What was said and written in matters that ended long ago goes; counts stay."""
    old = by.session.scalars(with_words_before(clock.now() - after)).all()
    for matter in old:
        blank(by, matter)
    if old:
        audit.note(by, "matters.forget_words", count=len(old))
    return len(old)


def drop_dead_photos(by: Actor) -> int:
    """Pictures that are neither here nor at WeChat any more."""
    dead = by.session.scalars(dead_photos()).all()
    for photo in dead:
        by.session.delete(photo)
    return len(dead)


def blank(by: Actor, matter: Matter) -> None:
    """Take out everything that was said or shown; what remains is counted."""
    matter.text = matter.phone = matter.place_words = matter.outcome = matter.tail_index = matter.spot = None
    for one in matter.steps:
        one.words = None
    remove_photos(by, matter)


def remove_photos(by: Actor, matter: Matter) -> None:
    for photo in list(matter.photos):
        remove_photo(by, photo)


def remove_photo(by: Actor, photo: MatterPhoto) -> None:
    stored = photo.file
    photo.matter.photos.remove(photo)
    by.session.delete(photo)
    by.session.flush()
    if stored is not None:
        files.remove(by.session, stored)

"""Whether a thing was really done: a picture afterwards, a second pair of eyes, and the question weeks later.

Nobody vouches for their own work. Who said it sees the picture when the desk has let it be seen; a picture with a face
or a number plate on it need not be.
"""

from __future__ import annotations

from datetime import timedelta

from app import audit, clock
from handlers.matters import messages, sentences
from handlers.matters.photos import Photo, keep_photo
from handlers.matters.standing import must_be_desk, must_be_staff
from handlers.matters.steps import step
from models import outbox
from models.base import insert_once
from models.duty import present, ring
from models.identity import Actor
from models.matter_followers import MatterUnasked
from models.matter_lists import late_and_untold, to_be_asked_about
from models.matter_rules import settings_of
from models.matters import MOST_PHOTOS, Matter, MatterPhoto, hold
from models.refusal import Refusal
from models.staff_wechat import wechat_person

MOST_ASKED = 200  # in one morning


# ---- pictures ------------------------------------------------------------------------------------------------------


def add_after(by: Actor, matter: Matter, picture: Photo) -> MatterPhoto:
    """How it looks now. Refuses with matters.too_many_photos, .not_now."""
    matter = hold(by.session, matter)
    must_be_staff(by, matter)
    if not matter.is_open and matter.state != "done":
        raise Refusal("matters.not_now", matter=matter)
    if sum(one.what == "after" for one in matter.photos) >= MOST_PHOTOS:
        raise Refusal("matters.too_many_photos", most=MOST_PHOTOS)
    photo = MatterPhoto(matter=matter, what="after", staff_id=by.staff.id if by.staff else None)
    by.session.add(photo)
    keep_photo(by, photo, picture.content, picture.media_type)
    audit.note(by, "matters.add_after", matter)
    return photo


def show(by: Actor, photo: MatterPhoto, *, shown: bool) -> Matter:
    """Let who said it (and who follows) see this picture, or no longer."""
    must_be_desk(by)
    matter = hold(by.session, photo.matter)
    photo.shown = shown
    audit.note(by, "matters.show_photo" if shown else "matters.hide_photo", matter)
    return matter


# ---- a second pair of eyes -----------------------------------------------------------------------------------------


def must_be_proved(matter: Matter, why_none: str) -> None:
    """A picture afterwards, where its category asks for one, or the reason why there is none."""
    asks = matter.category is not None and matter.category.needs_after
    if asks and not why_none.strip() and not any(one.what == "after" for one in matter.photos):
        raise Refusal("matters.needs_after")


def check(by: Actor, matter: Matter) -> Matter:
    """A colleague of who did it has seen that it is well. Refuses with matters.own_work, .not_now."""
    matter = hold(by.session, matter)
    must_be_staff(by, matter)
    must_not_be_own_work(by, matter)
    if matter.state != "done" or matter.checked_at is not None:
        raise Refusal("matters.not_now", matter=matter)
    matter.checked_at, matter.checked_by = clock.now(), by.staff
    matter.revision += 1
    step(by, matter, "checked")
    audit.note(by, "matters.check", matter)
    return matter


def must_not_be_own_work(by: Actor, matter: Matter) -> None:
    if by.staff is not None and by.staff.id in (matter.fixed_by_id, matter.owner_id):
        raise Refusal("matters.own_work")


# ---- what time brings ----------------------------------------------------------------------------------------------


def tell_of_late(by: Actor) -> int:
    """Past the day that counts: the lead, else the desk, is told once a day, and each matter remembers that it was."""
    found = by.session.scalars(late_and_untold()).all()
    for one in found:
        matter = hold(by.session, one)
        if matter.late_told_on is None:
            step(by, matter, "late", told=False)
        matter.late_told_on = clock.today()
        audit.note(by, "matters.late", matter)
    if found:
        _alarm(by)
    return len(found)


def _alarm(by: Actor) -> None:
    """The colleague whom the settings name, or whoever stands in; everybody of the desk where nobody can be told."""
    now, lead = clock.now(), settings_of(by.session).lead
    there = present(by.session, lead, now) if lead is not None and lead.active else None
    to = wechat_person(by.session, there) if there is not None else None
    if to is None:
        ring(by.session, "desk")
        return
    facts, useful = {"at": now.isoformat()}, now + timedelta(hours=9)
    once = f"matters.late:{clock.today().isoformat()}"
    outbox.put(by.session, to=to, kind="duty.bell", once=once, facts=facts, useful_until=useful)


def ask_whether_well(by: Actor) -> int:
    """Once, some days after it was done: is it still well? One question a morning for one person."""
    asked: set[int] = set()
    for one in by.session.scalars(to_be_asked_about()).all():
        if len(asked) >= MOST_ASKED:
            break
        matter = hold(by.session, one)
        if matter.person_id in asked or matter.person is None or not _is_due(matter):
            continue
        matter.asked_at = clock.now()
        asked.add(matter.person.id)
        audit.note(by, "matters.ask_later", matter)
        messages.put(
            by, matter.person, "matters.still_well", f"matters.still_well:{matter.id}", number=matter.number
        )
    return len(asked)


def _is_due(matter: Matter) -> bool:
    rule, done = matter.category, matter.done_at
    if rule is None or done is None or matter.asked_at is not None:
        return False
    return clock.now() - done >= timedelta(days=rule.asks_after)


def leave_me(by: Actor) -> None:
    """Not to be asked later, about anything."""
    if insert_once(by.session, MatterUnasked, person_id=by.me.id):
        audit.note(by, "matters.unask", by.me)


def ask_me(by: Actor) -> None:
    found = by.session.get(MatterUnasked, by.me.id)
    if found is not None:
        by.session.delete(found)
        audit.note(by, "matters.ask_again", by.me)


def reason_for_none(words: str) -> str | None:
    return sentences.words_in(words) if words.strip() else None

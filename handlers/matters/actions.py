"""What happens to a matter: reported, given to somebody, worked on, answered, opened again, closed.

Every unit holds the matter before it looks at its state. What the staff do is in desk.py, what time does in ending.py;
all of it is offered from here.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import NamedTuple

from app import audit, clock
from handlers.matters import sentences
from handlers.matters.desk import answer, assign, begin, finish, give_back, move_due, note
from handlers.matters.dispatch import (
    back_to_desk,
    give_out,
    give_to_the_desk,
    hand_over,
    may_take,
    take_from_those_who_left,
)
from handlers.matters.ending import blank, close_old, drop_dead_photos, forget_old_words, remove_photos
from handlers.matters.photos import Photo, clean_photo, keep_photo
from handlers.matters.places import whereabouts
from handlers.matters.proof import (
    add_after,
    ask_me,
    ask_whether_well,
    check,
    leave_me,
    must_not_be_own_work,
    show,
    tell_of_late,
)
from handlers.matters.rules import (
    add_category,
    install_rules,
    keep_place,
    keep_settings,
    keep_working_days,
    remove_place,
    rewrite_category,
)
from handlers.matters.standing import must_be_desk, must_have_said, must_have_said_or_follow
from handlers.matters.steps import step
from handlers.matters.turning import turn_into
from handlers.matters.twins import follow, join, part, unfollow
from handlers.people import actions as people
from models.identity import Actor
from models.matter_followers import count_followers
from models.matter_lists import by_once, count_open, with_number, wrong_looks
from models.matter_rules import category_in
from models.matters import (
    CONTACTS,
    KINDS,
    MAY_BE_ANONYMOUS,
    MOST_OPEN,
    MOST_PHOTOS,
    Matter,
    MatterPhoto,
    go_to,
    hold,
    last_day,
    tail_index,
)
from models.places import Place
from models.receipts import new_receipt
from models.refusal import Refusal

__all__ = [
    "Photo",
    "Report",
    "Reported",
    "add_after",
    "add_category",
    "add_photo",
    "answer",
    "ask_me",
    "ask_whether_well",
    "assign",
    "begin",
    "check",
    "clean_photo",
    "close_old",
    "confirm",
    "drop_dead_photos",
    "finish",
    "follow",
    "forget_old_words",
    "give_back",
    "give_to_the_desk",
    "hand_over",
    "install_rules",
    "join",
    "keep_photo",
    "keep_place",
    "keep_settings",
    "keep_working_days",
    "leave_me",
    "look_up",
    "move_due",
    "note",
    "part",
    "remove_place",
    "reopen",
    "report",
    "rewrite_category",
    "show",
    "take_from_those_who_left",
    "tell_of_late",
    "turn_into",
    "unfollow",
    "withdraw",
]

MOST_WRONG_LOOKS = 5
LAST_OF_PHONE = 4


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody says. `place` is one of ours (else it is looked for in `where`); `photo` is what
    came with a form and was cleaned, `media_id` a picture that lies at WeChat, `voice_id` a voice there; `spot` is
    where a phone said that it is; `once` is the key of the form. `came_as` is the number that it had when it was no
    matter yet. Its category is the one that its words name."""

    text: str
    kind: str = "报修"
    contact: str = "named"
    where: str = ""
    place: Place | None = None
    phone: str | None = None
    photo: Photo | None = None
    media_id: str | None = None
    voice_id: str | None = None
    spot: tuple[float, float] | None = None
    once: str | None = None
    came_as: str | None = None


class Reported(NamedTuple):
    """The matter, and the code that stands for a phone when it was said without a name."""

    matter: Matter
    code: str | None = None


# ---- reporting -----------------------------------------------------------------------------------------------------


def report(by: Actor, said: Report) -> Reported:
    """Take a matter in: it has a number and a last day at once, and is in the hands of the desk.

    The desk may take it in for somebody at the telephone: then it stands under the number that they told, and with it
    they ask how far it is. Refuses with matters.too_short, .too_long, .not_here, .place_too_long, .no_such_kind,
    .no_such_contact, .too_many, people.consent_needed.
    """
    if said.once and (before := by_once(by.session, said.once)) is not None:
        return Reported(before)
    _check(by, said)
    nameless = said.contact == "anonymous"
    by = _as_nobody(by) if nameless else by
    if not nameless and by.person is not None:
        people.agree_to_service(by)
    row = _row(by, said)
    code = f"{secrets.randbelow(10_000):04d}" if nameless else None
    if tail := code or _tail(row):
        row.tail_index = tail_index(row.receipt, tail)
    by.session.add(row)
    step(by, row, "said")
    give_out(by, row)
    _keep_pictures(by, row, said)
    audit.note(by, "matters.report", row, kind=row.kind, contact=row.contact)
    return Reported(row, code)


def _check(by: Actor, said: Report) -> None:
    if said.kind not in KINDS:
        raise Refusal("matters.no_such_kind", kind=said.kind)
    if said.contact not in CONTACTS or (said.contact == "anonymous" and said.kind not in MAY_BE_ANONYMOUS):
        raise Refusal("matters.no_such_contact")
    if by.person is None:
        must_be_desk(by)
    elif said.contact != "anonymous" and count_open(by.session, by.me) >= MOST_OPEN:
        raise Refusal("matters.too_many", most=MOST_OPEN)


def _as_nobody(by: Actor) -> Actor:
    """No line of the trail may lead from a nameless matter to who said it."""
    return Actor(by.session, channel=by.channel)


def _row(by: Actor, said: Report) -> Matter:
    where = whereabouts(by.session, said.place, sentences.place_in(said.where), said.spot)
    category = category_in(by.session, said.kind, said.text)
    row = Matter(
        receipt=new_receipt(),
        once=said.once,
        came_as=said.came_as,
        person=by.person,
        kind=said.kind,
        contact=said.contact,
        place=where.place,
        grid=where.grid,
        category=category,
        due=last_day(by.session, said.kind, category),
        channel=by.channel,
        state="received",
    )
    row.text = sentences.matter_in(by.session, said.kind, said.text)
    row.place_words = where.words
    row.spot = f"{said.spot[0]:.6f},{said.spot[1]:.6f}" if said.spot else None
    row.phone = said.phone if said.contact != "anonymous" else None
    return row


def _tail(row: Matter) -> str | None:
    phone = row.phone or (row.person.phone if row.person else None)
    return phone[-LAST_OF_PHONE:] if phone else None


def _keep_pictures(by: Actor, row: Matter, said: Report) -> None:
    if said.media_id:
        by.session.add(MatterPhoto(matter=row, media_id=said.media_id))
    if said.voice_id:
        by.session.add(MatterPhoto(matter=row, media_id=said.voice_id, what="voice"))
    if said.photo:
        _keep_picture(by, row, said.photo)


def _keep_picture(by: Actor, row: Matter, picture: Photo) -> None:
    photo = MatterPhoto(matter=row, what="before")
    by.session.add(photo)
    keep_photo(by, photo, picture.content, picture.media_type)


def add_photo(by: Actor, matter: Matter, media_id: str) -> Matter:
    """A picture that was sent after the words."""
    matter = hold(by.session, matter)
    must_have_said(by, matter)
    if not matter.is_open:
        raise Refusal("matters.not_now", matter=matter)
    if len(matter.photos) >= MOST_PHOTOS:
        raise Refusal("matters.too_many_photos", most=MOST_PHOTOS)
    by.session.add(MatterPhoto(matter=matter, media_id=media_id))
    audit.note(by, "matters.add_photo", matter)
    return matter


# ---- who reported it -----------------------------------------------------------------------------------------------


def look_up(by: Actor, receipt: str, tail: str) -> Matter | None:
    """The matter with this number, for who also knows the last four digits of its phone, or its code.

    None when there is none: that is no Refusal, since the wrong try is counted. After five of them in a quarter of an
    hour refuses with matters.too_many_looks.
    """
    if wrong_looks(by.session, by.me) >= MOST_WRONG_LOOKS:
        raise Refusal("matters.too_many_looks")
    found = with_number(by.session, receipt, tail)
    if found is None:
        audit.note(by, "matters.look_in_vain")
    return found


def reopen(by: Actor, matter: Matter, words: str = "", photo: Photo | None = None) -> Matter:
    """ "没解决": within 30 days, with a new last day; it goes back to who had it, or to the desk. Whoever says so too
    may open it again, in words or with a picture."""
    matter = hold(by.session, matter)
    must_have_said_or_follow(by, matter)
    if not matter.can_be_reopened:
        code = "matters.too_late_to_reopen" if matter.state in ("done", "closed") else "matters.not_now"
        raise Refusal(code, matter=matter)
    why = sentences.words_in(words) if words.strip() else None
    matter.due, matter.counted_from = last_day(by.session, matter.kind, matter.category), clock.now()
    if may_take(matter.owner):
        go_to(matter, "assigned")
    else:
        back_to_desk(by, matter)
    matter.done_at = matter.ended_at = matter.checked_at = matter.late_told_on = None
    matter.checked_by = matter.fixed_by = None
    matter.opened_again += 1
    if photo is not None:
        _keep_picture(by, matter, photo)
    step(by, matter, "reopened", why)
    audit.note(by, "matters.reopen", matter)
    return matter


def confirm(by: Actor, matter: Matter) -> Matter:
    """ "解决了": nothing is left to do. At the desk whoever did it does not write that down. Refuses with
    matters.own_work."""
    matter = hold(by.session, matter)
    must_have_said(by, matter)
    if matter.category is not None and matter.category.needs_check and by.person is None:
        must_not_be_own_work(by, matter)
    go_to(matter, "closed")
    matter.ended_at = clock.now()
    matter.checked_at = matter.checked_at or clock.now()
    step(by, matter, "closed")
    audit.note(by, "matters.confirm", matter)
    return matter


def withdraw(by: Actor, matter: Matter) -> Matter:
    """ "不用了": who said it takes it back; its words and pictures are not needed any more."""
    matter = hold(by.session, matter)
    must_have_said(by, matter)
    if matter.is_open and count_followers(by.session, matter):
        step_back(by, matter)
    else:
        go_to(matter, "withdrawn")
        matter.ended_at = clock.now()
        step(by, matter, "withdrawn")
        remove_photos(by, matter)
    audit.note(by, "matters.withdraw", matter)
    return matter


def step_back(by: Actor, matter: Matter) -> None:
    """Who said it goes, with their words and pictures; it goes on for the others who said so too."""
    blank(by, matter)
    matter.person, matter.once = None, None
    step(by, matter, "left", told=False)
    matter.revision += 1

"""A wish that is really a case (a leaking roof, a dark street): it goes on as a matter and keeps its number."""

from __future__ import annotations

from dataclasses import replace

from app import audit
from handlers.matters import actions as matters
from handlers.wishes import messages
from handlers.wishes.standing import end_ask, must_be_staff, must_stand_at
from models.identity import Actor
from models.matters import Matter
from models.refusal import Refusal
from models.wishes import Wish, go_to, hold


def become_matter(by: Actor, wish: Wish, kind: str) -> Matter:
    """Take it in as a matter in the wisher's name, with the number that they know; they are told. What was said of
    somebody else goes along as a note for colleagues.

    Refuses with wishes.staff_only, .not_now, and whatever matters.report refuses.
    """
    must_be_staff(by)
    wish = hold(by.session, wish)
    must_stand_at(wish, "said", "public")
    if wish.text is None or wish.wisher is None:
        raise Refusal("wishes.not_now", wish=wish)
    said = matters.Report(wish.text, kind, came_as=f"心愿{wish.number}号", once=f"wish:{wish.id}")
    matter = matters.report(replace(by, person=wish.wisher), said).matter
    by.session.flush()
    if wish.helped_name:
        parts = (wish.helped_name, wish.helped_tie, wish.helped_phone)
        matters.note(by, matter, f"替别人说的:{','.join(one for one in parts if one)}")
    go_to(wish, "refused")
    end_ask(by, wish, "over")
    wish.matter_id, wish.reviewed_by = matter.id, by.staff.id if by.staff else None
    audit.note(by, "wishes.become_matter", wish, matter=matter.id)
    messages.tell(by, wish, wish.wisher, "wishes.became_matter", receipt=matter.number)
    return matter

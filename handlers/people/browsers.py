"""Signing in a browser from the chat: the page shows six digits, the resident types them here ("登录 204816").

The chat is proved by WeChat, so the browser that shows the digits is this person's, once they have said so. Somebody
who had got a resident to type digits of another browser would be in: hence the question, and 5 tries in 5 minutes.
"""

from __future__ import annotations

from app import audit
from models import pages as browsers
from models.identity import Actor
from models.linking import MOST_WRONG_CODES, WrongCode, wrong_codes_of
from models.refusal import Refusal


def let_browser_in(by: Actor, code: str) -> bool:
    """The browser that shows these digits is signed in as `by`. False when none does: the try is counted, which a
    Refusal would undo. Raises Refusal people.too_many_codes after five of them within five minutes."""
    if wrong_codes_of(by.session, by.me) >= MOST_WRONG_CODES:
        raise Refusal("people.too_many_codes")
    browser = browsers.browser_showing(by.session, code)
    if browser is None or by.identity is None:
        by.session.add(WrongCode(person_id=by.me.id))
        audit.note(by, "people.wrong_page_code", by.me)
        return False
    browsers.let_in(by.session, browser, by.identity)
    audit.note(by, "people.let_browser_in", by.me)
    return True


def sign_browsers_out(by: Actor) -> int:
    """Every browser that was signed in as `by` is out, one that waits for its key too; how many that were."""
    count = browsers.forget_browsers_of(by.session, by.identity) if by.identity else 0
    audit.note(by, "people.sign_browsers_out", by.me, count=count)
    return count

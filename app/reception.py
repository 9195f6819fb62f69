"""The path of one push, past the seal: lock the person, look for a repeat, let the house answer, keep the answer.

Seen, done and answered are one transaction. A repeat of the same push gets the identical answer and no second effect.
Whatever goes wrong, the resident gets a true sentence inside WeChat's five seconds.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from app import clock, metrics, privacy
from app.conversation import Turn
from app.database import Busy
from app.dialogue import Guard, Reply, Say
from app.reports import note_report
from app.site import Door, Site
from app.spool import has_duty, keep_for_later, waiting
from app.wechat.events import Click, Report, Scan, Subscribe, TemplateDone
from app.wechat.grants import SubscriptionsSent
from app.wechat.messages import Message, Push, Text, Voice, read_push
from app.wechat.replies import text_reply
from models import arrivals, outbox
from models.arrivals import Standing
from models.base import insert_once
from models.duty import ring
from models.identity import Actor, Identity
from models.inbox import GUARDED, InboxRow

log = structlog.get_logger()

CLOCK_DRIFT = timedelta(minutes=1)


def answer_push(site: Site, door: Door, push: Push, raw: bytes) -> str:
    """The plain reply XML for a push, or "" for none. `raw` are its opened bytes, kept if it must be done later."""
    try:
        guarded = _guard(site, door, push)
        unit = partial(_unit, site, door, push, guarded)
        return site.database.writing(unit, hopeful=True)
    except Busy as busy:
        log.warning("push_not_done", reason=str(busy), kind=push.kind)
        metrics.not_done.inc()
        return not_done(site, door, push, raw)
    except Exception:  # noqa: BLE001 (whatever broke, the resident gets an answer; _fault logs it)
        return _fault(site, door, push)


def _unit(site: Site, door: Door, push: Push, guarded: str | None, session: Session) -> str:
    if isinstance(push, Report):
        return _note_report(site, door, push, session)
    key, app = inbox_key(door, push), _app(door)
    arrival = arrivals.arrive(session, app, push.openid, key)
    if arrival is None:
        arrival = arrivals.arrive_first(session, door.kind, app, push.openid, key)
    if arrival.answered is not None:
        metrics.repeats.inc()
        return arrival.answered
    identity = arrival.identity
    _note_life(identity, push)
    actor = Actor(session, identity.person, identity)
    turn = None if guarded else _turn(site, actor, arrival.standing, push)
    words = _answer(site, turn, push) if turn else _say_guarded(site, str(guarded))
    reply = text_reply(push, words, clock.now()) if words and door.kind == "oa" else ""
    if words and door.kind == "mini":
        _answer_later(session, identity, key, words)
    if guarded:
        ring(session, guarded.partition(".")[0])
    # Of what is confidential the common inbox knows neither the words nor whose they were (trust 1.3, C4).
    hidden = turn is None or turn.private
    whose = {"kind": GUARDED} if hidden else {"kind": push.kind, "person_id": identity.person_id}
    session.flush()
    said_at = clock.now() if isinstance(push, Message) else None
    arrivals.keep(session, arrival.standing, said_at, key=key, app=door.name, answer=reply, **whose)
    return reply


def _note_report(site: Site, door: Door, push: Report, session: Session) -> str:
    """What the platform says of the account's own doing: it makes no person, and nobody is answered."""
    row = {"key": inbox_key(door, push), "app": door.name, "answer": "", "kind": push.kind}
    function = site.house.events.get(push.kind)
    if function is None:
        metrics.unanswered.labels(push.kind).inc()
    elif insert_once(session, InboxRow, **row):
        function(Actor(session), push)
    return ""


def _turn(site: Site, actor: Actor, standing: Standing, push: Push) -> Turn:
    return Turn(site.house, actor, standing, int(_said_at(push).timestamp()))


def replay_spool(site: Site) -> int:
    """Answer the events that came while the database was away; how many were waiting."""
    replayed = 0
    for kind, name, raw in waiting(site.settings.data):
        door = site.doors.get(f"{kind}:{name}")
        if door is not None:
            answer_push(site, door, read_push(raw), raw)
        replayed += 1
    return replayed


# ---- who, and in which order ---------------------------------------------------------------------------------------


def _app(door: Door) -> str:
    return f"{door.kind}:{door.name}"


def inbox_key(door: Door, push: Push) -> str:
    """A push's own key holds the openid; what is stored is a keyed hash of it (trust I11)."""
    return privacy.keyring().blind("inbox.key", f"{_app(door)}|{push.key}")


def _note_life(identity: Identity, push: Push) -> None:
    """Following is decided by CreateTime, not by the order of arrival (trust F21)."""
    said_at = _said_at(push)
    if push.kind in ("subscribe", "unsubscribe"):
        if identity.follow_changed_at is None or said_at >= identity.follow_changed_at:
            identity.following, identity.follow_changed_at = push.kind == "subscribe", said_at
        return
    if identity.follow_changed_at is None and not identity.following:
        identity.following = True


def _said_at(push: Push) -> datetime:
    """When it was said. A date ahead of our clock counts as now, or everything said until then would be late."""
    return min(datetime.fromtimestamp(push.created, UTC), clock.now() + CLOCK_DRIFT)


# ---- whose push is it ----------------------------------------------------------------------------------------------


def _answer(site: Site, turn: Turn, push: Push) -> str | None:
    match push:
        case Text() if not push.unsupported:
            return turn.hear(push.content)
        case Voice() if push.recognition:
            return turn.hear_voice(push.recognition)
        case Click():
            return turn.click(push.event_key)
        case Subscribe():
            return turn.answer_all([(turn.house.events.get(push.kind), push), *_scan(turn, push.scene)])
        case Scan():
            return turn.answer_all(_scan(turn, push.scene))
        case TemplateDone() | SubscriptionsSent():
            note_report(site, turn.actor, push)
            return None
    return _by_kind(turn, push)


def _by_kind(turn: Turn, push: Push) -> str | None:
    if isinstance(push, Message) and (words := turn.talks.words_of(push)) is not None:
        return turn.hear(words)
    if isinstance(push, Message) and turn.private:  # a picture of a paper belongs to no common inbox
        return turn.answer_all([(lambda _actor, _push: Say("_base.only_typed_here"), push)])
    if isinstance(push, Message):
        function = turn.house.kinds.get("unsupported" if push.unsupported else push.kind)
    else:
        function = turn.house.events.get(push.kind)
    if function is None:
        metrics.unanswered.labels(push.kind).inc()
        return None
    return turn.answer_all([(function, push)])


def _scan(turn: Turn, scene: str) -> list[tuple[Callable[..., Reply] | None, object]]:
    """A code "prefix:rest" belongs to the feature that registered the prefix; one of nobody's to the prefix ""."""
    if not scene:
        return []
    prefix, _, rest = scene.partition(":")
    own = turn.house.scans.get(prefix)
    return [(own, rest)] if own else [(turn.house.scans.get(""), scene)]


def _answer_later(session: Session, identity: Identity, push_key: str, words: str) -> None:
    """A mini-program's push takes no reply in its answer: the words go out as a customer-service message."""
    outbox.put(
        session, to=identity.person, kind="_base.answer", once=f"answer:{push_key}", facts={"text": words}
    )


# ---- the confidential lane and what goes wrong -----------------------------------------------------------------------


def _guard(site: Site, door: Door, push: Push) -> str | None:
    """Words that must not meet the common inbox: recognised in memory and stored by the lane first."""
    cry = _cry(site, push)
    if cry is None:
        return None
    guard, kind = cry
    guard.receive(site.confidential, inbox_key(door, push), _app(door), push.openid, kind, _own_words(push))
    return f"{guard.feature}.{kind}"


def _cry(site: Site, push: Push) -> tuple[Guard, str] | None:
    words = _own_words(push)
    found = ((guard, guard.recognise(words)) for guard in site.house.guards) if words else ()
    return next(((guard, kind) for guard, kind in found if kind is not None), None)


def _own_words(push: Push) -> str:
    """What the person typed, or said where WeChat recognised it."""
    match push:
        case Text():
            return push.content
        case Voice():
            return push.recognition
    return ""


def _say_guarded(site: Site, key: str) -> str:
    return site.words.say(key)


def not_done(site: Site, door: Door, push: Push, raw: bytes, words: str = "_base.busy") -> str:
    """The answer to a push that nothing came of: the sentence `words`, unless there is a duty or a cry for help."""
    cry = _cry(site, push)
    if cry is not None:  # the number to call is said whatever is broken, and the words wait for the lane
        try:
            keep_for_later(site.settings.data, door.kind, door.name, raw)
        except OSError:
            log.exception("cry_not_kept")
        return _sentence(site, door, push, f"{cry[0].feature}.{cry[1]}")
    if has_duty(push.kind):
        keep_for_later(site.settings.data, door.kind, door.name, raw)
        return ""
    return "" if _expects_nothing(push) else _sentence(site, door, push, words)


def _expects_nothing(push: Push) -> bool:
    """Whether nobody waits for words: a report of the platform, not something that a person did."""
    return not isinstance(push, (Message, Click, Scan, Subscribe))


def _fault(site: Site, door: Door, push: Push) -> str:
    """Something of ours broke: an error number for the resident, the traceback for us, the key for the repeats."""
    number = secrets.token_hex(3).upper()
    log.exception("push_fault", number=number, kind=push.kind)
    metrics.faults.inc()
    reply = "" if _expects_nothing(push) else _sentence(site, door, push, "_base.fault", number=number)
    try:
        site.database.writing(lambda session: _store_fault(session, door, push, reply, number))
    except Exception:
        log.exception("fault_not_stored", number=number)
    return reply


def _store_fault(session: Session, door: Door, push: Push, reply: str, number: str) -> None:
    row = {
        "key": inbox_key(door, push),
        "app": door.name,
        "kind": push.kind,
        "answer": reply,
        "fault": number,
    }
    insert_once(session, InboxRow, **row)


def _sentence(site: Site, door: Door, push: Push, key: str, **facts: str) -> str:
    if door.kind != "oa":
        return ""
    return text_reply(push, site.words.say(key, **facts), clock.now())

"""What happens on the way to going live: templates are chosen, files laid down, points confirmed, followers noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, update

from app import audit, clock
from app.wechat.users import Follower
from handlers.people import actions as people
from models.identity import Actor, Identity, Person, find_identity
from models.launch import (
    LONGEST_VERIFY,
    VERIFY_NAME,
    Examination,
    LaunchTick,
    TemplateMap,
    VerifyFile,
    faults_of,
    map_of,
)
from models.refusal import Refusal

KEPT_EXAMINATIONS = 20


def choose_template(
    by: Actor,
    account: str,
    ours: str,
    template: Mapping[str, Any],
    fields: Mapping[str, str],
    wanted: Sequence[str],
    road: str = "template",
) -> TemplateMap:
    """This template of the account speaks for ours from now on. `template` is {template_id, title, fields}, `fields`
    ours → theirs, `wanted` the fields that our messages fill. Refuses with launch.field_<why>."""
    faults = faults_of(dict(fields), list(wanted), list(template["fields"]))
    if faults:
        why, field = faults[0]
        raise Refusal(f"launch.field_{why}", field=field)
    row = map_of(by.session, account, ours, road)
    if row is None:
        row = TemplateMap(account=account, road=road, ours=ours, template_id="", fields={})
        by.session.add(row)
    row.template_id, row.title, row.fields = (
        str(template["template_id"]),
        str(template["title"])[:60],
        dict(fields),
    )
    row.lasting = bool(template.get("lasting"))
    audit.note(by, "launch.choose_template", row, ours=ours, road=road)
    return row


def forget_template(by: Actor, account: str, ours: str, road: str = "template") -> None:
    """No template speaks for ours any more: those messages go by customer service alone."""
    row = map_of(by.session, account, ours, road)
    if row is not None:
        audit.note(by, "launch.forget_template", row, ours=ours, road=road)
        by.session.delete(row)


def lay_down(by: Actor, name: str, content: str) -> VerifyFile:
    """A file that WeChat fetches from the root of our domain. Refuses with launch.verify_name and .verify_content."""
    name, content = name.strip(), content.strip()
    if not VERIFY_NAME.fullmatch(name):
        raise Refusal("launch.verify_name")
    if not 0 < len(content) <= LONGEST_VERIFY or not content.isascii() or not content.isprintable():
        raise Refusal("launch.verify_content", most=LONGEST_VERIFY)
    row = by.session.scalar(select(VerifyFile).where(VerifyFile.name == name))
    if row is None:
        row = VerifyFile(name=name, content=content)
        by.session.add(row)
    row.content = content
    audit.note(by, "launch.lay_down", row)
    return row


def take_up(by: Actor, row: VerifyFile) -> None:
    """WeChat does not ask for it any more."""
    audit.note(by, "launch.take_up", row)
    by.session.delete(row)


def confirm(by: Actor, key: str, *, done: bool) -> None:
    """Somebody has seen it with their own eyes at WeChat's console, or takes that back."""
    if by.staff is None:
        raise Refusal("launch.staff_only")
    by.session.execute(delete(LaunchTick).where(LaunchTick.key == key))
    if done:
        by.session.add(LaunchTick(key=key, staff_id=by.staff.id))
    audit.note(by, "launch.confirm", None, point=key, done=done)


def note_examination(
    by: Actor, findings: list[dict[str, Any]], templates: list[dict[str, Any]] | None = None
) -> Examination:
    """Keep what was found; older ones beyond a score go."""
    row = Examination(findings=findings, templates=templates or [])
    by.session.add(row)
    by.session.flush()
    by.session.execute(delete(Examination).where(Examination.id <= row.id - KEPT_EXAMINATIONS))
    audit.note(by, "launch.examine", row, findings=len(findings))
    return row


def note_followers(by: Actor, app: str, followers: Sequence[Follower]) -> int:
    """People who follow since before this house stood; how many were new. Noting them twice is noting them once."""
    return sum(_note_follower(by, app, one) for one in followers if one.following)


def _note_follower(by: Actor, app: str, follower: Follower) -> bool:
    since = datetime.fromtimestamp(follower.since, UTC) if follower.since else clock.now()
    known = find_identity(by.session, app, follower.openid)
    if known is None:
        known = Identity(kind="oa", app=app, openid=follower.openid, person=Person())
        by.session.add(known)
    elif known.following or (known.follow_changed_at is not None and known.follow_changed_at > since):
        return False
    is_new = known.follow_changed_at is None
    known.following, known.follow_changed_at = True, since
    by.session.flush()
    if follower.unionid:
        people.note_unionid(Actor(by.session, known.person, known, by.staff, "console"), follower.unionid)
    return is_new


def note_gone(by: Actor, app: str, before: datetime, still_there: set[int]) -> int:
    """Whom WeChat no longer lists, though we held them for followers since before the list was begun."""
    follows = Identity.app == app, Identity.following.is_(True), Identity.created_at < before
    unchanged = Identity.follow_changed_at.is_(None) | (Identity.follow_changed_at < before)
    held = set(by.session.scalars(select(Identity.id).where(*follows, unchanged)))
    gone = sorted(held - still_there)
    for start in range(0, len(gone), 500):
        part = Identity.id.in_(gone[start : start + 500])
        by.session.execute(update(Identity).where(part).values(following=False, follow_changed_at=before))
    audit.note(by, "launch.note_gone", None, count=len(gone))
    return len(gone)

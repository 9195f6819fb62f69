"""The examination before going live: what our settings, our rows and WeChat itself say, as findings that a person can
act on. Words are in templates/launch/findings.toml; here are only keys, states and facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.cards import all_maps, card_for
from app.settings import DEMO_PHONE
from app.site import Site
from app.wechat.capabilities import Capability
from app.wechat.errors import NotWeChat, WeChatError
from app.work import Task
from handlers.launch import actions
from handlers.launch.followers import app_of
from handlers.launch.templates import app_by, our_templates
from handlers.menus import actions as menus
from models.identity import Identity
from models.inbox import InboxRow
from models.launch import fields_in
from models.staff import StaffMember

EXAMINE = "launch.examine"
State = Literal["good", "todo", "bad", "skip"]
BACKUP_OLD = timedelta(hours=26)
LASTING = 3  # a subscription notice for long: one yes is for many
NEEDED_ROLES = ("admin", "desk", "approver", "care")


@dataclass(frozen=True, slots=True)
class Finding:
    """`good`, something `todo`, `bad` (residents would notice), or `skip` (this account cannot, so it need not)."""

    key: str
    state: State
    facts: dict[str, Any] = field(default_factory=dict)


def examine_as_work(task: Task) -> Mapping[str, Any]:
    templates: list[dict[str, Any]] = []
    findings = examine(task.site, templates, lambda done, total: task.step(done, total, "检查"))
    rows = [asdict(finding) for finding in findings]
    task.writing(lambda by: actions.note_examination(by, rows, templates))
    return {
        "good": _count(findings, "good"),
        "todo": _count(findings, "todo"),
        "bad": _count(findings, "bad"),
    }


def examine(
    site: Site, templates: list[dict[str, Any]], step: Callable[[int, int], None] = lambda _done, _total: None
) -> list[Finding]:
    """Everything that can be looked at; `templates` receives what the account has. WeChat is asked with no transaction
    open."""
    findings = [*_settings(site), *_rows(site)]
    asked: dict[str, Callable[[Site], Finding]] = {
        "token": _token,
        "menu": _menu,
        "old_replies": _old_replies,
        "templates": partial(_templates, templates),
        "notices": partial(_notices, templates),
        "followers": _followers,
    }
    for done, (key, ask) in enumerate(asked.items()):
        step(done, len(asked))
        findings.append(_asking(key, ask, site))
    return findings


def _count(findings: Iterable[Finding], state: State) -> int:
    return sum(finding.state == state for finding in findings)


def _asking(key: str, ask: Callable[[Site], Finding], site: Site) -> Finding:
    """What WeChat refuses is a finding too, with its own advice."""
    try:
        return ask(site)
    except (WeChatError, NotWeChat) as fault:
        return Finding(key, "bad", {"advice": fault.advice, "code": getattr(fault, "errcode", 0)})


# ---- our own settings and rows ---------------------------------------------------------------------------------------


def _settings(site: Site) -> list[Finding]:
    settings, account = site.settings, site.settings.accounts[0]
    address = f"{settings.web.public_url.rstrip('/')}/wx/{account.name}"
    https = settings.web.public_url.startswith("https://")
    return [
        Finding("mode", "good" if settings.mode == "live" else "todo", {"mode": settings.mode}),
        Finding("address", "good" if https else "bad", {"address": settings.web.public_url}),
        Finding("encryption", "good" if account.encryption == "secure" else "bad"),
        Finding(
            "phone",
            "todo" if settings.community.phone == DEMO_PHONE else "good",
            {"phone": settings.community.phone},
        ),
        Finding("webhook", _webhook_state(site), {"address": address}),
    ]


def _webhook_state(site: Site) -> State:
    """WeChat has pushed something lately: address, token and key are right."""
    with site.database.reading() as session:
        return "good" if session.scalar(select(InboxRow.key).limit(1)) else "todo"


def _rows(site: Site) -> list[Finding]:
    with site.database.reading() as session:
        return [_staff(session), _second_factors(session), _backup(site)]


def _staff(session: Session) -> Finding:
    members = session.scalars(select(StaffMember).where(StaffMember.active)).all()
    held = {role for one in members if one.password for role in one.roles}
    missing = [role for role in NEEDED_ROLES if role not in held]
    return Finding("staff", "todo" if missing else "good", {"missing": missing})


def _second_factors(session: Session) -> Finding:
    members = session.scalars(select(StaffMember).where(StaffMember.active)).all()
    without = [one.name for one in members if one.password and one.totp is None]
    return Finding("second_factor", "todo" if without else "good", {"names": without})


def _backup(site: Site) -> Finding:
    made = [path.stat().st_mtime for path in (site.settings.data / "backups").glob("*.backup")]
    if not made:
        return Finding("backup", "todo")
    hours = int((clock.now().timestamp() - max(made)) // 3600)
    return Finding(
        "backup", "good" if hours <= BACKUP_OLD.total_seconds() // 3600 else "todo", {"hours": hours}
    )


# ---- WeChat ----------------------------------------------------------------------------------------------------------


def _token(site: Site) -> Finding:
    site.main.call.token.get()
    return Finding("token", "good")


def _menu(site: Site) -> Finding:
    if not site.main.can(Capability.MENU):
        return Finding("menu", "skip")
    there = site.main.menu.get()
    with site.database.reading() as session:
        ours = menus.menu_for_wechat(session, site.settings.web.public_url)
    shown = (there or {}).get("menu", {}).get("button", [])
    same = _names(shown) == _names(ours["button"])
    return Finding("menu", "good" if same else "todo", {"there": _names(shown)})


def _names(buttons: Iterable[Mapping[str, Any]]) -> list[str]:
    """ "我要办事:预约服务、要带什么", a line a column."""
    return [
        f"{one.get('name', '')}:{'、'.join(str(line.get('name', '')) for line in one.get('sub_button') or [])}"
        for one in buttons
    ]


def _old_replies(site: Site) -> Finding:
    """Switching our server on silences what was set at WeChat's console; nobody should miss it afterwards."""
    told = site.main.menu.auto_replies()
    words = [
        str(one.get("rule_name", "")) for one in (told.get("keyword_autoreply_info") or {}).get("list", [])
    ]
    switches = ("is_add_friend_reply_open", "is_autoreply_open")
    on = bool(words) or any(told.get(name) for name in switches)
    return Finding("old_replies", "todo" if on else "good", {"words": [word for word in words if word]})


def _templates(templates: list[dict[str, Any]], site: Site) -> Finding:
    """Every template that our messages use is one of the account's, with fields that fit."""
    if not site.main.can(Capability.TEMPLATE):
        return Finding("templates", "skip")
    found = [_seen(one, "template_id", "template") for one in site.main.templates.list()]
    templates += found
    missing = _missing(site, "template", found)
    return Finding("templates", "todo" if missing else "good", {"missing": missing, "there": len(found)})


def _notices(templates: list[dict[str, Any]], site: Site) -> Finding:
    """The same for what people have subscribed to, at the account and at the mini-program."""
    found, missing = [], []
    for road, kind in (("notice", "oa"), ("mini", "mini")):
        app = app_by(site, road)
        if app is not None:
            seen = [_seen(one, "priTmplId", road) for one in site.wechat(kind, app).notices.templates()]
            found += seen
            missing += _missing(site, road, seen)
    templates += found
    if app_by(site, "notice") is None:
        return Finding("notices", "skip")
    return Finding("notices", "todo" if missing else "good", {"missing": missing, "there": len(found)})


def _seen(one: Mapping[str, Any], called: str, road: str) -> dict[str, Any]:
    facts = {"template_id": str(one[called]), "title": str(one["title"]), "road": road}
    return facts | {"fields": fields_in(str(one["content"])), "lasting": one.get("type") == LASTING}


def _missing(site: Site, road: str, there: list[dict[str, Any]]) -> list[str]:
    """Those of ours that no template of the account speaks for."""
    app = f"{'mini' if road == 'mini' else 'oa'}:{app_by(site, road)}"
    with site.database.reading() as session:
        maps = all_maps(session)
    known = {one["template_id"] for one in there}
    cards = {ours: card_for(site.settings, maps, app, road, ours) for ours in our_templates(site, road)}
    return [ours for ours, card in cards.items() if card is None or card.template_id not in known]


def _followers(site: Site) -> Finding:
    if not site.main.can(Capability.USERS):
        return Finding("followers", "skip")
    total = site.main.users.count()
    with site.database.reading() as session:
        mine = Identity.app == app_of(site), Identity.following.is_(True)
        known = session.scalar(select(func.count()).select_from(Identity).where(*mine)) or 0
    return Finding("followers", "good" if known >= total else "todo", {"total": total, "known": known})

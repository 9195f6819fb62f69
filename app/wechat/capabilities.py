"""What an account may do at WeChat follows from its kind and its verification; the platform's table, as
switches.

A call without its switch is refused here with WeChat's own 48001, before it costs anything. Where pages
contradict each other (menus of unverified service accounts) the newer, stricter one counts.
"""

from __future__ import annotations

from enum import StrEnum


class Capability(StrEnum):
    PUSH = "push"  # receive and answer passively
    TOKEN = "token"  # noqa: S105 — a name, no secret
    JSSDK = "jssdk"
    MEDIA = "media"
    DRAFTS = "drafts"
    MENU = "menu"
    KF = "kf"
    USERS = "users"
    MASS_TAG = "mass_tag"
    MASS_OPENID = "mass_openid"
    TEMPLATE = "template"
    BIZSEND = "bizsend"
    QRCODE = "qrcode"
    OAUTH = "oauth"
    FREEPUBLISH = "freepublish"
    MINI = "mini"  # everything of a mini-program's server side


EVERYONE = frozenset(
    {Capability.PUSH, Capability.TOKEN, Capability.JSSDK, Capability.MEDIA, Capability.DRAFTS}
)
_VERIFIED = EVERYONE | {
    Capability.MENU,
    Capability.KF,
    Capability.USERS,
    Capability.MASS_TAG,
    Capability.BIZSEND,
    Capability.FREEPUBLISH,
}
_VERIFIED_SERVICE = _VERIFIED | {
    Capability.MASS_OPENID,
    Capability.TEMPLATE,
    Capability.QRCODE,
    Capability.OAUTH,
}
MINI_PROGRAM = frozenset({Capability.PUSH, Capability.TOKEN, Capability.MINI})


def capabilities(kind: str, verified: bool, government: bool = False) -> frozenset[Capability]:
    """The switches of an account: `kind` is "service" or "subscription"; government subscriptions have
    OAuth.
    """
    if not verified:
        return EVERYONE
    if kind == "service":
        return _VERIFIED_SERVICE
    return _VERIFIED | {Capability.OAUTH} if government else _VERIFIED

"""The platform's numbers: who may call what, how often, and how long an account may still answer.

Sources are the official pages as of autumn 2026. Where they contradict each other the stricter reading stands.
"""

from __future__ import annotations

from sandbox.apps import App

# Minutes and hours are seconds here.
MINUTE, HOUR, DAY = 60, 3600, 86400

# cause → (messages, seconds): what a resident's act lets the account send as customer service.
REPLY_WINDOWS = {
    "message": (5, 48 * HOUR),
    "click": (3, MINUTE),
    "follow": (3, MINUTE),
    "scan": (3, MINUTE),
    "enter": (2, MINUTE),  # a mini-program's contact button
}
TYPING_SECONDS = 15
TYPING_NEEDS_MESSAGE_WITHIN = 30

TOKEN_LIFE = 7200
TOKEN_OVERLAP = 300
FORCE_REFRESH_PAUSE = 30
FORCE_REFRESH_PER_DAY = 20
CODE_LIFE = 5 * MINUTE
REFRESH_LIFE = 30 * DAY
TEMPORARY_MEDIA_LIFE = 3 * DAY
QR_DEFAULT_SECONDS = 60
QR_MOST_SECONDS = 30 * DAY
QR_MOST_PERMANENT = 100_000
TEXT_BYTES = 2048  # undocumented; the bound everybody keeps
CLIENT_ID_TEMPLATE = 10 * MINUTE
CLIENT_ID_MASS = DAY
MASS_PER_MONTH = 4
CLEAR_QUOTA_PER_MONTH = 10
RID_DAYS = 7 * DAY
VISIT_HOURS = 2 * HOUR

# Daily calls of a new account (45009 beyond). What is not listed is not limited.
DAILY_QUOTAS = {
    "/cgi-bin/token": 2000,
    "/cgi-bin/stable_token": 500_000,
    "/cgi-bin/menu/create": 1000,
    "/cgi-bin/menu/get": 10_000,
    "/cgi-bin/menu/delete": 1000,
    "/cgi-bin/media/upload": 100_000,
    "/cgi-bin/media/get": 200_000,
    "/cgi-bin/message/custom/send": 500_000,
    "/cgi-bin/message/template/send": 100_000,
    "/cgi-bin/message/mass/sendall": 100,
    "/cgi-bin/message/mass/send": 100,
    "/cgi-bin/message/mass/preview": 100,
    "/cgi-bin/message/mass/delete": 10,
    "/cgi-bin/qrcode/create": 100_000,
    "/cgi-bin/user/get": 500,
    "/cgi-bin/user/info": 5_000_000,
    "/cgi-bin/user/info/updateremark": 10_000,
    "/cgi-bin/draft/add": 1000,
    "/cgi-bin/draft/get": 500,
    "/cgi-bin/draft/delete": 1000,
    "/cgi-bin/draft/update": 1000,
    "/cgi-bin/draft/count": 1000,
    "/cgi-bin/draft/batchget": 1000,
    "/cgi-bin/freepublish/submit": 100,
    "/cgi-bin/freepublish/get": 100,
}
# Calls in one minute (45011 beyond).
MINUTE_QUOTAS = {
    "/cgi-bin/stable_token": 10_000,
    "/sns/oauth2/access_token": 50_000,
    "/cgi-bin/message/mass/sendall": 60,
    "/cgi-bin/message/mass/send": 60,
    "/wxa/getwxacodeunlimit": 5000,
}

EVERYBODY = frozenset({"token", "jssdk", "media", "draft", "selfmenu"})
VERIFIED = frozenset({"menu", "kf", "users", "mass_tag", "freepublish", "bizsend"})
VERIFIED_SERVICE = frozenset({"mass_openid", "template", "qrcode", "oauth"})
MINI_PROGRAM = frozenset({"token", "kf", "media", "mini", "bizsend"})


def capabilities(app: App) -> frozenset[str]:
    """What kind, verification and a government subject allow; everything else answers 48001."""
    if app.mini:
        return MINI_PROGRAM
    allowed = EVERYBODY
    if app.verified:
        allowed |= VERIFIED
    if app.verified and app.kind == "service":
        allowed |= VERIFIED_SERVICE
    if app.verified and app.government:
        allowed |= {"oauth"}  # verified government and media 公众号 may use web login
    return allowed

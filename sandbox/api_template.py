"""Template messages and subscription notices: fixed cards, sent one by one, reported back by an event."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.api_users import reader_of
from sandbox.apps import Template
from sandbox.chat import Bubble, say
from sandbox.contacts import contact, spend_grant
from sandbox.errors import Refused
from sandbox.gateway import OK, Answer, Call, Endpoints
from sandbox.rules import CLIENT_ID_TEMPLATE
from sandbox.template_fields import LABELS, checked

endpoints = Endpoints()


@endpoints.post("/cgi-bin/message/template/send", needs="template")
def send(call: Call) -> Answer:
    openid = str(call.body.get("touser", ""))
    reader = reader_of(call, openid)
    template = call.app.template(str(call.body.get("template_id")))
    if template is None or template.type is not None:
        raise Refused(40037)
    if not contact(call.db, call.app.name, reader.id).following:
        raise Refused(43004)
    body = _card(call, template)
    msg_id = _once(call, openid)
    say(call.db, call.app.name, reader.id, openid, call.now, Bubble("account", "card", body, "template"))
    fields = {"MsgID": msg_id, "Status": "success"}
    call.later.append(lambda: call.platform.event_soon(call.app, openid, "TEMPLATESENDJOBFINISH", fields))
    return {**OK, "msgid": msg_id}


def _card(call: Call, template: Template) -> dict[str, Any]:
    rows = checked(template, call.body.get("data"))
    mini = call.body.get("miniprogram")
    jump = {"miniprogram": mini} if isinstance(mini, dict) and mini.get("appid") else {}
    url = str(call.body.get("url") or call.body.get("page") or "")
    if len(url.encode()) > 1024:
        raise Refused(40039)
    return {"title": template.title, "rows": rows, "url": url, "template_id": template.template_id, **jump}


def _once(call: Call, openid: str) -> int:
    """A new message number. Raises Refused 45065 for a client_msg_id that this reader had within ten minutes."""
    msg_id = secrets.randbelow(10**9) + 10**9
    client_id = call.body.get("client_msg_id")
    if not client_id:
        return msg_id
    key = (call.app.name, openid, str(client_id))
    query = "SELECT msg_id FROM sent_once WHERE app = ? AND scope = ? AND client_id = ? AND at > ?"
    held = call.db.execute(query, (*key, call.now - CLIENT_ID_TEMPLATE)).fetchone()
    if held:
        raise Refused(45065, msgid=held["msg_id"], msg_id=held["msg_id"])
    call.db.execute("INSERT OR REPLACE INTO sent_once VALUES (?, ?, ?, ?, ?)", (*key, call.now, msg_id))
    return msg_id


@endpoints.get("/cgi-bin/template/get_all_private_template", needs="template")
def all_templates(call: Call) -> Answer:
    own = [each for each in call.app.templates if each.type is None]
    return {"template_list": [{"template_id": each.template_id, **_described(each)} for each in own]}


def _described(template: Template) -> dict[str, str]:
    named = {key: template.labels.get(key) or LABELS.get(kind, key) for key, kind in template.fields.items()}
    content = "\n".join(f"{label}:{{{{{key}.DATA}}}}" for key, label in named.items())
    return {
        "title": template.title,
        "primary_industry": "",
        "deputy_industry": "",
        "content": content,
        "example": "",
    }


def notices(call: Call) -> list[Template]:
    """What a notice may use: no template of the other kind. A mini-program without any has those of the accounts."""
    own = call.app.templates or not call.app.mini
    apps = [call.app] if own else call.platform.apps.all()
    return [each for app in apps for each in app.templates if each.type is not None]


@endpoints.get("/wxaapi/newtmpl/gettemplate", needs="bizsend", serves="both")
def notice_templates(call: Call) -> Answer:
    shown: list[dict[str, Any]] = [
        {
            "priTmplId": each.template_id,
            **_described(each),
            "type": each.type,
            "keywordEnumValueList": [],
        }
        for each in notices(call)
    ]
    return {**OK, "data": shown}


@endpoints.post("/cgi-bin/message/subscribe/bizsend", needs="bizsend")
def send_notice(call: Call) -> Answer:
    _notify(call)
    return OK


@endpoints.post("/cgi-bin/message/subscribe/send", needs="bizsend", serves="mini")
def send_mini_notice(call: Call) -> Answer:
    page = str(call.body.get("page") or "")
    if page.startswith("/") or (
        call.app.pages and page and page.split("?", maxsplit=1)[0] not in call.app.pages
    ):
        raise Refused(41030)
    return {**OK, "msgid": _notify(call)}


def _notify(call: Call) -> int:
    """One card for one stored grant. Raises Refused 40003, 40037, 47003, 43101 or 45065."""
    if call.body.get("miniprogram_state", "formal") not in ("developer", "trial", "formal"):
        raise Refused(40097)
    openid = str(call.body.get("touser", ""))
    reader = reader_of(call, openid)
    wanted = str(call.body.get("template_id"))
    template = next((each for each in notices(call) if each.template_id == wanted), None)
    if template is None:
        raise Refused(40037)
    body = _card(call, template)
    msg_id = _once(call, openid)
    spend_grant(call.db, call.app.name, reader.id, wanted, template.type == 3)
    say(call.db, call.app.name, reader.id, openid, call.now, Bubble("account", "card", body, "subscribe"))
    one = {"TemplateId": wanted, "MsgID": msg_id, "ErrorCode": 0, "ErrorStatus": "success"}
    fields = {"List": one} if call.app.mini else {"SubscribeMsgSentEvent": {"List": one}}
    call.later.append(lambda: call.platform.event_soon(call.app, openid, "subscribe_msg_sent_event", fields))
    return msg_id

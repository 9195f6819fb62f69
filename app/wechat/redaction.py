"""Secrets, openids, phones and identity numbers never reach a log, an exception or a screen: this masks
them in text.

A mask keeps the least that still lets two log lines be matched: the last four of an openid, 138****5678 of
a phone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

MASK = "***"

_HIDDEN = (
    "access_token|component_access_token|refresh_token|session_key|appsecret|app_secret|secret"
    "|jsapi_ticket|ticket|aes_key|encodingaeskey|encoding_aes_key|aes_key_previous|token|js_code|code|authorization|password|master_key"
)
_PERSON_NAMES = "openid|open_id|touser|unionid|fromusername|tousername|open_pid|openpid|from_openid"
_SECRET = re.compile(
    rf"""(?ix)(?<![\w])(?P<name>["']?(?:{_HIDDEN})["']?\s*[=:]\s*["']?)(?P<value>[^\s"'&,;<>)}}\]]+)"""
)
_PERSON = re.compile(
    rf"""(?ix)(?<![\w])(?P<name>["']?(?:{_PERSON_NAMES})["']?\s*[=:]\s*["']?)(?P<value>[\w@.-]{{5,}})"""
)
_SECRET_TAG = re.compile(r"(?i)(<(?:Encrypt|Ticket)>(?:<!\[CDATA\[)?)[^<\]]+")
_PERSON_TAG = re.compile(r"(?i)(<(?:FromUserName|ToUserName|OpenID|UnionID)>(?:<!\[CDATA\[)?)([^<\]]+)")
# An openid: 28 characters, "o" first in every published sample; the platform promises neither.
_OPENID = re.compile(r"(?<![\w-])o[0-9A-Za-z_-]{27}(?![\w-])")
_IDENTITY = re.compile(r"(?<![\dA-Za-z])\d{6}(?:18|19|20)\d{9}[\dXx](?![\dA-Za-z])")
_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")

_SECRET_KEY = re.compile(rf"(?i)^(?:{_HIDDEN})$")
_PERSON_KEY = re.compile(rf"(?i)^(?:{_PERSON_NAMES})$")


def last_four(value: str) -> str:
    """The end of an openid, for log lines."""
    return MASK + value[-4:]


def redact(text: str) -> str:
    """The text without secrets, and with people named by their last four characters only."""
    text = _SECRET.sub(rf"\g<name>{MASK}", text)
    text = _SECRET_TAG.sub(rf"\g<1>{MASK}", text)
    text = _PERSON.sub(lambda found: found["name"] + last_four(found["value"]), text)
    text = _PERSON_TAG.sub(lambda found: found[1] + last_four(found[2]), text)
    text = _OPENID.sub(lambda found: last_four(found[0]), text)
    text = _IDENTITY.sub(lambda found: last_four(found[0]), text)
    return _PHONE.sub(r"\1****\2", text)


def redact_event(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A structlog processor: the same for every value of a log line, however deeply it is nested."""
    for key, value in event.items():
        event[key] = _redact_value(key, value)
    return event


def _redact_value(key: str, value: Any) -> Any:
    if isinstance(value, str):
        return _redact_named(key, value)
    if isinstance(value, bytes):
        return redact(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {name: _redact_value(str(name), inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_redact_value(key, inner) for inner in value]
    if isinstance(value, BaseException):
        return redact(f"{type(value).__name__}: {value}")
    return value


def _redact_named(key: str, value: str) -> str:
    if _SECRET_KEY.match(key):
        return MASK
    if _PERSON_KEY.match(key):
        return last_four(value)
    return redact(value)

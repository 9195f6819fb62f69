"""How a push is written and a reply is read: WeChat's XML with CDATA, or JSON for mini-programs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

# What XML 1.0 cannot carry at all; the platform drops it too.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
REPLY_BYTES = 65536


class BadWire(Exception):
    """The text is not the XML or JSON that was agreed; the message says why."""


def to_xml(message: Mapping[str, Any]) -> str:
    return "<xml>" + "".join(_element(key, value) for key, value in message.items()) + "</xml>"


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, each) for each in value)
    return f"<{name}>{_content(value)}</{name}>"


def _content(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(_element(key, each) for key, each in value.items())
    if isinstance(value, (int, float)):
        return str(value)
    return cdata(str(value))


def cdata(text: str) -> str:
    return "<![CDATA[" + ILLEGAL.sub("", text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def to_json(message: Mapping[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def read_xml(text: str) -> dict[str, Any]:
    """One level becomes text, deeper levels become dicts, repeated names become lists. Raises BadWire."""
    if len(text.encode()) > REPLY_BYTES:
        raise BadWire("the reply is longer than 64 KB")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadWire("a document type is not allowed")
    try:
        root = ET.fromstring(text)  # noqa: S314 - no document type, 64 KB at most
    except ET.ParseError as error:
        raise BadWire(f"not XML: {error}") from error
    if root.tag != "xml" or not len(root):
        raise BadWire("the root must be <xml> with elements inside")
    return _children(root)


def _children(element: ET.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element:
        value = _children(child) if len(child) else (child.text or "")
        if child.tag in found:
            held = found[child.tag]
            found[child.tag] = [*(held if isinstance(held, list) else [held]), value]
        else:
            found[child.tag] = value
    return found


def read_json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadWire(f"not JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadWire("the reply must be a JSON object")
    return found

"""Facts that stand in an address and nowhere else (a receipt that is shown once): sealed, so that no log and no history
of a browser tells them."""

from __future__ import annotations

import base64
import json
from typing import Any

from flask import abort

from app import privacy
from app.privacy import Lane


def sealed_facts(purpose: str, facts: dict[str, Any], lane: Lane = "main") -> str:
    """For a part of an address."""
    sealed = privacy.keyring(lane).seal(purpose, json.dumps(facts).encode())
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def opened_facts(purpose: str, sealed: str, lane: Lane = "main") -> dict[str, Any]:
    """What was sealed for this purpose; anything else is a page that is not there."""
    try:
        stored = base64.urlsafe_b64decode((sealed + "=" * (-len(sealed) % 4)).encode("ascii"))
        facts: dict[str, Any] = json.loads(privacy.unseal(purpose, stored, lane=lane))
    except (ValueError, privacy.Unreadable):  # binascii.Error is a ValueError
        abort(404)
    return facts

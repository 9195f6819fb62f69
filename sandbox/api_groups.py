"""The list of every group of calls that the platform answers."""

from __future__ import annotations

from typing import Any

from sandbox import api_kf, api_qrcode, api_sns, api_token
from sandbox.platform import Platform

ALL = [each.endpoints for each in (api_token, api_sns, api_qrcode, api_kf)]


def article(platform: Platform, article_id: str) -> dict[str, Any] | None:
    return None

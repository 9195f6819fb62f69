"""The list of every group of calls that the platform answers."""

from __future__ import annotations

from sandbox import (
    api_draft,
    api_kf,
    api_mass,
    api_media,
    api_menu,
    api_mini,
    api_qrcode,
    api_sns,
    api_tags,
    api_template,
    api_token,
    api_users,
)

_GROUPS = (
    api_token, api_sns, api_menu, api_qrcode, api_users, api_tags, api_kf,
    api_template, api_mass, api_draft, api_media, api_mini,
)  # fmt: skip
ALL = [each.endpoints for each in _GROUPS]

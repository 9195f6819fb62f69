"""Broadcasts in chat: a receipt in the resident's own words."""

from __future__ import annotations

from app.dialogue import Chat

chat = Chat("broadcasts")

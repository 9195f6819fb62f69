"""What a broadcast says as a page: open to everybody, since it is a public notice."""

from __future__ import annotations

from app.channels.pages import Pages

pages = Pages("broadcasts_pages", __name__)

"""The code on a number slip that leads a telephone to where the visit is rated: nothing is typed, nobody signs in."""

from __future__ import annotations

import segno
from flask import url_for

from app.links import link_to
from models.tickets import Ticket


def picture_for(ticket: Ticket) -> str:
    """As an address of a picture; "" for a visit that is never asked about."""
    if ticket.code is None or ticket.service.discreet_name is not None:
        return ""
    link = link_to(url_for("ratings_pages.slip", code=ticket.code))
    uri: str = segno.make(link, error="m", micro=False).svg_data_uri(border=2, scale=4)
    return uri

"""Files by which WeChat sees that a domain is ours, at its root: GET /MP_verify_….txt."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from sqlalchemy import select

from app.channels.pages import current_site, for_everybody
from models.launch import VERIFY_NAME, VerifyFile

root = Blueprint("launch_root", __name__)


@root.get("/<string(minlength=10,maxlength=70):name>")
@for_everybody
def verify(name: str) -> Response:
    """Only what the staff have laid down; any other name is a page that is not there."""
    if not VERIFY_NAME.fullmatch(name):
        abort(404)
    with current_site().database.reading() as session:
        content = session.scalar(select(VerifyFile.content).where(VerifyFile.name == name))
    if content is None:
        abort(404)
    return Response(content, content_type="text/plain; charset=utf-8")

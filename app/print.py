"""Paper: templates (templates/<feature>/*.typ) filled with facts and made into PDF, or into a picture to look at first.

Facts reach a template as JSON, never as part of its text, so that nothing that somebody typed is ever read as a
command. The letters come with a package (Noto Sans SC): every machine prints the same page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import pylopdf_fonts_zh_cn as letters
import segno

from app.words import TEMPLATES

if TYPE_CHECKING:
    import typst

PDF = "application/pdf"
PREVIEW_PPI = 60


def paper(template: str, facts: Mapping[str, Any], form: Literal["pdf", "png"] = "pdf") -> bytes:
    """The page or pages of templates/<template>.typ; as "png" its first page, small. Only for long work."""
    import typst  # only who prints has it in memory

    path = TEMPLATES / f"{template}.typ"
    made: Any = typst.compile(  # a list of pages when there are several
        str(path),
        root=str(path.parent),
        font_paths=_letters(),
        ignore_system_fonts=True,
        sys_inputs={"facts": json.dumps(_clean(facts), ensure_ascii=False)},
        format=form,
        ppi=PREVIEW_PPI if form == "png" else None,
    )
    first: bytes = made[0] if isinstance(made, list) else made
    return first


@cache
def _letters() -> typst.Fonts:
    import typst

    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(letters.sans_path().parent)],
    )


def _clean(value: Any) -> Any:
    """Signs that cannot be seen (zero width, turned direction) are left out of everything that is printed."""
    if isinstance(value, str):
        return "".join(sign for sign in value if sign.isprintable() or sign == "\n")
    if isinstance(value, Mapping):
        return {key: _clean(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(one) for one in value]
    return value


def drawn_code(content: str) -> str:
    """A QR code as a drawing with its quiet zone; readable when a quarter of it is dirty, black and white only."""
    out = BytesIO()
    segno.make(content, error="q", micro=False, boost_error=False).save(
        out, kind="svg", border=4, xmldecl=False, dark="#000", light="#fff"
    )
    return out.getvalue().decode()

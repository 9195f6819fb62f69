"""Before a web process answers its first message: what features would otherwise build while somebody waits.

WeChat waits five seconds for an answer; an index that is built on a busy machine takes some of them. A database that is
away now is no reason not to start: the first message builds what is missing.
"""

from __future__ import annotations

import structlog

from app.database import Busy
from app.site import Site

log = structlog.get_logger()


def warm_up(site: Site) -> None:
    """Let each feature read what it keeps in memory; one that cannot is passed over. A key that opens no door ends the
    start here."""
    log.debug("doors", names=sorted(site.doors))
    for feature in site.house.features:
        if feature.warm is None:
            continue
        try:
            with site.database.reading() as session:
                feature.warm(session)
        except Busy as busy:
            log.warning("not_warmed_up", feature=feature.name, reason=str(busy))

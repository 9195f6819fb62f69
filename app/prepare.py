"""Brings the databases up to date before anything serves: `python -m app.prepare`.

In sandbox mode the invented neighbourhood moves in once. After a restore (`--restored`) the features are told of it. A
process of its own, so that the supervisor stays small; and left out when a look with the bare driver shows that there
is nothing to do, which makes a restart seconds faster.
"""

import re
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from app.settings import PROJECT, Settings, settings_or_end

if TYPE_CHECKING:
    from app.site import Site

LANES = {"main": "", "confidential": ".confidential"}  # lane → what its SQLite file adds to the name
LINK_LIVES = 23 * 3600
RESTORED = "--restored"
VERSION = "SELECT version_num FROM alembic_version_{}"
MIGRATIONS = PROJECT / "models" / "migrations"


def main() -> None:
    from app.hosts import disagreement
    from app.logs import start_logs
    from app.schema import alone
    from app.site import Site

    settings = settings_or_end()
    start_logs(settings)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    site = Site(settings)
    if line := disagreement(site):
        sys.exit(line)
    with alone(settings.database.url):
        _prepare(site)
    site.close()


def _prepare(site: "Site") -> None:
    from app.cli import install_essentials, seed
    from app.forgotten import forget_again
    from app.restored import come_back
    from app.schema import bring_up_to_date
    from handlers.staff.commands import write_first_link

    bring_up_to_date(site.settings.database.url)
    if site.settings.mode == "sandbox" and _real_people_live_here(site):
        sys.exit(
            "people live here who were not invented, and mode is sandbox: are the settings missing? CONFIG=…"
        )
    install_essentials(site)
    forget_again(site)
    if RESTORED in sys.argv:
        print("\n".join(come_back(site)))
    if site.settings.mode == "sandbox":
        seed(site, if_empty=True)
        write_first_link(site)


def _real_people_live_here(site: "Site") -> bool:
    from sqlalchemy import select

    from models.identity import Person
    from models.seeded import is_seeded

    with site.database.reading() as session:
        return not is_seeded(session) and session.scalar(select(Person.id).limit(1)) is not None


def is_current(settings: Settings) -> bool:
    """Whether both lanes are at the newest revision and the sandbox is inhabited; False when in doubt."""
    url = settings.database.url
    if not all(_one(url, lane, VERSION.format(lane)) == newest(MIGRATIONS / lane) for lane in LANES):
        return False
    if settings.mode != "sandbox":
        return True
    return bool(_one(url, "main", "SELECT id FROM seeding")) and not _link_is_old(settings.data)


def _link_is_old(data: Path) -> bool:
    """The first administrator's one-time link was never used and has died: it is made anew."""
    link = data / "first-admin-link.txt"
    return link.exists() and time.time() - link.stat().st_mtime > LINK_LIVES


def newest(folder: Path) -> str:
    """The revision that no other one builds upon."""
    texts = [path.read_text("utf-8") for path in folder.glob("*.py")]
    made = {name for text in texts for name in re.findall(r'^revision\b[^"=]*= "(\w+)"', text, re.MULTILINE)}
    built_upon = {
        name for text in texts for name in re.findall(r'^down_revision\b[^"=]*= "(\w+)"', text, re.MULTILINE)
    }
    heads = made - built_upon
    return heads.pop() if len(heads) == 1 else ""


def _one(url: str, lane: str, question: str) -> str:
    """The first value of an answer, "" when there is none. Asked of the bare drivers, which are quickly there."""
    file = url.removeprefix("sqlite:///") + LANES[lane]
    try:
        if url.startswith("postgresql"):
            return _one_of_postgres(url, lane, question)
        if not Path(file).exists():
            return ""
        with closing(sqlite3.connect(file, timeout=2)) as connection:
            row = connection.execute(question).fetchone()
    except sqlite3.Error:
        return ""
    return str(row[0]) if row else ""


def _one_of_postgres(url: str, lane: str, question: str) -> str:
    import psycopg

    schema = "confidential" if lane == "confidential" else "public"
    plain = "postgresql" + url[url.index("://") :]
    try:
        with psycopg.connect(plain, connect_timeout=2, options=f"-c search_path={schema}") as connection:
            row = connection.execute(question.encode()).fetchone()
    except psycopg.Error:
        return ""
    return str(row[0]) if row else ""


if __name__ == "__main__":
    main()

"""Teams: who is in them, whose shift it is, who stands in, and thanks."""

from app.feature import Feature, Waits
from handlers.teams import (  # noqa: F401 — they enter their words into the chat, their pages into the console
    api_shifts,
    chat_shifts,
    chat_thanks,
    console_plan,
    console_team,
    console_thanks,
    pages_lead,
    pages_shifts,
    pages_thanks,
)
from handlers.teams.api import api
from handlers.teams.chat import chat
from handlers.teams.console import console
from handlers.teams.jobs import jobs
from handlers.teams.own_rows import forget, kept_of, merge, part
from handlers.teams.pages import pages
from handlers.teams.seed import seed
from handlers.teams.waves import look_after_shifts
from models.teams import TeamMember, asking, odd_members, ownerless
from models.teams_covers import stale_covers
from models.teams_shifts import strangers_on_shift
from models.teams_thanks import Thanks, to_review

feature = Feature(
    name="teams",
    title="志愿队伍",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(("队伍", "teams_console.teams", "team"),),
    export=kept_of,
    erase=forget,
    merge=merge,
    part=part,
    invariants=[ownerless, odd_members, strangers_on_shift, stale_covers],
    jobs=jobs,
    errands=[look_after_shifts],
    waits=(
        Waits.rows("等看的感谢", ("approver",), to_review, Thanks.at),
        Waits.rows("想加入队伍的", ("desk", "leader"), asking, TeamMember.changed_at),
    ),
    seed=seed,
)

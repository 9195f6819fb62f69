"""What happens to teams, as all channels ask for it. Each part stands in a file of its own."""

from handlers.teams.away import come_back, pause
from handlers.teams.covering import (
    ask_cover,
    decline,
    mates,
    swaps_with,
    take,
    undo,
    withdraw,
)
from handlers.teams.founding import edit_team, found_team, open_account, rest, wake
from handlers.teams.planning import WeeklyShift, end_plan, fill, plan_shift, roll
from handlers.teams.roster import (
    accept,
    add,
    agree,
    ask,
    change_own,
    invite,
    leave,
    refuse,
    remove,
    renew_invite,
    set_role,
)
from handlers.teams.roster import decline as decline_invitation
from handlers.teams.speaking import say
from handlers.teams.thanking import approve, choose_shown, refuse_thanks, thank_for_service, thank_member

__all__ = [
    "WeeklyShift",
    "accept",
    "add",
    "agree",
    "approve",
    "ask",
    "ask_cover",
    "change_own",
    "choose_shown",
    "come_back",
    "decline",
    "decline_invitation",
    "edit_team",
    "end_plan",
    "fill",
    "found_team",
    "invite",
    "leave",
    "mates",
    "open_account",
    "pause",
    "plan_shift",
    "refuse",
    "refuse_thanks",
    "remove",
    "renew_invite",
    "rest",
    "roll",
    "say",
    "set_role",
    "swaps_with",
    "take",
    "thank_for_service",
    "thank_member",
    "undo",
    "wake",
    "withdraw",
]

"""Forms filled one question at a time, finished at the desk, printed large (engine M8)."""

from app.feature import Feature, Waits
from handlers.forms import console_sheets  # noqa: F401 — enters pages
from handlers.forms.api import api
from handlers.forms.chat import chat
from handlers.forms.console import console
from handlers.forms.jobs import JOBS
from handlers.forms.loading import install
from handlers.forms.pages import pages
from handlers.forms.rights import forget, kept_of, merge
from handlers.forms.seed import seed
from models.forms import FormDraft, every_draft_has_its_version, handed_in, nothing_is_kept_too_long

feature = Feature(
    name="forms",
    title="填表",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(("填表", "forms_console.drafts", "form"),),
    export=kept_of,
    erase=forget,
    merge=merge,
    invariants=[every_draft_has_its_version, nothing_is_kept_too_long],
    jobs=JOBS,
    waits=(Waits.rows("等核对的表", ("desk",), handed_in, FormDraft.handed_in_at),),
    essentials=install,
    seed=seed,
)

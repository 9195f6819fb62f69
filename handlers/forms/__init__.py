"""Forms filled one question at a time, finished at the desk, printed large (engine M8)."""

from app.feature import Feature
from handlers.forms.chat import chat
from handlers.forms.loading import install
from handlers.forms.pages import pages
from handlers.forms.rights import forget, kept_of, merge
from models.forms import every_draft_has_its_version, nothing_is_kept_too_long

feature = Feature(
    name="forms",
    title="填表",
    chat=chat,
    pages=pages,
    export=kept_of,
    erase=forget,
    merge=merge,
    essentials=install,
    invariants=[every_draft_has_its_version, nothing_is_kept_too_long],
)

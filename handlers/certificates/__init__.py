"""Certificates of volunteer service: the volunteer's file, the proof, its register, the national export."""

from app.feature import Feature, Waits
from app.work import WorkKind
from handlers.certificates import (  # noqa: F401 — they enter their pages
    console_files,
    console_national,
    console_new,
    console_one,
    pages_public,
)
from handlers.certificates.api import api
from handlers.certificates.chat import chat
from handlers.certificates.console import console
from handlers.certificates.jobs import JOBS
from handlers.certificates.national import make
from handlers.certificates.pages import pages
from handlers.certificates.rights import forget, kept_of, merge
from handlers.certificates.seed import seed
from handlers.certificates.works import print_board, print_paper, print_register
from models.certificate_lists import open_objections, to_check
from models.certificates import (
    Certificate,
    CertificateObjection,
    changed_content,
    gaps_in_register,
    posted_too_short,
)

MADE = "certificates/console_made.html"

feature = Feature(
    name="certificates",
    title="志愿证明",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(("证明", "certificates_console.home", "proof"),),
    works=(
        WorkKind("certificates.paper", "打印志愿证明", print_paper, shown_by=MADE),
        WorkKind("certificates.board", "打印公示单", print_board, shown_by=MADE),
        WorkKind("certificates.national", "上报志愿服务记录", make, shown_by=MADE),
        WorkKind("certificates.register", "打印编号登记簿", print_register, shown_by=MADE),
    ),
    export=kept_of,
    erase=forget,
    merge=merge,
    invariants=(gaps_in_register, changed_content, posted_too_short),
    jobs=JOBS,
    seed=seed,
    waits=(
        Waits.rows("等查的志愿证明", ("desk",), to_check, Certificate.asked_at),
        Waits.rows("志愿证明的异议", ("desk",), open_objections, CertificateObjection.at),
    ),
)

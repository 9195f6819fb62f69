"""Registers in and out: sheets read with care and checked cell by cell, undone within a day, taken out watermarked."""

from app.feature import Feature
from app.work import WorkKind
from handlers.registers import exports, works
from handlers.registers.console import console
from handlers.registers.jobs import JOBS
from handlers.registers.mine import forget, kept_of
from handlers.registers.seed import seed

feature = Feature(
    name="registers",
    title="台账",
    console=console,
    console_menu=(("台账", "registers_console.home", "register"),),
    works=(
        WorkKind("registers.check", "检查表格", works.check, shown_by="registers/console_checked.html"),
        WorkKind(
            "registers.take_in", "登记表格里的居民", works.take_in, shown_by="registers/console_taken_in.html"
        ),
        WorkKind(
            "registers.take_back", "撤销登记", works.take_back, shown_by="registers/console_taken_back.html"
        ),
        WorkKind("registers.export", "导出台账", exports.make, shown_by="registers/console_exported.html"),
    ),
    export=kept_of,
    erase=forget,
    jobs=JOBS,
    seed=seed,
)

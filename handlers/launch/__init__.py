"""Going live: followers from before, the menu, templates, verification files, and what is still missing, in words."""

from app.feature import Feature
from app.work import WorkKind
from handlers.launch import commands, files
from handlers.launch.console import console
from handlers.launch.doctor import EXAMINE, examine_as_work
from handlers.launch.followers import IMPORT, import_as_work

commands.install(console)
feature = Feature(
    name="launch",
    title="上线",
    root=files.root,
    console=console,
    console_menu=(("上线", "launch_console.launch", "launch"),),
    works=(
        WorkKind(EXAMINE, "上线检查", examine_as_work, shown_by="launch/console_examined.html"),
        WorkKind(IMPORT, "导入以前的关注者", import_as_work, shown_by="launch/console_imported.html"),
    ),
)

"""The account's menu as versions: edited with a preview, published, rolled back."""

from app.feature import Feature
from app.work import WorkKind
from handlers.menus import actions, works
from handlers.menus.console import console

feature = Feature(
    name="menus",
    title="菜单",
    console=console,
    console_menu=(("菜单", "menus_console.menu", "menu"),),
    works=(WorkKind(actions.PUBLISH, "发布菜单", works.publish, shown_by="menus/console_published.html"),),
    essentials=actions.install,
    seed=actions.install,
)

"""Posters and sheets to print: a QR code that can be scanned, a short code that can be typed, a phone."""

from app.feature import Feature
from app.work import WorkKind
from handlers.posters import works
from handlers.posters.chat import chat
from handlers.posters.console import console

feature = Feature(
    name="posters",
    title="海报",
    chat=chat,
    console=console,
    console_menu=(("海报", "posters_console.home", "poster"),),
    works=(WorkKind("posters.paper", "做海报和表", works.make, shown_by="posters/console_made.html"),),
)

"""A page as a browser with htmx has it: what is fetched into it, and what is sent while somebody types."""

from __future__ import annotations

from urllib.parse import urljoin

from tests.pages.visitors import Button, Form, Screen


class Lively(Screen):
    """What htmx fetches is a link more, what it sends is a button more of the form that it takes along (`hx-include`),
    or of the one that it stands in."""

    def __init__(self, page: str) -> None:
        self.named: dict[str, Form] = {}
        super().__init__(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        has = {name: value or "" for name, value in attrs}
        if tag == "form" and has.get("id"):
            self.named[has["id"]] = self.forms[-1]
        if has.get("hx-get"):
            self.links.append(("", has["hx-get"]))
        if has.get("hx-post") and (form := self._taken_along(has.get("hx-include", ""))):
            form.buttons.append(Button(action=has["hx-post"]))

    def _taken_along(self, include: str) -> Form | None:
        if include:
            return self.named.get(include.removeprefix("#"))
        return self.forms[-1] if self.forms else None


def goals(form: Form, path: str) -> set[str]:
    """Where a form of the page at `path` goes: where it says, and where each of its buttons does."""
    actions = {form.action, *(button.action for button in form.buttons if button.action)}
    return {urljoin(path, action or path) for action in actions}

"""HTML -> what tests ask of it: links, ids, what is loaded, text runs with their language."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = frozenset({"meta", "link", "input", "br", "path", "circle"})


@dataclass
class Element:
    """One element: its tag, its attributes, and the text right within it."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


@dataclass
class Markup(HTMLParser):
    """A page that was read; a tag that does not close what was opened last is an error."""

    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in _EMPTY:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Hold that tags nest."""
        if tag not in _EMPTY:
            assert self._open, f"</{tag}> closes nothing"
            assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Note text."""
        if self._open:
            self._open[-1].text += data

    def all(self, tag: str) -> list[Element]:
        """The elements of a name, in the order of the page."""
        return [element for element in self.elements if element.tag == tag]

    def values(self, attribute: str) -> list[str]:
        """The values of an attribute, wherever it stands."""
        found = (element.attributes.get(attribute) for element in self.elements)
        return [value for value in found if value is not None]

    def root(self) -> dict[str, str | None]:
        """The attributes of `<html>`."""
        return self.all("html")[0].attributes


def read(page: str) -> Markup:
    """Return a page; all its tags nest and close."""
    markup = Markup()
    markup.feed(page)
    markup.close()
    assert not markup._open, f"<{markup._open[-1].tag}> stays open"
    return markup

"""A page as a small tree, and what a reader or a browser finds in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from tests.site import ORIGIN

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_OPTIONAL_END = {"p", "li", "option", "dt", "dd", "tr", "td", "th", "tbody", "thead"}

_ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "srcset", "xlink:href"}


@dataclass
class Element:
    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def all(self, tag: str = "", **attrs: str) -> list["Element"]:
        """Elements beneath this one, in order; `class_` is one of the classes, other attributes are exact."""
        return [found for found in self._walk() if tag in {"", found.tag} and found._has(attrs)]

    def one(self, tag: str = "", **attrs: str) -> "Element":
        """The only such element."""
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} × {tag} {attrs}"
        return found[0]

    @property
    def text(self) -> str:
        """Its words, white space folded."""
        return " ".join("".join(self._words()).split())

    def _walk(self) -> Iterator["Element"]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child._walk()

    def _words(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in {"script", "style"}:
                yield from child._words()

    def _has(self, attrs: dict[str, str]) -> bool:
        return all(
            value in self.attrs.get("class", "").split() if name == "class_" else self.attrs.get(name.replace("_", "-")) == value
            for name, value in attrs.items()
        )


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice on {tag}: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self.open[-1].tag in _OPTIONAL_END and self.open[-1].tag != tag:
            self.open.pop()
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}> at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(html: str) -> Element:
    """The page's tree; fails for tags that do not match."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert len(builder.open) == 1, f"never closed: {[element.tag for element in builder.open]}"
    return builder.root


def loaded(page: Element) -> list[str]:
    """What a browser fetches by itself."""
    kept = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "preconnect", "dns-prefetch", "manifest"}
    links = [link.attrs["href"] for link in page.all("link") if kept & set(link.attrs["rel"].split())]
    sources = [element.attrs[name] for element in page.all() for name in ("src", "srcset", "poster", "data", "background") if name in element.attrs]
    return links + sources


def linked(page: Element, address: str) -> list[str]:
    """Full addresses of our own pages and files that the page at `address` names."""
    named = [element.attrs[name] for element in page.all() for name in ("href", "src", "action") if name in element.attrs]
    full = [urljoin(urljoin(ORIGIN, address), name) for name in named]
    return [name for name in full if ours(name)]


def ours(address: str) -> bool:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" == ORIGIN


def inline(page: Element) -> list[str]:
    """Everything a strict Content-Security-Policy would block."""
    found = [f"<style> {element.text}" for element in page.all("style")]
    found += [
        f"<script> {element.attrs}" for element in page.all("script") if "src" not in element.attrs and element.attrs.get("type") != "application/ld+json"
    ]
    for element in page.all():
        found += [f"{element.tag} {name}" for name in element.attrs if name == "style" or name.startswith("on")]
        addresses = [value.strip().lower() for name, value in element.attrs.items() if name in _ADDRESSES]
        found += [f"{element.tag} {value}" for value in addresses if value.startswith(("javascript:", "vbscript:", "data:"))]
    return found

"""A page as a tree, to ask what stands where."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass
class Node:
    """An element."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list["Node | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What a reader sees, in one line; a no-break space stays one."""
        return re.sub(r"[ \t\n]+", " ", self.raw).strip(" ")

    @property
    def raw(self) -> str:
        """The characters as they stand."""
        return "".join(child if isinstance(child, str) else child.raw for child in self.children)

    @property
    def elements(self) -> list["Node"]:
        """The elements directly inside."""
        return [child for child in self.children if isinstance(child, Node)]

    def walk(self) -> Iterator["Node"]:
        """Every element below, in the order of the page."""
        for child in self.elements:
            yield child
            yield from child.walk()

    def all(self, tag: str, kind: str = "") -> list["Node"]:
        """Elements by name and class."""
        return [node for node in self.walk() if node.tag == tag and (not kind or kind in node.attrs.get("class", "").split())]

    def one(self, tag: str, kind: str = "") -> "Node":
        """The first of them."""
        return self.all(tag, kind)[0]


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        places = [place for place, node in enumerate(self.open) if node.tag == tag]
        if places:
            del self.open[places[-1] :]

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def read(self, html: str) -> Self:
        self.feed(html)
        self.close()
        return self


def tree(html: str) -> Node:
    """The whole page."""
    return _Builder().read(html).open[0]

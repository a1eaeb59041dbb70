"""Markdown to HTML, sanitised once, when a text is written."""

import nh3
from markdown_it import MarkdownIt

_TAGS = {"p", "h2", "h3", "h4", "ol", "ul", "li", "strong", "em", "a", "blockquote", "br", "hr", "code", "pre", "sup", "sub"}
_parser = MarkdownIt("commonmark", {"html": False})


def to_html(markdown: str) -> str:
    """CommonMark without raw HTML and images; the highest heading is an h2, since the title is the page's h1."""
    tokens = _parser.parse(markdown)
    levels = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) - min(levels) + 2, 4)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(
        html, tags=_TAGS, attributes={"*": set(), "a": {"href"}, "ol": {"start"}}, url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer"
    )

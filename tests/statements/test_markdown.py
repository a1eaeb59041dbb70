"""Markdown is made harmless once, when it is written."""

from sqlmodel import Session, col, select

from app.statements.models import Revision, Statement, Text
from tests import cast
from tests.site import Site
from tests.statements.tree import tree

AT = f"/statements/{cast.SLUG}"


def written(site: Site, body: str, slug: str) -> str:
    """The column, after the page was seen to show exactly it."""
    site.publish(cast.statement(slug=slug, body=body))
    rows = select(Text.html).join(Revision, col(Revision.id) == Text.revision_id).join(Statement, col(Statement.id) == Revision.statement_id)
    with Session(site.database.engine) as session:
        html = session.exec(rows.where(Statement.slug == slug)).one()
    assert f">{html}</div>" in site.browser.get(f"/statements/{slug}").text
    return html.strip()


KEPT = [
    ("We **ask** and *ask*.", "<p>We <strong>ask</strong> and <em>ask</em>.</p>"),
    ("# One\n\n## Two\n\n### Three\n\n###### Six", "<h2>One</h2>\n<h3>Two</h3>\n<h4>Three</h4>\n<h4>Six</h4>"),
    ("One\n===\n\nTwo\n---", "<h2>One</h2>\n<h3>Two</h3>"),
    ("1. a\n   - b\n     1. c\n2. d", "<ol>\n<li>a\n<ul>\n<li>b\n<ol>\n<li>c</li>\n</ol>\n</li>\n</ul>\n</li>\n<li>d</li>\n</ol>"),
    ("4. a\n5. b", '<ol start="4">\n<li>a</li>\n<li>b</li>\n</ol>'),
    ("> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>"),
    ("[the law](https://law.example/a?b=1&c=2)", '<p><a href="https://law.example/a?b=1&amp;c=2" rel="noopener noreferrer">the law</a></p>'),
    ("<mailto:us@a.example>", '<p><a href="mailto:us@a.example" rel="noopener noreferrer">mailto:us@a.example</a></p>'),
    ("`a < b`", "<p><code>a &lt; b</code></p>"),
    ("a &amp; b &lt;", "<p>a &amp; b &lt;</p>"),
    ("Смерць “ў” — і жыццё", "<p>Смерць “ў” — і жыццё</p>"),
]
HOSTILE = [
    "<script>alert(1)</script>",
    "Text <script src=//evil.example></script> text",
    "<img src=x onerror=alert(1)>",
    "![a](https://evil.example/pixel.png)",
    "![a][b]\n\n[b]: https://evil.example/pixel.png",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](data:text/html;base64,PGI+)",
    "[a](vbscript:x)",
    "[a](file:///etc/passwd)",
    '[a](https://a.example "onmouseover=alert(1)")',
    '[a](https://a.example" onmouseover="alert(1)',
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "<a href='javascript:alert(1)'>a</a>",
    "<iframe src=https://evil.example></iframe>",
    "<style>*{display:none}</style>",
    "<svg/onload=alert(1)>",
    "<form action=https://evil.example><input name=email></form>",
    "<p style='position:fixed' class=sign id=sign>x</p>",
    "```html onload=alert(1)\n<script>alert(1)</script>\n```",
    '``` "><img/src=x>\nx\n```',
    "<!-- comment --> <![CDATA[x]]> <?php x ?>",
    "\\<script>alert(1)\\</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


def test_what_a_letter_needs_is_kept(site_on_sqlite: Site) -> None:
    got = [(body, written(site_on_sqlite, body, f"kept-{number}")) for number, (body, _) in enumerate(KEPT)]
    assert got == KEPT


def test_nothing_that_runs_loads_or_poses_is_written(site_on_sqlite: Site) -> None:
    wrong = []
    for number, body in enumerate(HOSTILE):
        nodes = list(tree(written(site_on_sqlite, body, f"hostile-{number}")).walk())
        names = {name for node in nodes for name in node.attrs}
        addresses = [node.attrs["href"] for node in nodes if "href" in node.attrs]
        harmless = all(address.startswith(("https://", "http://", "mailto:")) for address in addresses)
        if {node.tag for node in nodes} - {"p", "a", "code", "pre"} or names - {"href", "rel", "title"} or not harmless:
            wrong.append((body, [(node.tag, node.attrs) for node in nodes]))
    assert wrong == []


def test_hostile_words_in_title_and_lede_are_shown_as_words(site_on_sqlite: Site) -> None:
    hostile = "</title></script><script>alert(1)</script><img src=x>"
    site_on_sqlite.publish(cast.statement(title=f"'{hostile}'", summary=f"'{hostile}'", addressees=f"['{hostile}']", place=f"'{hostile}'"))
    page = tree(site_on_sqlite.browser.get(AT).text)
    assert (page.one("h1").text, page.one("p", "lede").text) == (hostile, hostile)
    assert all("alert(1)" not in node.raw for node in page.all("script") if node.attrs.get("type") != "application/ld+json")
    assert [node.attrs["src"] for node in page.all("img")] == [f"{AT}/qr.svg"]


def test_the_fingerprint_is_of_the_markdown_not_of_the_html(site_on_sqlite: Site) -> None:
    written(site_on_sqlite, "<b>bold</b> & **strong**", cast.SLUG)
    assert site_on_sqlite.browser.get(f"{AT}.txt").text.endswith("\n\n<b>bold</b> & **strong**\n")

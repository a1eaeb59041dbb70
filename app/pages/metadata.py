"""What machines read on the statement's page: schema.org as JSON-LD."""

import json
from collections.abc import Sequence

from markupsafe import Markup

from app.signatures.models import Kind, Signature
from app.statements.queries import Reading
from app.web.templates import absolute, safe_html


def json_ld(shown: Reading, first: Sequence[Signature]) -> Markup:
    """An Article and an EndorseAction of each first signatory; safe inside a script element."""
    page = absolute(shown.path)
    article = {
        "@type": "Article",
        "@id": page,
        "url": page,
        "headline": shown.text.title,
        "description": shown.text.summary,
        "inLanguage": shown.text.language,
        "datePublished": (shown.statement.issued_on or shown.revision.published_at.date()).isoformat(),
        "version": shown.revision.number,
    }
    actions = [{"@type": "EndorseAction", "agent": _agent(row), "object": {"@id": page}, "startTime": row.created_at.date().isoformat()} for row in first[:50]]
    graph = {"@context": "https://schema.org", "@graph": [{key: value for key, value in article.items() if value}, *actions]}
    return safe_html(json.dumps(graph, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _agent(row: Signature) -> dict[str, object]:
    if row.kind is Kind.ORGANISATION:
        found: dict[str, object] = {"@type": "Organization", "name": row.organisation, "url": row.website}
    else:
        found = {"@type": "Person", "name": row.name, "jobTitle": row.role, "affiliation": row.organisation}
    return {key: value for key, value in found.items() if value}


def alternates(shown: Reading) -> list[tuple[str, str]]:
    """(hreflang, address) of every language the page can be read in, and of the original as x-default."""
    own = shown.statement.language
    versions = [(text.language, absolute(f"/{text.language}{shown.path}")) for text in shown.texts if text.language != own]
    return [(own, absolute(shown.path)), *versions, ("x-default", absolute(shown.path))]


def canonical_address(shown: Reading, path: str = "") -> str:
    """The one address of this text; a page without a translation is the original's."""
    return absolute(shown.prefix + shown.path + path)

"""What machines read on the statement's page: schema.org as JSON-LD."""

import json
from collections.abc import Sequence

from markupsafe import Markup

from app.i18n import LOCALES
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
    written = {text.language for text in shown.texts}
    versions = [(code, absolute(f"/{code}{shown.path}")) for code in LOCALES if code in written and code != shown.statement.language]
    return [(shown.statement.language, absolute(shown.path)), *versions, ("x-default", absolute(shown.path))]


def canonical_address(shown: Reading, path: str = "") -> str:
    """The one address of this text; a page without a translation is the original's."""
    own = shown.text.language
    prefix = "" if own == shown.statement.language or own not in LOCALES else f"/{own}"
    return absolute(f"{prefix}{shown.path}{path}")

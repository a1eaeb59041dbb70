"""`/oembed`: a statement's address becomes its embedded list, by oEmbed 1.0 (https://oembed.com/)."""

import json
import re
from html import escape
from typing import Annotated, Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape as as_xml

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from app.db import ReadDb
from app.errors import N_, DomainError, Gone, NotFound
from app.settings import get_settings
from app.statements import queries
from app.statements.deps import read
from app.statements.queries import Reading
from app.web.responses import public
from app.web.templates import absolute

router = APIRouter(include_in_schema=False)
WIDTH, HEIGHT = 600, 700
_CACHE_AGE = 3600
"""Seconds a consumer may keep the answer: the list in the frame is always today's."""
_PLACE = re.compile(r"(?:/([A-Za-z][A-Za-z0-9-]{1,34}))?/(?:statements|embed)/([a-z0-9][a-z0-9-]{0,79})/?")
_PORTS = {"http": 80, "https": 443}
_SIZE = re.compile(r"\s*0*([0-9]{1,6})(?:\.[0-9]*)?\s*")
"""What a consumer may write for a number of pixels; a larger one is no bound."""


class NotOffered(DomainError):
    """A format other than JSON and XML (oEmbed 1.0, 2.3.4: 501)."""

    status = 501
    title = N_("This format is not offered")


class Asked(BaseModel):
    """The query of a consumer (2.2); others of its parameters mean nothing here."""

    url: str = ""
    maxwidth: str = ""
    maxheight: str = ""
    format: str = "json"


@router.get("/oembed")
def oembed(request: Request, db: ReadDb, asked: Annotated[Asked, Query()]) -> Response:
    """What a site that was given the address of a statement puts into its page; raises NotFound, NotOffered."""
    if asked.format not in {"json", "xml"}:
        raise NotOffered(N_("Please ask for json or xml."))
    code, slug = _meant(asked.url)
    try:
        statement = queries.public(db, slug)
    except Gone:
        raise NotFound from None
    shown = read(db, statement, code)
    found = _rich(shown, code, _within(WIDTH, asked.maxwidth), _within(HEIGHT, asked.maxheight))
    request.scope["own_language"] = shown.text.language
    if asked.format == "json":
        return public(request, json.dumps(found, ensure_ascii=False), "application/json")
    return public(request, _xml(found), "text/xml; charset=utf-8")


def _meant(url: str) -> tuple[str | None, str]:
    """Language and slug in an address of ours, with whatever query or fragment; raises NotFound for any other."""
    try:
        asked, own = urlsplit(url), urlsplit(absolute("/"))
        usual = _PORTS[asked.scheme]
        ours = (asked.hostname, asked.port or usual) in {(own.hostname, own.port or port) for port in _PORTS.values()}
        found = _PLACE.fullmatch(asked.path)
    except (KeyError, ValueError):
        raise NotFound from None
    if not ours or asked.username is not None or not found:
        raise NotFound
    return found[1], found[2]


def _within(usual: int, most: str) -> int:
    """The usual size, or less where less is asked for (2.2: the answer must not be larger)."""
    found = _SIZE.fullmatch(most)
    return min(usual, int(found[1]) or usual) if found else usual


def _rich(shown: Reading, code: str | None, width: int, height: int) -> dict[str, Any]:
    """The quotation first and then the frame, each with few attributes: so WordPress keeps both of an unknown provider."""
    prefix = f"/{code}" if code else ""
    page, frame, title = absolute(prefix + shown.path), absolute(f"{prefix}/embed/{shown.statement.slug}"), escape(shown.text.title)
    quotation = f'<blockquote><a href="{page}">{title}</a></blockquote>'
    return {
        "version": "1.0",
        "type": "rich",
        "title": shown.text.title,
        "provider_name": get_settings().site_name,
        "provider_url": absolute("/"),
        "cache_age": _CACHE_AGE,
        "html": f'{quotation}<iframe src="{frame}" width="{width}" height="{height}" title="{title}"></iframe>',
        "width": width,
        "height": height,
    }


def _xml(found: dict[str, Any]) -> str:
    lines = "".join(f"<{name}>{as_xml(str(value))}</{name}>\n" for name, value in found.items())
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>\n{lines}</oembed>\n'

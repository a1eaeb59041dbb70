"""Answers: public bytes with an ETag, pages for people acting, redirects."""

import hashlib

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from app.web.headers import NO_STORE, PUBLIC_CACHE
from app.web.templates import link, render_in, scope_language


def public(request: Request, body: str | bytes, media_type: str, language: str = "") -> Response:
    """Cacheable bytes with a strong ETag over the content; 304 where the reader has them (RFC 9110)."""
    content = body.encode() if isinstance(body, str) else body
    headers = public_headers(request, hashlib.sha256(content).hexdigest()[:32])
    headers["Content-Language"] = language or scope_language(request.scope).code
    return known(request, headers) or Response(content, 200, headers, media_type)


def public_headers(request: Request, mark: str) -> dict[str, str]:
    """What every public answer says to caches and crawlers; `mark` is equal for equal content only."""
    robots = {"X-Robots-Tag": "noindex, nofollow"} if request.scope.get("noindex") else {}
    return {"Cache-Control": PUBLIC_CACHE, "ETag": f'"{mark}"', **robots}


def known(request: Request, headers: dict[str, str]) -> Response | None:
    """304 when the reader has these bytes already (RFC 9110, 13.1.2)."""
    theirs = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    return Response(status_code=304, headers=headers) if {headers["ETag"], "*"} & theirs else None


def public_page(request: Request, template: str, **context: object) -> Response:
    """A public page."""
    return public(request, render_in(request.scope, template, **context), "text/html; charset=utf-8")


def acting_page(request: Request, template: str, status: int = 200, **context: object) -> Response:
    """A page for somebody who acts: never stored."""
    headers = {"Cache-Control": NO_STORE, "Content-Language": scope_language(request.scope).code, "X-Robots-Tag": "noindex"}
    return Response(render_in(request.scope, template, **context), status, headers, "text/html; charset=utf-8")


def see_other(request: Request, path: str) -> RedirectResponse:
    """303 to one of our pages, in the same language."""
    return RedirectResponse(link(request.scope, path), 303, {"Cache-Control": NO_STORE})

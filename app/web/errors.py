"""One renderer for every refusal: an HTML page for people, problem+json (RFC 9457) for programs."""

import json
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Scope

from app.db import unable
from app.errors import N_, Busy, DomainError, NotFound
from app.web.headers import DATA, NO_STORE
from app.web.templates import render_in, scope_language

_OTHER = {
    400: (N_("This request could not be read"), N_("Please go back and try again.")),
    405: (N_("This address cannot be used that way"), N_("Please go back and try again.")),
    413: (N_("That is too much at once"), N_("The form was larger than this site accepts.")),
    422: (N_("This request could not be read"), N_("A value in the address is not valid.")),
    500: (N_("Something went wrong on our side"), N_("Nothing you typed was published. Please try again in a few minutes; if it happens again, write to us.")),
}
_ORIGIN = N_("This form was sent from another site, or your browser hides where it came from. Please open the page again and send it from there.")

_AWAY = N_("At the moment nothing can be kept, so nothing you sent was. Please send it again in a minute.")


def wants_html(scope: Scope) -> bool:
    """Whether the caller is a person with a browser, at an address that is a page."""
    path = scope["path"]
    return "text/html" in Headers(scope=scope).get("accept", "") and not path.rsplit("/", 1)[-1].endswith(DATA)


def refusal(scope: Scope, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer for `status`, already in words; never cached."""
    extra = {"Cache-Control": NO_STORE, **(headers or {})}
    if wants_html(scope):
        body = render_in(scope, "errors/error.html", status=status, title=title, detail=detail)
        return Response(body, status, extra, "text/html; charset=utf-8")
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(json.dumps(problem, ensure_ascii=False), status, extra, "application/problem+json")


def _plain(scope: Scope, status: int, headers: Mapping[str, str] | None = None) -> Response:
    words = scope_language(scope)
    title, detail = _OTHER.get(status, _OTHER[400])
    return refusal(scope, status, words.gettext(title), words.gettext(detail), headers)


def refused(scope: Scope, error: DomainError) -> Response:
    """The answer for a refusal by a rule."""
    words = scope_language(scope)
    return refusal(scope, error.status, words.gettext(error.title), words.gettext(error.sentence, **error.values), error.headers)


def forbidden_origin(scope: Scope) -> Response:
    """The answer to a state change that another site started."""
    words = scope_language(scope)
    return refusal(scope, 403, words.gettext(N_("This form cannot be accepted")), words.gettext(_ORIGIN))


def too_large(scope: Scope) -> Response:
    """The answer to a body over the limit."""
    return _plain(scope, 413)


def internal_error(scope: Scope) -> Response:
    """The 500 page."""
    return _plain(scope, 500)


def install(app: FastAPI) -> None:
    """Register the handlers."""

    @app.exception_handler(DomainError)
    def _domain(request: Request, error: DomainError) -> Response:
        return refused(request.scope, error)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        return _plain(request.scope, 422)

    @app.exception_handler(ClientDisconnect)
    def _cut(request: Request, error: ClientDisconnect) -> Response:
        return too_large(request.scope)  # the body limit cuts a chunked body off like this

    @app.exception_handler(Exception)
    def _unforeseen(request: Request, error: Exception) -> Response:
        if unable(error):
            return refused(request.scope, Busy(_AWAY, retry_after=30))
        return internal_error(request.scope)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return refused(request.scope, NotFound())
        return _plain(request.scope, error.status_code, error.headers)

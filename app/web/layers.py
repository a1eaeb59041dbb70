"""ASGI layers around the application: language prefix, cross-origin check, body limit, last resort."""

import asyncio
import re
import traceback
from urllib.parse import quote, urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.i18n import LOCALES, valid_tag
from app.web.bounds import USUAL, bounds_for
from app.web.errors import forbidden_origin, internal_error, too_large
from app.web.headers import NO_STORE

_SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
PLACES = 16
LARGE = 4
log = structlog.get_logger()


class LanguagePrefix:
    """`/be/…` is the page `…` in Belarusian; the address alone decides the language.

    A statement may have translations beyond the site's catalogs; their pages are framed in English.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            head, _, rest = scope["path"].lstrip("/").partition("/")
            if head in LOCALES or (rest.startswith(("statements/", "embed/", "preview/")) and len(head) <= 35 and valid_tag(head)):
                scope = {**scope, "path": f"/{rest}", "raw_path": f"/{rest}".encode(), "language": head}
        await self.app(scope, receive, send)


class OneAddress:
    """A slash at the end leads to the address without it, in the same language and never to another host."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/" or not scope["path"].endswith("/"):
            return await self.app(scope, receive, send)
        prefix = f"/{scope['language']}" if scope.get("language") else ""
        query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
        place = quote(f"{prefix}/{scope['path'].strip('/')}")
        await RedirectResponse(place + query, 308, {"Cache-Control": NO_STORE})(scope, receive, send)


class HeadAsGet:
    """HEAD is GET without its body (RFC 9110, 9.3.2), on every page; a body that comes in pieces ends where it begins, for nobody reads it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self.app(scope, receive, send)

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})

        await self.app({**scope, "method": "GET"}, receive, without_body)


class CrossOriginCheck:
    """Refuses state changes that another site started.

    Sec-Fetch-Site where the browser sends it, otherwise Origin against our own; an unsafe request with neither is
    refused too, since every browser sends one of them (OWASP CSRF cheat sheet, Fetch Metadata).
    """

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self.app = app
        self.origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE and not self._ours(Headers(scope=scope)):
            return await forbidden_origin(scope)(scope, receive, send)
        await self.app(scope, receive, send)

    def _ours(self, headers: Headers) -> bool:
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            return site == "same-origin"
        return origin == self.origin or (origin is not None and _normal(origin) == _normal(self.origin))


def _normal(origin: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(origin)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None


class BodyLimit:
    """Refuses bodies over the bounds of their address: most forms are a tenth of theirs.

    Bodies over the usual bounds have to say their length and come in a few at a time: nobody fills the
    memory with them, for who they are is looked at only later.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._large = asyncio.Semaphore(LARGE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        length = Headers(scope=scope).get("content-length", "0")
        if not re.fullmatch(r"[0-9]{1,9}", length) or int(length) > bounds_for(scope["path"]).body:
            return await too_large(scope)(scope, receive, send)
        if int(length) <= USUAL.body:
            return await self._counted(scope, receive, send, USUAL.body)
        async with self._large:
            await self._counted(scope, receive, send, int(length))

    async def _counted(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            # A chunked body past the limit is cut: the form then fails to parse and is refused.
            return message if seen <= most else {"type": "http.disconnect"}

        await self.app(scope, counted, send)


class InFlight:
    """Lets so many requests at once into the application; the others wait their turn.

    A request may hold two database connections, also while it waits for a thread to give them back, so the pool
    (`db.py`) must be larger than twice this number. A slow client costs no place: its body is read before, and the
    place is free again when the answer begins, for the transaction is over by then.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._places = asyncio.Semaphore(PLACES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        body = [await receive()]
        while body[-1].get("more_body"):
            body.append(await receive())
        held = True

        def leave() -> None:
            nonlocal held
            if held:
                held = False
                self._places.release()

        async def replayed() -> Message:
            return body.pop(0) if body else await receive()

        async def watched(message: Message) -> None:
            leave()
            await send(message)

        await self._places.acquire()
        try:
            await self.app({**scope, "leave": leave}, replayed, watched)
        finally:
            leave()


def wait_outside(request: Request) -> None:
    """The request holds no database connection while it waits now: another may come in."""
    request.scope["leave"]()


class LastResort:
    """Answers 500 with the human page when everything else failed, and logs where, never what."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http":
                raise
            log_failure("request failed", error)
            if not started:
                await internal_error(scope)(scope, receive, send)


def log_failure(event: str, error: BaseException) -> None:
    """Log an exception by type and frames: messages and locals may hold what people typed."""
    frames = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error(event, error=type(error).__name__, frames=frames[-8:])

"""Security headers: one table, applied from outside the application so that every answer carries them."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}


def _policy(**changes: str) -> str:
    merged = _CSP | {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in merged.items())


EVERYWHERE: Mapping[str, str] = {
    "Content-Security-Policy": _policy(),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# The page made to be framed, and what other sites may read.
EMBED: Mapping[str, str] = {
    **{name: value for name, value in EVERYWHERE.items() if name != "X-Frame-Options"},
    "Content-Security-Policy": _policy(frame_ancestors="*"),
    "Cross-Origin-Resource-Policy": "cross-origin",
}
OPEN: Mapping[str, str] = {**EVERYWHERE, "Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
# Pages that frame one of ours: where the embedded list is chosen, the editor of a statement; and the preview that the editor frames.
FRAMING: Mapping[str, str] = {**EVERYWHERE, "Content-Security-Policy": _policy(frame_src="'self'")}
PREVIEW: Mapping[str, str] = {**EVERYWHERE, "Content-Security-Policy": _policy(frame_ancestors="'self'"), "X-Frame-Options": "SAMEORIGIN"}
HSTS = "max-age=31536000; includeSubDomains"

PUBLIC_CACHE = "public, max-age=2, stale-while-revalidate=5, stale-if-error=60"
NO_STORE = "no-store"
ASSET_CACHE = "public, max-age=3600"


DATA = (".json", ".ndjson", ".csv", ".atom", ".txt", ".png", ".svg")
"""How addresses of public data and pictures end."""


def table_for(path: str) -> Mapping[str, str]:
    """The headers of the answer at `path` (without its language prefix)."""
    if path.startswith("/embed/"):
        return EMBED
    if path.startswith("/statements/") and path.endswith("/embed"):
        return FRAMING
    if path.startswith("/console/drafts/"):
        return PREVIEW if path.endswith("/preview") else FRAMING
    last = path.rsplit("/", 1)[-1]
    data = path.startswith("/statements/") and last.endswith(DATA)
    if data or path in {"/widget.js", "/openapi.json", "/oembed"} or path.startswith(("/badge/", "/widget/", "/static/")):
        return OPEN
    return EVERYWHERE


def _encoded(table: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in table.items()]


class SecurityHeaders:
    """ASGI layer that adds the table's headers, and HSTS where the site is served over https."""

    def __init__(self, app: ASGIApp, hsts: bool) -> None:
        self.app = app
        # Encoded once: every answer passes here.
        more = {"Strict-Transport-Security": HSTS} if hsts else {}
        self._pairs = {id(table): _encoded({**table, **more}) for table in (EVERYWHERE, EMBED, OPEN, FRAMING, PREVIEW)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name for name, _ in message["headers"]}
                ours = self._pairs[id(table_for(scope["path"]))]
                message["headers"] = [*message["headers"], *(pair for pair in ours if pair[0] not in said)]
            await send(message)

        await self.app(scope, receive, with_headers)

"""The layer in front of everything that answers public addresses from snapshots: no route, no database, no template."""

import asyncio
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.clock import utcnow
from app.i18n import LOCALES, valid_tag
from app.publication.answers import Answer, Snapshot, snapshot
from app.publication.dating import Since
from app.publication.snapshots import Snapshots
from app.publication.states import SHELF

_FACE = re.compile(
    rb"/(?:([A-Za-z][A-Za-z0-9-]{1,34})/)?"
    rb"(?:(statements|embed)/([a-z0-9][a-z0-9-]{0,79})"
    rb"(|\.json|\.txt|/signatories|/signatories\.json|/feed\.json|/feed\.atom|/card\.png|/qr\.svg)"
    rb"|badge/([a-z0-9][a-z0-9-]{0,79})\.svg|widget\.js)?"
)
_ASKED = {
    b"statements/signatories": {"kind", "country", "order", "after"},
    b"statements/signatories.json": {"after", "since"},
    b"statements/feed.json": {"before"},
    b"embed": {"layout", "theme"},
}
"""Which queries are answered from here; a search is not, for there is no end of them. The form of the list sends one that is empty."""
_REST = 1.0
"""Seconds between two looks for files to make again."""
_READING = {"GET", "HEAD"}
_PACKED = re.compile(rb"gzip(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")
"""A reader who takes gzip: `q=0` refuses it (RFC 9110, 12.4.2)."""
_ACTING = ("/console", "/manage", "/answer")
"""Where somebody acts on what is public; a confirmation is published later, by a job."""


class FastLane:
    """Answers GET, HEAD and conditional requests from `snapshots`, and lets everything else through."""

    def __init__(self, app: ASGIApp, snapshots: Snapshots) -> None:
        self.app, self.snapshots = app, snapshots

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _READING:
            return await self._through(scope, receive, send)
        key = (scope.get("raw_path") or b"") + b"?" + scope["query_string"]
        found = self.snapshots.get(key) or await self._made(key, scope)
        if found is None:
            return await self.app(scope, receive, send)
        await _answer(found, self.snapshots.dates.of(found.slug, found.state), scope, send)

    async def _made(self, key: bytes, scope: Scope) -> Snapshot | None:
        slug = _slug(scope)
        if slug is None or self.snapshots.state(slug) is None:
            return None
        return await self.snapshots.made(key, slug, lambda: self._built(scope, slug))

    async def restoring(self) -> None:
        """Make the files anew, again and again, that a state at rest has not yet: should the application go away, they are there."""
        while self.snapshots.files:
            await self.restore(await run_in_threadpool(self.snapshots.files.missing))
            await asyncio.sleep(_REST)

    async def restore(self, addresses: Iterable[str]) -> None:
        """Make the answers of these addresses, without their being asked for."""
        for address in addresses:
            path = address.encode()
            asked = {"type": "http", "method": "GET", "path": address, "raw_path": path, "query_string": b"", "root_path": "", "headers": []}
            await self._made(path + b"?", asked | {"http_version": "1.1", "scheme": "http", "server": None, "client": None})

    async def _through(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Somebody acts, or signs, or it is no request."""
        if not any(part in scope.get("path", "") for part in _ACTING):
            return await self.app(scope, receive, send)

        async def watched(message: Message) -> None:
            self.snapshots.doubt()  # before whoever acted can read what they did
            await send(message)

        await self.app(scope, receive, watched)

    async def _built(self, scope: Scope, slug: str) -> Snapshot | None:
        """What the application answers, if all may have it."""
        state, messages = self.snapshots.state(slug), list[Any]()

        async def kept(message: Message) -> None:
            messages.append(message)

        asked = [pair for pair in scope["headers"] if pair[0] not in {b"if-none-match", b"cookie"}]
        await self.app({**scope, "method": "GET", "headers": asked}, _nothing(), kept)
        headers = list(messages[0]["headers"])
        if state is None or messages[0]["status"] != 200 or b"etag" not in dict(headers):
            return None
        body = b"".join(message.get("body", b"") for message in messages[1:])
        return await run_in_threadpool(snapshot, slug, state, headers, body)


def _nothing() -> Receive:
    """An empty body, once, from somebody who never leaves; the reader's own is still to be read where the answer is none to keep."""
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


def _slug(scope: Scope) -> str | None:
    """Whose public address it is: a statement's slug, `SHELF` for the home page and the widget, None for any other address."""
    found = _FACE.fullmatch(scope.get("raw_path") or b"")
    if not found:
        return None
    language, face, slug, rest, badge = found.groups()
    slug = slug or badge
    if language and language.decode() not in LOCALES and not (slug and valid_tag(language.decode())):
        return None
    asked = {name for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True) if value or name != "q"}
    if len(scope["query_string"]) > 200 or not asked <= _ASKED.get((face or b"") + (rest or b""), set()):
        return None
    return slug.decode() if slug else SHELF


async def _answer(found: Snapshot, since: Since | None, scope: Scope, send: Send) -> None:
    wanted = known = asked = b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            wanted = value
        elif name == b"if-none-match":
            known = known + b"," + value if known else value
        elif name == b"if-modified-since":
            asked += value  # two dates are none
    answer: Answer = found.packed if wanted and found.packed and _PACKED.search(wanted) else found.plain
    if known == answer.etag or (_matches(known, found) if known else _dated(asked, since)):
        await send(answer.unchanged)
        await send({"type": "http.response.body", "body": b""})
        return
    await send(answer.begun(since))
    await send(answer.body if scope["method"] == "GET" else {"type": "http.response.body", "body": b""})


def _matches(known: bytes, found: Snapshot) -> bool:
    """Whether the reader has one of its forms already (RFC 9110, 13.1.2); who names one is not asked for a date (13.1.3)."""
    theirs = {tag.strip().removeprefix(b"W/") for tag in known.split(b",")}
    return not theirs.isdisjoint({b"*", found.plain.etag, found.packed.etag if found.packed else b"*"})


def _dated(asked: bytes, since: Since | None) -> bool:
    """Whether the reader has had it since it is as it is."""
    return since is not None and asked != b"" and since.covers(asked, utcnow())

"""Ready answers, plain and compressed."""

import gzip
from dataclasses import dataclass
from typing import Any

from app.publication.dating import Since

Headers = list[tuple[bytes, bytes]]
_WORTH = 860
"""Bytes from which an answer is sent compressed: below one packet nothing is won, nor with a PNG, which is compressed in itself."""


@dataclass
class Answer:
    """What is sent, as the messages of ASGI, with its ETag."""

    etag: bytes
    start: dict[str, Any]
    body: dict[str, Any]
    unchanged: dict[str, Any]
    _dated: tuple[Since, dict[str, Any]] | None = None

    def begun(self, since: Since | None) -> dict[str, Any]:
        """How it begins, with the date of its state once there is one; put together once, for it is sent very often."""
        if since is None:
            return self.start
        if self._dated is None or self._dated[0] is not since:
            self._dated = since, {**self.start, "headers": [*self.start["headers"], since.header]}
        return self._dated[1]


@dataclass(frozen=True)
class Snapshot:
    """The answer of one address, plain and compressed, in one state of its statement."""

    slug: str
    state: bytes
    plain: Answer
    packed: Answer | None

    @property
    def size(self) -> int:
        """Bytes of the bodies, and some for the rest."""
        return sum(len(one.body["body"]) + 2048 for one in (self.plain, self.packed) if one)


def snapshot(slug: str, state: bytes, headers: Headers, body: bytes) -> Snapshot:
    """Both forms of an answer; takes its time, so it belongs into a thread."""
    etag = dict(headers)[b"etag"]
    bare = [pair for pair in headers if pair[0] not in {b"etag", b"content-length"}]
    whole = len(body) < _WORTH or dict(headers).get(b"content-type") == b"image/png"
    varied = bare if whole else [*bare, (b"vary", b"Accept-Encoding")]
    packed = None if whole else _answer(etag[:-1] + b'-gz"', [*varied, (b"content-encoding", b"gzip")], gzip.compress(body, 9, mtime=0))
    return Snapshot(slug, state, _answer(etag, varied, body), packed)


def _answer(etag: bytes, headers: Headers, body: bytes) -> Answer:
    known = [(b"etag", etag), *(pair for pair in headers if pair[0] not in {b"content-type", b"content-encoding", b"content-language"})]
    start = {"type": "http.response.start", "status": 200, "headers": [*headers, (b"etag", etag), (b"content-length", str(len(body)).encode())]}
    return Answer(etag, start, {"type": "http.response.body", "body": body}, {"type": "http.response.start", "status": 304, "headers": known})

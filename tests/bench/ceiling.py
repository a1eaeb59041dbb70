"""The same server without the work, for the benchmarks."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from app.main import create_app
from app.signatures import intake
from app.signatures.confirming import Outcome, Result
from app.signatures.models import Kind, Visibility
from app.signatures.signing import Post
from tests import cast


class Bare:
    """No framework: the answers of `answers.json`, by address, ready before the first request."""

    def __init__(self) -> None:
        said = json.loads((Path(os.environ["UNDERSIGNED_DATA_DIR"]) / "answers.json").read_text())
        self.answers = {path: (_start(200, headers), {"type": "http.response.body", "body": body.encode()}) for path, (headers, body) in said.items()}
        self.unchanged = {path: (_start(304, headers), {"type": "http.response.body", "body": b""}) for path, (headers, _) in said.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        known = any(name == b"if-none-match" for name, _ in scope["headers"])
        start, body = (self.unchanged if known else self.answers).get(scope["path"], _NOTHING)
        await send(start)
        await send(body)


def _start(status: int, headers: list[tuple[str, str]]) -> dict[str, Any]:
    left = {"content-type", "content-language", "content-length"} if status == 304 else set()
    return {"type": "http.response.start", "status": status, "headers": [(name.encode(), value.encode()) for name, value in headers if name not in left]}


_NOTHING: tuple[dict[str, Any], dict[str, Any]] = (_start(404, []), {"type": "http.response.body", "body": b""})


def one_by_one() -> ASGIApp:
    """The whole application, with one commit for each request."""
    intake.BATCH, intake.GATHER = 1, 0
    return create_app()


def unwritten() -> ASGIApp:
    """The whole application, where the intake writes nothing."""
    intake.Intake._commit = _nothing  # type: ignore[method-assign]
    return create_app()


def _nothing(self: intake.Intake[Any, Any], items: Sequence[Any]) -> Sequence[Any]:
    confirmed = Outcome(Result.CONFIRMED, cast.SLUG, Kind.ORGANISATION, Visibility.PUBLIC)
    return [None if isinstance(item, Post) else confirmed for item in items]

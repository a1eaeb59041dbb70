"""The same server without the work, for the benchmarks."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp

from app.main import create_app
from app.signatures import intake
from app.signatures.confirming import Outcome, Result
from app.signatures.models import Kind, Visibility
from app.signatures.signing import Post
from tests import cast


def create() -> FastAPI:
    """Routes that answer ready bytes."""
    app = FastAPI()
    folder = Path(os.environ["UNDERSIGNED_DATA_DIR"])
    for name in ("page", "signatories.json", "feed.json"):
        app.add_api_route(f"/{name}", _ready((folder / name).read_bytes()))
    return app


def _ready(body: bytes):  # type: ignore[no-untyped-def]
    def answer() -> Response:
        return Response(body)

    return answer


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

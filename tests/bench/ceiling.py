"""The same server without the work."""

import os
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI
from starlette.responses import RedirectResponse, Response

from app.signatures.forms import SignForm
from app.web.forms import Submission, submitted


def create() -> FastAPI:
    """Routes that answer ready bytes, and a sign route that stores nothing."""
    app = FastAPI()
    folder = Path(os.environ["UNDERSIGNED_DATA_DIR"])
    for name in ("page", "signatories.json", "feed.json"):
        app.add_api_route(f"/{name}", _ready((folder / name).read_bytes()))
    app.add_api_route("/sign", _sign, methods=["POST"])
    return app


def _ready(body: bytes):  # type: ignore[no-untyped-def]
    def answer() -> Response:
        return Response(body)

    return answer


def _sign(form: Annotated[Submission[SignForm], Depends(submitted(SignForm))]) -> Response:
    return RedirectResponse("/thanks", 303 if form.data else 422)

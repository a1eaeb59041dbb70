"""create_app(): layers, routers, error pages, lifespan. The one list of what exists."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from app.accounts import console as accounts_console
from app.accounts import own as own_account
from app.accounts.deps import SignInNeeded
from app.db import Database
from app.feeds import routes as feeds
from app.feeds.schemas import ProblemOut
from app.jobs import Runner
from app.moderation import bulk, campaigning, dashboard, desk, panic
from app.moderation import console as moderation_console
from app.outbox import routes as mailbox
from app.pages import routes as pages
from app.publication.fastlane import FastLane
from app.publication.files import Files
from app.publication.snapshots import Snapshots
from app.secretariat import export, hooks, life, organisations, people, previews, record, seconds, sheets, translating, writing
from app.settings import ROOT, get_settings
from app.signatures import outsiders, own_page
from app.signatures import routes as signatures
from app.signatures.intake import Intakes
from app.upkeep import console as upkeep_console
from app.web import errors
from app.web.headers import ASSET_CACHE, NO_STORE, SecurityHeaders
from app.web.layers import BodyLimit, CrossOriginCheck, HeadAsGet, InFlight, LanguagePrefix, LastResort, OneAddress
from app.web.limits import Limits
from app.web.responses import see_other
from app.widget import oembed
from app.widget import routes as widget

_ABOUT = "The public, read-only JSON of joint statements and their living lists of signatories. CORS is open; conditional requests are answered with 304."
_ROUTERS = (
    signatures.router,
    own_page.router,
    outsiders.router,
    feeds.router,
    pages.router,
    widget.router,
    oembed.router,
    accounts_console.router,
    own_account.router,
    moderation_console.router,
    bulk.router,
    desk.router,
    upkeep_console.router,
    people.router,
    record.router,
    dashboard.router,
    panic.router,
    campaigning.router,
    seconds.router,
    writing.router,
    translating.router,
    life.router,
    previews.router,
    export.router,
    sheets.router,
    hooks.router,
    organisations.router,
)


class Assets(StaticFiles):
    """Static files; their addresses carry a mark of the content."""

    def file_response(self, *args: object, **named: object) -> Response:
        """As Starlette's, with a lifetime for caches."""
        response = super().file_response(*args, **named)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = ASSET_CACHE
        return response


def create_app(database: Database | None = None, jobs: bool = True) -> ASGIApp:
    """The application, with the jobs in it on the embedded database; raises pydantic.ValidationError for unsafe settings."""
    settings = get_settings()
    configure_log()
    database = database or Database(settings.database)
    snapshots = Snapshots(database, Files(settings.snapshot_dir) if settings.snapshot_dir else None)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        runner = Runner(database) if jobs and database.embedded else None
        if runner:
            runner.start()
        watching = [asyncio.create_task(snapshots.watch()), asyncio.create_task(lane.restoring())]
        with _quiet_collector():
            yield
        for task in watching:
            task.cancel()
        await asyncio.wait(watching)
        if runner:
            runner.stop()

    app = FastAPI(
        title=settings.site_name, version="1", description=_ABOUT, redirect_slashes=False, openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan
    )
    app.state.database, app.state.limits = database, Limits(settings.redis_url.get_secret_value())
    app.state.intakes, app.state.readings = Intakes(database), {}
    settings.root_key()
    for router in _ROUTERS:
        app.include_router(router)
    if settings.development:
        app.include_router(mailbox.router)
    app.add_api_route("/healthz", _healthy, include_in_schema=False)
    app.add_api_route("/readyz", _ready, include_in_schema=False)
    app.openapi = partial(_described, app, app.openapi)  # type: ignore[method-assign]
    app.mount("/static", Assets(directory=ROOT / "static"))
    errors.install(app)
    app.exception_handler(SignInNeeded)(_to_sign_in)
    lane = FastLane(layered(app), snapshots)
    return lane


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """What was made at the start is not looked through for garbage, the rest more seldom: otherwise an eighth of the time of signing, in pauses of 0.1 s."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _described(app: FastAPI, describe: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The OpenAPI description, built when first asked for, with the shape of refusals."""
    known = app.openapi_schema or describe()
    known["components"]["schemas"]["ProblemOut"] = ProblemOut.model_json_schema()
    return known


def layered(app: ASGIApp) -> ASGIApp:
    """The layers, innermost first."""
    settings = get_settings()
    app = LastResort(OneAddress(HeadAsGet(BodyLimit(InFlight(CrossOriginCheck(app, settings.base_url))))))
    return LanguagePrefix(SecurityHeaders(app, hsts=settings.secure))


def configure_log() -> None:
    """One JSON line for each event, on standard error; no request lines, since addresses carry tokens."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"), structlog.processors.JSONRenderer(ensure_ascii=False)],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )


def _healthy() -> Response:
    return PlainTextResponse("ok\n", headers={"Cache-Control": NO_STORE})


def _ready(request: Request) -> Response:
    with request.app.state.database.reading() as session:
        session.execute(text("SELECT 1 FROM statement LIMIT 1"))
    return PlainTextResponse("ready\n", headers={"Cache-Control": NO_STORE})


def _to_sign_in(request: Request, error: Exception) -> Response:
    if not errors.wants_html(request.scope):
        return errors.refused(request.scope, error)  # type: ignore[arg-type]
    return see_other(request, getattr(error, "place", "/console/sign-in"))

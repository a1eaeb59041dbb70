"""Who may call which address of the console: every route of the application, every role."""

import re
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from app.accounts.actions import create
from app.accounts.deps import Administrator, Arriving, Editor, Moderator, Proven, Staff
from app.accounts.models import Account, Grant, Role
from app.accounts.own import SettingUp
from app.clock import utcnow
from app.moderation.deps import CampaignHead
from app.moderation.models import Campaign, Decision, Removal, Stage
from app.outbox.actions import enqueue
from app.outbox.models import Mail
from app.signatures import reporting
from app.signatures.beside import Report
from app.signatures.forms import ReportForm, Typed
from app.signatures.models import Complaint, Signature, State
from app.signatures.ownership import correct
from app.statements.desks import AdministeringDesk
from app.statements.models import Statement
from tests import cast
from tests.signatures.hands import SAME_ORIGIN, change, sign_many, staff, stored
from tests.site import Browser, Site

OPEN = {
    *((method, path) for path in ("/console/sign-in", "/console/invitation/{token}") for method in ("GET", "POST")),
    ("POST", "/console/passkey-options"),
    ("POST", "/console/sign-in/passkey"),
}
SIGN_OUT = ("POST", "/console/sign-out")
HALF = {SIGN_OUT, ("GET", "/console/second"), ("POST", "/console/second"), ("POST", "/console/own-passkey-options"), ("POST", "/console/prove/passkey")}
"""For somebody whose password was right."""
OWN = ("/console/account", "/console/set-up", "/console/prove", "/console/assents")
ADMINISTRATION = ("/console/people", "/console/record")
WRITING = (
    "/console/drafts",
    "/console/organisations",
    *(f"/console/statements/{{slug}}/{page}" for page in ("edit", "file", "life", "close", "take-down", "import", "webhooks")),
)
PROVEN = (
    "/console/people",
    "/console/drafts/{draft_id}/publish",
    "/console/organisations/{organisation_id}/merge",
    "/console/statements/{slug}/life",
    "/console/statements/{slug}/close",
    "/console/statements/{slug}/take-down",
    "/console/statements/{slug}/webhooks",
)
LIFTING = tuple(f"/console/statements/{{slug}}/{act}" for act in ("panic/thaw", "panic/show", "export/ask", "export/all"))
"""For administrators of the statement."""
DECIDING = "moderator"
TYPED = {"reason": "It stands there twice.", "code": "duplicate", "to": "office@rivers-house.org", "name": "Mine"}
STATES = {"/remove": State.PUBLISHED, "/restore": State.REJECTED, "/release": State.SCREENED, "-correction": State.PUBLISHED}


def application(site: Site) -> FastAPI:
    app: Any = site.app
    while not isinstance(app, FastAPI):
        app = app.app
    return app


def calls(dependant: Any) -> set[Any]:
    """Everything that a route depends on, at any depth."""
    return {dependant.call}.union(*(calls(other) for other in dependant.dependencies))


def routes(site: Site) -> dict[tuple[str, str], set[Any]]:
    """Method and path of every address of the console, with what it depends on."""
    found: dict[tuple[str, str], set[Any]] = {}
    for route in application(site).routes:
        for one in route.effective_route_contexts() if hasattr(route, "effective_route_contexts") else [route]:
            context: Any = one
            if str(getattr(context, "path", "")).startswith("/console"):
                found |= {(method, context.path): calls(context.dependant) for method in context.methods}
    return found


def right(parameter: Any) -> Any:
    return get_args(parameter)[1].dependency


HIGHER = {
    "/campaigns/{campaign_id}/ask": Role.ADMINISTRATOR,
    "/campaigns/{campaign_id}/start": Role.ADMINISTRATOR,
    "/campaigns/{campaign_id}/undo": Role.ADMINISTRATOR,
}
"""Ends of addresses that are for more than moderators."""


BY_ITSELF = ("/panic/", "/console/campaigns")
"""Acts that leave nothing to decide about; tests of their own hold them."""


def higher(route: tuple[str, str]) -> Role | None:
    """The role where an address is for more than moderators."""
    return next((role for end, role in HIGHER.items() if route[1].endswith(end)), None)


def needed(route: tuple[str, str]) -> Role | None:
    """The least role that an address is for; None where half a sign-in is enough."""
    if route in HALF:
        return None
    if role := higher(route):
        return role
    if route[1].startswith(ADMINISTRATION + LIFTING):
        return Role.ADMINISTRATOR
    if route[1].startswith(WRITING):
        return Role.EDITOR
    return Role.VIEWER if route[0] == "GET" or route[1].startswith(OWN) else Role.MODERATOR


def deciding(site: Site) -> list[tuple[str, str]]:
    """The addresses of the moderators' work."""
    return [route for route in routes(site) if route not in OPEN | HALF and not route[1].startswith(OWN + ADMINISTRATION + WRITING + LIFTING)]


def call(browser: Browser, method: str, path: str, number: object, accept: str = "text/html") -> int:
    letter = dead_letter(browser._site) if "/mail" in path else ""
    address = path.replace("{signature_id}", str(number)).replace("{mail_id}", letter).replace("{slug}", cast.SLUG)
    if "{report_id}" in path:
        address = address.replace("{report_id}", reported(browser._site))
    if "{campaign_id}" in path:
        address = address.replace("{campaign_id}", campaign(browser._site))
    address = re.sub(r"\{\w+\}", str(uuid4()), address.replace("{slug}", cast.SLUG).replace("{form}", "csv"))
    data = {**TYPED, "ids": letter} if method == "POST" else None
    request = browser.client.request(method, address, data=data, headers={**SAME_ORIGIN, "Accept": accept})
    return int(browser._site.wait(request).status_code)


def campaign(site: Site) -> str:
    """A removal campaign about the statement."""
    with site.database.transaction() as session:
        statement = session.exec(select(Statement)).first()
        account = session.exec(select(Account)).first() or create(session, "nobody@site.example", None, None, utcnow())
        session.flush()
        assert statement
        made = Campaign(statement_id=statement.id, account_id=account.id, code=Removal.FALSE, stage=Stage.DONE, created_at=utcnow(), changed_at=utcnow())
        session.add(made)
        return str(made.id)


def dead_letter(site: Site) -> str:
    """A mail that was given up and can be sent again."""
    with site.database.transaction() as session:
        enqueue(session, "waiting", "moderator@site.example", "en", utcnow(), {"count": "1"})
        mail = session.exec(select(Mail).order_by(col(Mail.created_at).desc()).limit(1)).one()
        mail.failed(utcnow(), "refused 550", None)
    return str(mail.id)


def reported(site: Site) -> str:
    """A report that nobody has settled."""
    with site.database.transaction() as session:
        reporting.report(session, session.exec(select(Signature).limit(1)).one(), ReportForm(reason=Complaint.OTHER), utcnow())
        session.flush()
        return str(session.exec(select(Report).order_by(col(Report.created_at).desc()).limit(1)).one().id)


def waiting(site: Site, state: State = State.CONFIRMED) -> object:
    """A signature that somebody could decide about, and that asks for a correction where it stands in the list."""
    (link,) = sign_many(site, [cast.organisation(email=f"person{len(site.rows())}@rivers-house.org")])
    change(site, link.email, lambda row: row.confirm(row.created_at), state=State.APPROVED if state is State.PUBLISHED else state)
    site.work()
    with site.database.transaction() as session:
        row = session.get_one(Signature, site.rows()[-1].id)
        if state is State.PUBLISHED:
            correct(session, row, Typed.model_validate(cast.organisation()), utcnow())
        return row.id


def test_the_console_is_found_whole(site_on_sqlite: Site) -> None:
    acts = {("POST", f"/console/signatures/{{signature_id}}/{act}") for act in ("approve", "reject", "remove")}
    reads = {("GET", path) for path in ("/console", "/console/published", "/console/signatures/{signature_id}")}
    assert set(routes(site_on_sqlite)) >= OPEN | {SIGN_OUT} | acts | reads


def test_every_address_of_the_console_names_who_may_call_it(site_on_sqlite: Site) -> None:
    rights = {
        None: right(Arriving),
        Role.VIEWER: right(Staff),
        Role.MODERATOR: right(Moderator),
        Role.EDITOR: right(Editor),
        Role.ADMINISTRATOR: right(Administrator),
    }
    found = {route: needs for route, needs in routes(site_on_sqlite).items() if route not in OPEN}
    setting_up = {route for route, needs in found.items() if right(SettingUp) in needs}
    assert {path for _, path in setting_up} == {path for _, path in found if path.startswith("/console/set-up")}
    desks = {route: right(CampaignHead if "campaign" in route[1] else AdministeringDesk) for route in found if higher(route) or route[1].startswith(LIFTING)}
    assert [route for route, needs in found.items() if route not in setting_up and desks.get(route, rights[needed(route)]) not in needs] == []
    grave = [route for route in found if route[1].startswith(PROVEN + LIFTING) or (route[0] == "POST" and route[1].startswith("/console/account"))]
    unproven = [route for route in grave if right(Proven) not in found[route]]
    assert unproven == [("POST", "/console/account/sessions/{session_id}/end")]  # to end one is never grave


@pytest.mark.parametrize("prefix", ["", "/be"])
def test_without_a_session_every_address_leads_to_the_sign_in(site: Site, prefix: str) -> None:
    site.publish()
    number = waiting(site)
    before = [row.model_dump() for row in site.rows()]
    asked = [route for route in routes(site) if route not in OPEN]
    assert {call(site.browser, method, prefix + path, number) for method, path in asked} == {303}
    assert {call(site.browser, method, prefix + path, number, "application/json") for method, path in asked} == {401}
    assert ([row.model_dump() for row in site.rows()], stored(site, Decision)) == (before, 0)
    assert site.browser.get(f"{prefix}/console").headers["location"] == f"{prefix}/console/sign-in"


def test_a_viewer_sees_and_decides_nothing(site: Site) -> None:
    site.publish()
    viewer, number = staff(site, Role.VIEWER), waiting(site)
    before = [row.model_dump() for row in site.rows()]
    answers = {(method, path): call(viewer, method, path, number) for method, path in deciding(site)}
    assert {route: status for route, status in answers.items() if status != (200 if route[0] == "GET" else 403)} == {}
    assert ([row.model_dump() for row in site.rows()], stored(site, Decision)) == (before, 0)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.EDITOR, Role.ADMINISTRATOR])
def test_every_higher_role_sees_and_decides(site: Site, role: Role) -> None:
    site.publish()
    browser = staff(site, role)
    answers = {}
    for method, path in deciding(site):
        if method == "POST" and any(part in path for part in BY_ITSELF):
            continue
        number = waiting(site, next((state for end, state in STATES.items() if path.endswith(end)), State.CONFIRMED))
        answers[method, path] = call(browser, method, path, number)
    late = ("POST", "/console/signatures/{signature_id}/undo")  # nothing waits to be undone
    assert answers.pop(late) == 409
    assert {route: status for route, status in answers.items() if status != (200 if route[0] == "GET" else 303)} == {}
    assert stored(site, Decision) == sum(method == "POST" and not re.search("/mail|/claim|/bulk|/filters|/panic", path) for method, path in answers)


@pytest.mark.parametrize("role", list(Role))
def test_no_role_gets_an_answer_from_an_address_above_it(site: Site, role: Role) -> None:
    site.publish()
    browser, number = staff(site, role), waiting(site)
    above = [route for route in routes(site) if route not in OPEN and (least := needed(route)) and not role.includes(least)]
    assert {call(browser, method, path, number) for method, path in above} <= {403}
    below = [
        route
        for route in routes(site)
        if route[0] == "GET"
        and route not in OPEN | HALF
        and route not in above
        and not re.search("{account_id}|{draft_id}|{collection_id}|{organisation_id}|{endpoint_id}", route[1])
    ]
    assert {path: status for method, path in below if (status := call(browser, method, path, number)) != 200} == {}


def granted(site: Site, role: Role, statement: UUID) -> Browser:
    """Somebody with a right to one statement alone."""
    browser = staff(site, Role.VIEWER, "granted@site.example")
    with site.database.transaction() as session:
        account = session.exec(select(Account).where(Account.email == "granted@site.example")).one()
        account.role = None
        session.add(Grant(account_id=account.id, statement_id=statement, role=role))
    return browser


@pytest.mark.parametrize("role", list(Role))
def test_a_right_to_one_statement_is_none_to_another(site: Site, role: Role) -> None:
    site.publish()
    mine = waiting(site)
    site.publish(cast.statement(slug="another"))
    (link,) = sign_many(site, [cast.organisation(organisation="Another House", email="another@house.org")], "another")
    change(site, link.email, lambda row: row.confirm(row.created_at), "another")
    rows = {str(row.id): row for row in site.rows()}
    theirs = next(key for key in rows if key != str(mine))
    browser = granted(site, role, rows[str(mine)].statement_id)
    page = browser.get("/console").text
    assert (str(mine) in page, theirs in page) == (True, False)
    statuses = {call(browser, method, path, theirs) for method, path in deciding(site) if "{signature_id}" in path}
    assert statuses == {403}
    assert {call(browser, method, path, theirs) for method, path in routes(site) if path.startswith(ADMINISTRATION)} == {403}
    expected = 303 if role.includes(Role.MODERATOR) else 403
    assert call(browser, "POST", "/console/signatures/{signature_id}/approve", mine) == expected


@pytest.mark.parametrize("role", list(Role))
def test_a_role_includes_itself_and_the_ones_before(role: Role) -> None:
    order = ["viewer", "moderator", "editor", "administrator"]
    assert [other.value for other in Role if role.includes(other)] == order[: order.index(role.value) + 1]


def test_a_session_of_the_past_has_no_rights(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    number, browser = waiting(site_on_sqlite), staff(site_on_sqlite)
    browser.post("/console/sign-out")
    assert call(browser, "POST", "/console/signatures/{signature_id}/approve", number) == 303
    assert (site_on_sqlite.rows()[0].state, stored(site_on_sqlite, Decision)) == (State.CONFIRMED, 0)


def test_an_act_needs_a_post_from_the_same_site(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    number, browser = waiting(site_on_sqlite), staff(site_on_sqlite)
    path = f"/console/signatures/{number}/approve"
    elsewhere = [{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {}, {"Sec-Fetch-Site": "none"}]
    assert {site_on_sqlite.wait(browser.client.post(path, headers=headers)).status_code for headers in elsewhere} == {403}
    assert browser.get(path).status_code == 405
    assert stored(site_on_sqlite, Decision) == 0

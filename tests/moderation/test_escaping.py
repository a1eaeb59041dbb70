"""Whatever was typed is shown as text: in the console, on every face, in every letter."""

import json
from itertools import cycle
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
from sqlmodel import select

from app.clock import utcnow
from app.keys.queries import keyring
from app.outbox.models import Mail
from app.outbox.queries import letter
from app.signatures.admission import Admission
from app.signatures.forms import SignForm
from app.signatures.models import Kind, Signature, Visibility
from app.signatures.signing import Post, sign_all
from app.statements.queries import get
from app.web.templates import environment
from tests import cast
from tests.signatures.hands import SIGN, staff
from tests.site import Site
from tests.web.markup import inline, parse

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "</title></textarea></script><svg/onload=alert(1)>",
    "]]><script>alert(1)</script>",
    "&lt;b&gt; &amp; &#60;i&#62;",
    "{{ 7 * 7 }} {% raw %} ${7*7} %(name)s",
]
FACES = ("", "/signatories", "/signatories?order=name", "/signatories?order=country")


def forced(site: Site, payload: str, kind: Kind) -> UUID:
    """A confirmed signature with the payload in every field, past the form's rules."""
    fields: dict[str, Any] = {name: f"{name} {payload}" for name in ("name", "role", "organisation", "mandate")}
    form = SignForm.model_construct(
        kind=kind, website=f"https://site.example/?{payload}", country=payload, visibility=Visibility.PUBLIC, email="x@post-office.org", subject="", **fields
    )
    with site.database.transaction() as session:
        sign_all(session, [Post(get(session, cast.SLUG).id, form, "en", b"", Admission())], utcnow())
        row = session.exec(select(Signature)).one()
        ring = keyring(session, row.statement_id)
        row.address = ring.seal(f'"{payload}"@post-office.org'.encode(), row.place("address"))
        row.confirm(utcnow())
    return row.id


def clean(html: str, payload: str) -> list[str]:
    """What in a page would run or was let through unescaped."""
    page = parse(html)
    strange = [element.tag for element in page.all() if element.tag in {"img", "svg", "b"} and "alert" in str(element.attrs)]
    return inline(page) + strange + [payload for tag in ("<script>alert", "<img src=x", "<svg/onload", "' onfocus='") if tag in html]


@pytest.mark.parametrize(("payload", "kind"), list(zip(PAYLOADS, cycle(Kind), strict=False)))
def test_a_hostile_name_is_text_in_the_console_and_on_every_face(site_on_sqlite: Site, payload: str, kind: Kind) -> None:
    site, moderator = site_on_sqlite, staff(site_on_sqlite)
    site.publish()
    number = forced(site, payload, kind)
    first = f"organisation {payload}" if kind is Kind.ORGANISATION else f"name {payload}"
    for path in ("/console", f"/console/signatures/{number}"):
        page = moderator.get(path)
        assert (page.status_code, clean(page.text, payload), first in parse(page.text).one("h1").text) == (200, [], True)
    assert clean(moderator.post(f"/console/signatures/{number}/reject", {"reason": ""}).text, payload) == []
    assert moderator.post(f"/console/signatures/{number}/approve").status_code == 303
    site.work()
    for prefix in ("", "/be"):
        for path in (*(f"/statements/{cast.SLUG}{face}" for face in FACES), f"/embed/{cast.SLUG}"):
            page = site.browser.get(prefix + path)
            assert (page.status_code, clean(page.text, payload)) == (200, [])
            assert first in parse(page.text).text
    for path in ("/console/published", f"/console/signatures/{number}"):
        page = moderator.get(path, params={"q": payload})
        assert (page.status_code, clean(page.text, payload)) == (200, [])
    item = json.loads(site.browser.get(f"/statements/{cast.SLUG}/signatories.json").text)["items"][0]
    assert item["name"] == f"name {payload}"
    feed = ElementTree.fromstring(site.browser.get(f"/statements/{cast.SLUG}/feed.atom").text)
    assert first in "".join(feed.itertext())
    assert [element.tag for element in feed.iter() if "alert" in element.tag] == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_reason_and_note_are_text_in_console_and_letters(site_on_sqlite: Site, payload: str) -> None:
    site, moderator = site_on_sqlite, staff(site_on_sqlite)
    site.publish()
    path = f"/console/signatures/{forced(site, 'x', Kind.ORGANISATION)}"
    assert moderator.post(f"{path}/reject", {"reason": f"reason {payload}"}).status_code == 303
    page = moderator.get(path)
    assert (clean(page.text, payload), f"reason {payload}" in parse(page.text).text) == ([], True)
    with site.database.reading() as session:
        (rejected,) = [letter(session, mail.id) for mail in session.exec(select(Mail).where(Mail.name == "rejected"))]
    assert f"reason {payload}" in rejected.part("plain")
    html = parse(rejected.part("html").replace("<!doctype html>", ""))
    assert f"reason {payload}" in html.text
    assert [element.tag for element in html.all() if element.tag in {"script", "img", "svg"} or any(name.startswith("on") for name in element.attrs)] == []
    site.work()
    box = site.browser.get(f"/dev/mailbox/{rejected.id}")
    assert clean(box.text, payload) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_shown_again_in_a_form_is_text(site_on_sqlite: Site, payload: str) -> None:
    site_on_sqlite.publish()
    fields = ("kind", "name", "role", "organisation", "website", "country", "email", "visibility", "mandate", "consent")
    page = site_on_sqlite.browser.post(SIGN, dict.fromkeys(fields, payload))
    assert (page.status_code, clean(page.text, payload)) == (422, [])
    values = {element.attrs.get("name"): element.attrs.get("value") for element in parse(page.text).all("input") if element.attrs.get("type") != "radio"}
    assert {values[name] for name in ("name", "role", "organisation", "website", "email", "mandate")} == {payload}
    sign_in = site_on_sqlite.browser.post("/console/sign-in", {"email": payload, "password": payload})
    assert clean(sign_in.text, payload) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_first_signatory_does_not_leave_the_script_of_machine_readable_data(site_on_sqlite: Site, payload: str) -> None:
    site_on_sqlite.publish(cast.statement(cast.FIRST))
    with site_on_sqlite.database.transaction() as session:
        for row in session.exec(select(Signature)):
            row.name = row.role = row.organisation = row.website = payload
    page = site_on_sqlite.browser.get(f"/statements/{cast.SLUG}").text
    data = page.split('<script type="application/ld+json">')[1].split("</script>")[0]
    names = [item["agent"]["name"] for item in json.loads(data)["@graph"] if "agent" in item]
    assert (set(names), clean(page, payload)) == ({payload}, [])


@pytest.mark.parametrize("name", ["x.html", "x.atom"])
def test_every_template_that_makes_markup_escapes_by_itself(name: str) -> None:
    env = environment("en")
    decides = env.autoescape
    assert callable(decides)
    assert decides(name)

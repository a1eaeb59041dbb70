"""Until a statement opens its texts may be replaced; from then on never, also when publishing and signing race."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from app.clock import utcnow
from app.errors import Conflict
from app.secretariat.actions import publish
from app.secretariat.queries import plan
from app.statements.models import Revision, Statement
from app.statements.source import Paper, build
from tests import cast
from tests.signatures.hands import sign_many
from tests.site import Site
from tests.statements.command import undersigned

AT = f"/statements/{cast.SLUG}"
LATER = "2099-01-01 10:00 UTC"
OPENS = datetime.fromisoformat("2099-01-01T10:00:00Z")
CHANGED = {"title": "Open all archives", "body": "We ask for more."}


def put(site: Site, changes: dict[str, str] | None = None, be: str = "", now: datetime | None = None) -> None:
    translations = [Paper("statement.be.md", be.encode())] if be else []
    with site.database.transaction() as session:
        publish(session, build(Paper("statement.md", cast.statement(**{"opens": LATER, **(changes or {})}).encode()), translations), now or utcnow())


def revision(site: Site) -> Revision:
    with site.database.reading() as session:
        return session.exec(select(Revision)).one()


def test_a_scheduled_statement_gets_its_new_text_and_fingerprint_in_revision_1(site: Site) -> None:
    put(site, be=cast.belarusian())
    before = revision(site)
    put(site, CHANGED, cast.belarusian().replace("разам", "паасобку"))
    after = revision(site)
    assert (after.id, after.number, after.fingerprint == before.fingerprint) == (before.id, 1, False)
    assert site.browser.get(f"{AT}.txt").text.startswith("Open all archives\n")
    assert "We ask for more." in site.browser.get(AT).text
    assert "паасобку" in site.browser.get(f"/be{AT}").text
    assert site.browser.get(f"{AT}.json").json()["revision"]["fingerprint"] == after.fingerprint


def test_the_plan_says_which_text_is_replaced(site: Site) -> None:
    put(site)
    path = site.folder / "statement.md"
    path.write_text(cast.statement(opens=LATER, **CHANGED), encoding="utf-8")
    said = undersigned("publish", str(path), "--dry-run", url=site.database.engine.url.render_as_string(hide_password=False))
    assert said.out.split("\n")[1].startswith("  replace the text in en, fingerprint ")


@pytest.mark.parametrize("before", [timedelta(seconds=59), timedelta(0), -timedelta(days=1)])
def test_from_a_minute_before_it_opens_the_text_stands(site: Site, before: timedelta) -> None:
    put(site)
    with pytest.raises(Conflict, match="never changes under a signer"):
        put(site, CHANGED, now=OPENS - before)
    put(site, CHANGED, now=OPENS - timedelta(seconds=61))


def test_whoever_signed_once_freezes_the_text_for_good(site: Site) -> None:
    site.publish()
    sign_many(site, [cast.individual()])
    put(site)
    with pytest.raises(Conflict, match="never changes under a signer"):
        put(site, CHANGED)
    with site.database.reading() as session, pytest.raises(Conflict):
        plan(session, build(Paper("statement.md", cast.statement(opens=LATER, **CHANGED).encode())), utcnow())


def test_a_text_is_not_replaced_while_somebody_signs_it(site: Site) -> None:
    """A first signature and a publication at once: either order ends with signatures bound to the text that stands."""
    site.publish()
    old = revision(site).fingerprint
    put(site)
    with site.database.transaction() as session:
        session.exec(select(Statement)).one().opens_at = None
    outcomes: list[str] = []

    def sign() -> None:
        sign_many(site, [cast.individual()])
        outcomes.append("signed")

    def replace() -> None:
        try:
            put(site, CHANGED)
            outcomes.append("replaced")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=act) for act in (sign, replace)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "signed"]
    assert revision(site).fingerprint == old

"""Until a statement opens its texts may be replaced; from then on never, also when publishing and signing race."""

import threading
import time
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from app.clock import utcnow
from app.errors import Conflict
from app.secretariat.actions import publish
from app.secretariat.queries import plan
from app.signatures.admission import Admission
from app.signatures.forms import SignForm
from app.signatures.signing import Post, sign_all
from app.statements.models import Revision
from app.statements.queries import get
from app.statements.source import Paper, build
from app.tokens import new_token
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


def test_who_replaces_a_text_waits_for_whoever_signs_it_and_is_then_refused(site: Site) -> None:
    """The first signature is written but not committed while somebody, whose clock is behind, publishes another text."""
    put(site)
    old, began, outcomes = revision(site).fingerprint, threading.Event(), list[str]()

    def replace() -> None:
        began.wait()
        try:
            put(site, CHANGED, now=OPENS - timedelta(seconds=61))
            outcomes.append("replaced")
        except Conflict:
            outcomes.append("refused")

    publisher = threading.Thread(target=replace)
    publisher.start()
    with site.database.transaction() as session:
        post = Post(get(session, cast.SLUG).id, SignForm.model_validate(cast.individual()), "en", new_token()[1], Admission())
        assert sign_all(session, [post], OPENS + timedelta(seconds=1)) == [None]
        session.flush()
        began.set()
        time.sleep(0.4)
        assert outcomes == []
    publisher.join()
    assert (outcomes, revision(site).fingerprint, len(site.rows())) == (["refused"], old, 1)

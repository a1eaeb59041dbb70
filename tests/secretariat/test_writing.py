"""A statement written in the browser: nothing typed is refused or lost, and what comes out is what the file would say."""

import re
from datetime import timedelta

import pytest
from sqlmodel import col, select

from app.accounts.models import Account, Grant, Person, Role, StaffSession
from app.audit.models import Entry
from app.clock import utcnow
from app.secretariat import drafting
from app.secretariat import drafts as read
from app.secretariat.models import Draft, DraftText
from app.secretariat.shredding import shred
from app.statements.models import Statement
from app.statements.source import Paper, build
from app.statements.written import as_typed
from app.upkeep.schedule import keep_schedule
from app.web.layers import LARGE
from tests import cast
from tests.secretariat.hands import WRITE, begun, drafted, drafts, fields, published, saved, version_at, writer
from tests.signatures.hands import posting, problem, staff, stored, together
from tests.site import Site
from tests.statements.seed import parse

AT = f"/statements/{cast.SLUG}"
MANY = "first_signatories:\n" + "".join(f"  - {{name: Fictional Person {n}, role: member}}\n" for n in range(3))


def test_what_is_typed_field_by_field_is_published_like_the_file(site: Site) -> None:
    file = cast.statement(cast.FIRST + "goal: 1200\nopens: 2099-01-01 10:00 Europe/Minsk\nmoderation: {organisations: automatic}\n")
    browser = writer(site)
    answer = published(browser, drafted(browser, file))
    assert answer.headers["location"] == f"{WRITE}?done=published&about={cast.SLUG}"
    shown = site.browser.get(f"{AT}.json").json()
    source = build(Paper("f.md", file.encode()))
    assert (shown["revision"]["fingerprint"], shown["goal"], shown["state"]) == (source.original.fingerprint, 1200, "scheduled")
    assert site.browser.get(f"{AT}.txt").content == source.original.canonical
    assert [row.organisation or "" for row in sorted(site.rows(), key=lambda row: row.position)] == [one.organisation for one in source.first_signatories]
    assert drafts(site) == []


def test_the_real_appeal_comes_out_of_the_editor_as_out_of_its_file(site: Site, seed: str) -> None:
    file, browser = parse(seed).file("restorative-measures"), writer(site)
    wanted = build(Paper("f.md", file.encode()))
    at = drafted(browser, file)
    exported = browser.get(f"{at}/file")
    assert exported.headers["content-disposition"] == 'attachment; filename="restorative-measures.md"'
    assert build(Paper("f.md", exported.content)) == wanted
    assert published(browser, at).status_code == 303
    assert site.browser.get("/statements/restorative-measures.txt").content == wanted.original.canonical
    again = build(Paper("f.md", browser.get("/console/statements/restorative-measures/file").content))
    assert (again.original.fingerprint, again.related, again.news) == (wanted.original.fingerprint, wanted.related, wanted.news)
    assert [(one.name, one.role, one.organisation) for one in again.first_signatories] == [
        (one.name, one.role, one.organisation) for one in wanted.first_signatories
    ]


def test_saving_never_refuses_and_the_page_shows_it_as_typed_with_each_complaint_beside_its_field(site: Site) -> None:
    browser = writer(site)
    typed = {"title": "x" * 301, "slug": "Not A Slug", "goal": "many", "opens": "tomorrow", "body": "One.\r\n\r\nTwo.", "first_signatories.1.country": "FRA"}
    at = begun(browser)
    assert 'class="problem"' not in browser.get(at).text
    assert saved(browser, at, typed).status_code == 303
    page = browser.get(at)
    kept = fields(page)
    assert {name: kept[name] for name in typed} == {**typed, "body": "One.\n\nTwo."}
    assert problem(page, "title") == "is longer than 300 characters"
    assert problem(page, "goal") == "must be a whole number above zero"
    assert problem(page, r"first_signatories\.1\.country") == "`FRA` is not a country code (two capital letters, XK, or international)"
    assert problem(page, r"first_signatories\.1\.name") == "a first signatory of kind individual needs `name`"
    assert problem(page, "signers") == "must name organisations, individuals or both"
    assert problem(page, "language") == "this key is required"


def test_complaints_are_said_in_the_reader_s_language(site_on_sqlite: Site) -> None:
    browser = writer(site_on_sqlite)
    at = drafted(browser, goal="0")
    assert 'id="goal-problem"' in browser.get(f"/be{at}").text


@pytest.mark.parametrize(
    ("act", "order"),
    [
        ("up:first_signatories:2", [1, 0, 2]),
        ("down:first_signatories:1", [1, 0, 2]),
        ("remove:first_signatories:2", [0, 2]),
        ("up:first_signatories:1", [0, 1, 2]),
        ("up:first_signatories:99", [0, 1, 2]),
        ("nonsense", [0, 1, 2]),
    ],
)
def test_first_signatories_move_without_scripts_and_everything_typed_is_kept(site_on_sqlite: Site, act: str, order: list[int]) -> None:
    browser = writer(site_on_sqlite)
    at = drafted(browser, cast.statement(MANY))
    assert saved(browser, at, {**as_typed(cast.statement(MANY)), "title": "Typed just now"}, act).status_code == 303
    kept = fields(browser.get(at))
    assert kept["title"] == "Typed just now"
    assert [kept[f"first_signatories.{n}.name"] for n in range(1, len(order) + 1)] == [f"Fictional Person {n}" for n in order]


def test_a_row_is_added_and_an_empty_one_is_no_mistake(site_on_sqlite: Site) -> None:
    browser = writer(site_on_sqlite)
    at = drafted(browser)
    answer = saved(browser, at, as_typed(cast.statement()), "add:news")
    assert answer.headers["location"].endswith("#news")
    page = browser.get(at)
    assert (fields(page)["news.1.title"], 'class="problem"' in page.text) == ("", False)


def test_the_second_of_two_editors_keeps_what_they_typed_and_sees_what_the_first_changed(site: Site) -> None:
    first, second = writer(site), writer(site, "other@site.example")
    at = drafted(first)
    version = version_at(first, at)
    assert saved(first, at, {**as_typed(cast.statement()), "place": "Lakeville"}, version=version).status_code == 303
    page = saved(second, at, {**as_typed(cast.statement()), "title": "My own title"}, version=version)
    assert page.status_code == 409
    assert fields(page)["title"] == "My own title"
    changes = page.text.split('<dl class="changes">')[1].split("</dl>")[0]
    assert ("Lakeville" in changes, "writer@site.example" in page.text, changes.count("<dt>")) == (True, True, 1)
    assert fields(first.get(at))["title"] != "My own title"
    assert saved(second, at, {**as_typed(cast.statement()), "title": "My own title"}, version=fields(page)["version"]).status_code == 303
    assert fields(first.get(at))["title"] == "My own title"


def test_nothing_public_shows_a_draft_and_its_words_are_sealed(site: Site) -> None:
    browser = writer(site)
    drafted(browser, cast.statement(cast.FIRST))
    (row,) = drafts(site)
    assert b"Alesia" not in row.content
    assert cast.statement().encode() not in row.content
    assert (site.browser.get(AT).status_code, stored(site, Statement)) == (404, 0)
    assert "river commission" not in site.browser.get("/").text


def test_an_editor_of_one_statement_sees_and_writes_that_one_only(site: Site) -> None:
    site.publish()
    chief = writer(site)
    own = chief.post(f"/console/statements/{cast.SLUG}/edit").headers["location"]
    other = drafted(chief, cast.statement(slug="other", title="Another title"))
    browser = staff(site, Role.VIEWER, "one@site.example")
    with site.database.transaction() as session:
        account = session.exec(select(Account).where(Account.email == "one@site.example")).one()
        statement = session.exec(select(Statement)).one()
        session.add(Grant(account_id=account.id, statement_id=statement.id, role=Role.EDITOR))
    page = browser.get(WRITE)
    assert ("Another title" in page.text, "Begin a new statement" in page.text) == (False, False)
    assert (browser.get(own).status_code, browser.get(other).status_code, browser.post(WRITE).status_code) == (200, 403, 403)
    moved = {**as_typed(cast.statement()), "slug": "stolen"}
    assert saved(browser, own, moved).status_code == 303
    assert "cannot change" in browser.get(f"{own}/publish").text


def test_editing_what_is_published_begins_with_what_is_published(site: Site) -> None:
    site.publish(cast.statement(cast.FIRST + "closes: 2099-02-15 18:00 Europe/Minsk\n"), be=cast.belarusian())
    browser = writer(site)
    at = browser.post(f"/console/statements/{cast.SLUG}/edit").headers["location"]
    assert browser.post(f"/console/statements/{cast.SLUG}/edit").headers["location"] == at
    assert "Nothing would change" in browser.get(f"{at}/publish").text
    assert saved(browser, at, {**fields(browser.get(at)), "goal": "500"}).status_code == 303
    page = browser.get(f"{at}/publish").text
    assert "goal: none → 500" in page
    assert published(browser, at).status_code == 303
    assert site.browser.get(f"{AT}.json").json()["goal"] == 500


def test_a_changed_text_of_an_open_statement_is_refused_and_the_draft_stays(site: Site) -> None:
    site.publish()
    browser = writer(site)
    at = browser.post(f"/console/statements/{cast.SLUG}/edit").headers["location"]
    saved(browser, at, {**fields(browser.get(at)), "body": "Something else."})
    page = browser.get(f"{at}/publish")
    assert (page.status_code, "never changes under a signer" in page.text) == (409, True)
    assert len(drafts(site)) == 1


def test_a_draft_that_was_saved_after_the_look_is_not_published(site: Site) -> None:
    browser = writer(site)
    at = drafted(browser)
    mark = re.search(r'name="mark" value="(\w+)"', browser.get(f"{at}/publish").text)
    assert mark
    saved(browser, at, {**as_typed(cast.statement()), "title": "Another"})
    answer = browser.post(f"{at}/publish", {"mark": mark[1]})
    assert (answer.status_code, stored(site, Statement)) == (409, 0)
    assert 'name="mark"' in answer.text


def test_a_broken_draft_says_why_it_cannot_be_published(site_on_sqlite: Site) -> None:
    browser = writer(site_on_sqlite)
    page = browser.get(f"{drafted(browser, goal='0')}/publish")
    assert (page.status_code, "must be a whole number above zero" in page.text, 'name="mark"' in page.text) == (200, True, False)


def test_publishing_closing_and_taking_down_need_a_fresh_proof(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    browser = writer(site)
    at = drafted(browser, cast.statement(slug="fresh"))
    monkeypatch.setattr("app.accounts.deps.utcnow", lambda: utcnow() + timedelta(minutes=11))
    grave = [f"{at}/publish", f"/console/statements/{cast.SLUG}/close", f"/console/statements/{cast.SLUG}/take-down"]
    assert {browser.post(path).headers["location"] for path in grave} == {"/console/prove?next=/console/account"}
    assert browser.get(f"{at}/publish").headers["location"] == f"/console/prove?next={at}/publish"


def test_a_statement_is_closed_at_a_moment_or_now_and_taken_down_with_a_reason(site: Site) -> None:
    site.publish()
    browser, path = writer(site), f"/console/statements/{cast.SLUG}"
    assert problem(browser.post(f"{path}/close", {"at": "soon"}), "at").startswith("must be a moment")
    assert problem(browser.post(f"{path}/close", {"at": "2020-01-01 10:00 UTC"}), "at") == "must be later than now"
    assert browser.post(f"{path}/close", {"at": "2099-01-01 10:00 Europe/Minsk"}).status_code == 303
    assert site.browser.get(f"{AT}.json").json()["closes"] == "2099-01-01T07:00:00Z"
    assert browser.post(f"{path}/close", {"at": ""}).status_code == 303
    assert site.browser.get(f"{AT}.json").json()["state"] == "closed"
    assert problem(browser.post(f"{path}/take-down", {"reason": " "}), "reason") != ""
    assert browser.post(f"{path}/take-down", {"reason": "on request of the authors"}).status_code == 303
    assert "on request of the authors" in site.browser.get(AT).text
    assert browser.get(f"{path}/life").status_code == 200


def test_every_act_stands_in_the_record_without_a_name(site: Site) -> None:
    browser = writer(site)
    at = drafted(browser, cast.statement(cast.FIRST))
    browser.get(f"{at}/file")
    published(browser, at)
    browser.post(f"/console/statements/{cast.SLUG}/close", {"at": ""})
    browser.post(f"/console/statements/{cast.SLUG}/take-down", {"reason": "Alesia asked"})
    with site.database.reading() as session:
        entries = [entry for entry in session.exec(select(Entry).order_by(col(Entry.number))) if entry.act != "sign-in"]
    assert [entry.act for entry in entries] == ["create-draft", "save-draft", "export-statement", "publish-statement", "close-statement", "take-down"]
    assert not any("Alesia" in entry.detail for entry in entries)


def test_what_somebody_saves_while_another_publishes_is_not_lost(site: Site) -> None:
    browser = writer(site)
    at = drafted(browser)
    with site.database.reading() as session:
        sheet = read.sheet(session, drafts(site)[0].id)
        account = session.exec(select(Account)).one()
        person = Person(account, session.exec(select(StaffSession)).one())
    saved(browser, at, {**fields(browser.get(at)), "title": "Saved meanwhile"})
    with pytest.raises(drafting.Moved), site.database.transaction() as session:
        drafting.publish(session, sheet, sheet.mark(), person, utcnow())
    assert "Saved meanwhile" in browser.get(at).text
    assert stored(site, Statement) == 0


def test_a_draft_nobody_touches_for_half_a_year_is_erased_with_its_translations(site: Site) -> None:
    browser = writer(site)
    at = drafted(browser)
    saved(browser, at, {**fields(browser.get(at)), "into": "be"}, "translate")
    assert "It is erased on" in browser.get(at).text
    for days, left in ((179, 1), (181, 0)):
        with site.database.transaction() as session:
            keep_schedule(session, utcnow() + timedelta(days=days))
        assert (stored(site, Draft), stored(site, DraftText)) == (left, left)


def test_a_deleted_draft_is_gone(site: Site) -> None:
    browser = writer(site)
    at = drafted(browser)
    assert browser.post(f"{at}/delete").status_code == 303
    assert (browser.get(at).status_code, drafts(site)) == (404, [])


def test_the_preview_shows_what_is_typed_with_the_pieces_of_the_public_page_and_writes_nothing(site: Site) -> None:
    browser = writer(site)
    at = drafted(browser)
    page = browser.post(f"{at}/preview", {**as_typed(cast.statement(cast.FIRST)), "title": "Typed <just> now", "body": "1. first\n2. second\n\n<b>raw</b>"})
    assert page.status_code == 200
    assert "Typed &lt;just&gt; now" in page.text
    assert "<li>first</li>" in page.text
    assert "<b>raw</b>" not in page.text
    assert "Alesia Prykladnaya" in page.text
    assert "<form" not in page.text
    assert "Typed" not in browser.get(f"{at}/preview").text
    assert browser.post(f"{at}/preview", {"title": "", "date": "soon", "opens": "x"}).status_code == 200


def test_only_the_preview_may_be_framed_and_only_by_the_editor(site_on_sqlite: Site) -> None:
    browser = writer(site_on_sqlite)
    at = drafted(browser)
    editor, preview, other = browser.get(at).headers, browser.get(f"{at}/preview").headers, browser.get(WRITE).headers
    assert "frame-src 'self'" in editor["content-security-policy"]
    assert ("frame-ancestors 'none'" in editor["content-security-policy"], editor["x-frame-options"]) == (True, "DENY")
    assert ("frame-ancestors 'self'" in preview["content-security-policy"], preview["x-frame-options"]) == (True, "SAMEORIGIN")
    assert "frame-src" not in preview["content-security-policy"] + other["content-security-policy"]
    assert {headers["cache-control"] for headers in (editor, preview, other)} == {"no-store"}


def test_a_long_text_goes_in_here_and_nowhere_else(site_on_sqlite: Site) -> None:
    browser = writer(site_on_sqlite)
    at = drafted(browser, cast.statement())
    long = "We ask. " * 30_000
    assert saved(browser, at, {**as_typed(cast.statement()), "body": long}).status_code == 303
    assert saved(browser, at, {"body": "x" * 2_000_000}).status_code == 413
    assert browser.post(WRITE, {"body": long}).status_code == 413
    assert browser.post("/console/sign-in", {"email": long}).status_code == 413


def test_with_the_keys_of_a_statement_go_the_drafts_that_edit_it(site: Site) -> None:
    site.publish(cast.statement(cast.FIRST, closes="2020-01-01 10:00 UTC"))
    browser = writer(site)
    browser.post(f"/console/statements/{cast.SLUG}/edit")
    drafted(browser, cast.statement(slug="other"))
    with site.database.transaction() as session:
        shred(session, cast.SLUG, utcnow())
    assert [row.statement_id for row in drafts(site)] == [None]
    assert browser.get(WRITE).status_code == 200


def test_large_forms_wait_for_one_another_and_none_is_lost(site_on_sqlite: Site) -> None:
    browser = writer(site_on_sqlite)
    at = drafted(browser)
    words = {"title": "Many at once", "body": "We ask. " * 12_000}
    answers = together(site_on_sqlite, [posting(browser, f"{at}/preview", words) for _ in range(3 * LARGE)])
    assert [(answer.status_code, "Many at once" in answer.text) for answer in answers] == [(200, True)] * (3 * LARGE)

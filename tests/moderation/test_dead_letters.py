"""Mail that did not arrive: what the console says of it, and sending it again."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.accounts.models import Role
from app.clock import utcnow
from app.i18n import language
from app.moderation.labels import labels
from app.moderation.overview import LETTERS
from app.outbox.breaker import breaker
from app.outbox.models import Mail, MailState
from app.outbox.worker import deliver_due
from app.settings import ROOT
from tests import cast
from tests.outbox.smtp import Post, free_port, plain, serving
from tests.signatures.hands import mails, sign_many, staff, use_smtp
from tests.site import Browser, Site, forms
from tests.web.markup import Element, parse

MAIL = "/console/mail"


def die(site: Site, number: int = 1, failure: str = "refused 550", columns: dict[str, object] | None = None) -> list[Mail]:
    """So many mails that were given up, the newest last."""
    if not site.rows():
        site.publish()
    first = len(mails(site))
    sign_many(site, (cast.individual(email=f"person{n}@post-office.org") for n in range(first, first + number)))
    with site.database.transaction() as session:
        for place, mail in enumerate(mails(site)[first:]):
            row = session.merge(mail)
            row.failed(utcnow() - timedelta(hours=1) + timedelta(seconds=place), failure, None)
            for column, value in (columns or {}).items():
                setattr(row, column, value)
    return mails(site)[first:]


def page(browser: Browser, path: str = MAIL) -> Element:
    answer = browser.get(path)
    assert answer.status_code == 200
    return parse(answer.text).one("main")


def fact(main: Element, name: str) -> str:
    """What stands beneath a name in the facts."""
    return next(div.one("dd").text for div in main.one("dl", class_="facts").all("div") if div.one("dt").text == name)


def states(site: Site) -> list[MailState]:
    return [mail.state for mail in mails(site)]


def test_a_dead_letter_is_shown_without_its_recipient_and_its_content(site: Site) -> None:
    (mail,) = die(site)
    main = page(staff(site))
    (row,) = main.one("tbody").all("tr")
    shown = ("Link to confirm a signature", "English", cast.SLUG, "UTC", "1", "the mail server refused it for good", "refused 550")
    assert [word for word in shown if word not in row.text] == []
    assert fact(main, "Undelivered mail") == "1"
    everything = staff(site, email="other@site.example").get(MAIL).text
    assert [secret for secret in ("post-office.org", "Мікола", "/confirm/") if secret in everything] == []
    assert mail.payload


def test_without_dead_letters_the_page_says_so(site: Site) -> None:
    main = page(staff(site))
    assert "None: every mail has left or is still waiting." in main.text
    assert [fact(main, name) for name in ("Waiting to be sent", "The oldest waits since", "Sent in the last 24 hours", "Undelivered mail")] == [
        "0",
        "–",
        "0",
        "0",
    ]
    assert main.all("form") == []


def test_it_is_sent_again_by_one_button(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    die(site, 2)
    moderator = staff(site)
    answer = moderator.submit(moderator.get(MAIL), number=1)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{MAIL}?again=1")
    row = next(mail for mail in mails(site) if mail.state is MailState.QUEUED)
    assert (row.attempts, row.failure, row.finished_at, row.leased_until) == (0, None, None, None)
    assert "1 mail is queued again." in moderator.get(answer.headers["location"]).text
    with serving(Post()) as post:
        use_smtp(monkeypatch, plain(post))
        assert (deliver_due(site.database), len(post.raw)) == (1, 1)


def test_sending_all_again_means_exactly_those_on_the_page(site: Site) -> None:
    die(site, LETTERS + 3)
    moderator = staff(site)
    seen = moderator.get(MAIL)
    newest = die(site)[0]
    answer = moderator.submit(seen)
    assert answer.headers["location"] == f"{MAIL}?again={LETTERS}"
    dead = [mail for mail in mails(site) if mail.state is MailState.DEAD]
    assert (len(dead), newest.id in {mail.id for mail in dead}) == (4, True)
    assert "Send the 4 mails of this page again" in page(moderator).text


def test_those_on_the_page_that_cannot_be_sent_any_more_stay_as_they_are(site: Site) -> None:
    (third,) = die(site)
    die(site, columns={"expires_at": utcnow() - timedelta(hours=1)})
    die(site, columns={"payload": None})
    moderator = staff(site)
    main = page(moderator)
    assert [cell.all("td")[-1].text for cell in main.one("tbody").all("tr")].count("Send again") == 1
    assert ("The link in this mail has run out." in main.text, "The content of this mail was erased." in main.text) == (True, True)
    shown = ",".join(str(mail.id) for mail in mails(site))
    assert moderator.post(f"{MAIL}/retry", {"ids": shown}).headers["location"] == f"{MAIL}?again=1"
    assert [mail.id for mail in mails(site) if mail.state is MailState.QUEUED] == [third.id]


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"expires_at": utcnow() - timedelta(seconds=1)}, 409, "The link in this mail has run out."),
        ({"payload": None}, 409, "The content of this mail was erased."),
        ({"state": MailState.QUEUED}, 409, "This mail is no dead letter any more."),
        ({"state": MailState.SENT, "payload": None}, 409, "This mail is no dead letter any more."),
    ],
)
def test_what_cannot_be_sent_again_is_refused_with_a_sentence(site: Site, change: dict[str, object], status: int, sentence: str) -> None:
    (mail,) = die(site, columns=change)
    before = mails(site)[0].model_dump()
    answer = staff(site).post(f"{MAIL}/{mail.id}/retry")
    assert (answer.status_code, sentence in answer.text) == (status, True)
    assert mails(site)[0].model_dump() == before


@pytest.mark.parametrize("ids", ["", "nonsense", "00000000-0000-4000-8000-000000000000", ",".join(str(uuid4()) for _ in range(LETTERS + 1))])
def test_a_request_for_nothing_that_is_there_is_refused(site_on_sqlite: Site, ids: str) -> None:
    die(site_on_sqlite)
    moderator = staff(site_on_sqlite)
    answer = moderator.post(f"{MAIL}/retry", {"ids": ids})
    assert (answer.status_code, "None of these mails can be sent again." in answer.text) == (409, True)
    assert moderator.post(f"{MAIL}/{uuid4()}/retry").status_code == 404
    assert states(site_on_sqlite) == [MailState.DEAD]


def test_who_may_not_decide_sees_the_page_without_buttons(site_on_sqlite: Site) -> None:
    (mail,) = die(site_on_sqlite)
    viewer = staff(site_on_sqlite, Role.VIEWER)
    assert page(viewer).all("form") == []
    assert "can be sent again" in page(viewer).text
    assert {viewer.post(path, {"ids": str(mail.id)}).status_code for path in (f"{MAIL}/retry", f"{MAIL}/{mail.id}/retry")} == {403}
    assert states(site_on_sqlite) == [MailState.DEAD]


def test_the_newest_come_first_and_older_ones_on_the_next_page(site: Site) -> None:
    rows = die(site, LETTERS + 2)
    moderator = staff(site)
    first, second = moderator.get(MAIL), moderator.get(f"{MAIL}?page=2")
    shown = [form.action.split("/")[3] for form in forms(first) + forms(second) if form.action.endswith("/retry") and form.action.count("/") == 4]
    assert shown == [str(mail.id) for mail in reversed(rows)]
    assert (f'href="{MAIL}?page=2"' in first.text, f'href="{MAIL}?page=1"' in second.text) == (True, True)


def test_the_health_counts_what_waits_was_put_off_and_left(site: Site) -> None:
    die(site)
    sign_many(site, (cast.individual(email=f"waits{n}@post-office.org") for n in range(4)))
    waiting = [mail for mail in mails(site) if mail.state is MailState.QUEUED]
    with site.database.transaction() as session:
        session.merge(waiting[0]).sent(utcnow() - timedelta(hours=25), keep=False)
        session.merge(waiting[1]).sent(utcnow() - timedelta(hours=23), keep=False)
        session.merge(waiting[2]).failed(utcnow(), "delayed 450", utcnow() + timedelta(minutes=5))
        session.merge(waiting[3]).created_at = waiting[3].created_at.replace(year=2026, month=3, day=14, hour=15, minute=9)
    main = page(staff(site))
    assert [fact(main, name) for name in ("Waiting to be sent", "Sent in the last 24 hours", "Undelivered mail")] == ["21 of them was put off", "1", "1"]
    assert fact(main, "The oldest waits since") == "14 March 2026, 15:09 UTC"
    assert main.one("ul", class_="past").text == "1 · the mail server asked to wait delayed 450"


def test_the_page_says_how_the_mail_server_does(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    moderator = staff(site)
    assert fact(page(moderator), "The mail server") == "There is none: this is a try-out."
    url = plain(Post(port=free_port()))
    use_smtp(monkeypatch, url)
    here = site.database.embedded
    elsewhere = "Another process sends the mail (undersigned worker); whether it pauses is not known here."
    assert fact(page(moderator), "The mail server") == ("No pause: mail leaves as it comes." if here else elsewhere)
    breaker(url).failed("unreachable TimeoutError")
    assert fact(page(moderator), "The mail server") == ("It failed a moment ago. unreachable TimeoutError" if here else elsewhere)
    for _ in range(2):
        breaker(url).failed("unreachable ConnectionRefusedError")
    said = fact(page(moderator), "The mail server")
    assert said == elsewhere if not here else said.startswith("Pause It failed 3 times in a row. The next try:") and said.endswith("ConnectionRefusedError")
    breaker(url).served()


def test_an_unknown_mail_and_an_unknown_failure_go_by_their_own_names(site_on_sqlite: Site) -> None:
    die(site_on_sqlite, failure="strange thing", columns={"name": "newsletter"})
    die(site_on_sqlite, failure="x", columns={"statement_id": None})
    text = page(staff(site_on_sqlite)).text
    assert [word for word in ("newsletter", "strange thing", "–") if word not in text] == []


def test_every_mail_has_a_name() -> None:
    known = labels(language("en"))["mail_names"]
    assert [folder.name for folder in (ROOT / "templates" / "emails").iterdir() if folder.is_dir() and folder.name not in known] == []

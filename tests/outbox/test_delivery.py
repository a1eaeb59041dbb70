"""Mail arrives: over STARTTLS with AUTH, in the signer's language, once."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlmodel import select

from app.outbox.models import Mail, MailState
from app.outbox.worker import deliver_due
from app.settings import Settings
from app.statements.models import Text
from tests import cast
from tests.outbox.smtp import PASSWORD, USER, Papers, Post, papers, plain, secured, serving
from tests.signatures.hands import SIGN, mails, sign_many, use_smtp
from tests.site import Site

EMAIL = "mikola@post-office.org"


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def post(certified: Papers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """A server with STARTTLS and AUTH whose authority is trusted; the site sends through it."""
    with serving(Post(), certified.context) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(certified.authority))
        use_smtp(monkeypatch, secured(running))
        yield running


def test_a_mail_arrives_over_tls_after_a_login(site: Site, post: Post) -> None:
    site.publish()
    site.browser.post(SIGN, cast.individual())
    assert deliver_due(site.database) == 1
    assert (post.to(), post.logins) == ([EMAIL], [(USER, PASSWORD)])
    (row,) = mails(site)
    assert (row.state, row.payload, row.leased_until, row.failure) == (MailState.SENT, None, None, None)
    assert row.finished_at


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [("en", "Please confirm your e-mail address", "Good day,"), ("be", None, "Добры дзень"), ("ru", None, "Здравствуйте|Добрый день")],
)
def test_a_mail_has_text_and_html_in_the_signers_language(site_on_sqlite: Site, post: Post, language: str, subject: str | None, words: str) -> None:
    site_on_sqlite.publish()
    site_on_sqlite.browser.post(f"/{language}{SIGN}", cast.individual())
    deliver_due(site_on_sqlite.database)
    (message,) = post.messages
    assert message.get_content_type() == "multipart/alternative"
    parts = [message.get_body((kind,)) for kind in ("plain", "html")]
    texts = [part.get_content() for part in parts if part]
    assert (message["Content-Language"], len(texts)) == (language, 2)
    assert [text for text in texts if not re.search(words, text)] == []
    assert [text for text in texts if not re.search(rf"http://localhost:8000/{language}/confirm/[\w-]{{43}}", text)] == []
    assert [text for text in texts if not re.search(r"\b\d{3}\s\d{3}\b", text)] == []
    assert subject in {None, message["Subject"]}
    assert f'lang="{language}"' in texts[1]


def test_a_mail_says_that_a_machine_wrote_it_and_nothing_about_the_statement_outside_its_body(site_on_sqlite: Site, post: Post) -> None:
    site_on_sqlite.publish()
    site_on_sqlite.browser.post(SIGN, cast.organisation())
    deliver_due(site_on_sqlite.database)
    (message,) = post.messages
    (row,) = mails(site_on_sqlite)
    assert (message["Auto-Submitted"], message["Message-ID"]) == ("auto-generated", f"<{row.id}@localhost>")
    headers = "\n".join(f"{name}: {value}" for name, value in message.items())
    with site_on_sqlite.database.reading() as session:
        title = session.exec(select(Text)).one().title
    typed = cast.organisation()
    secrets = (title, cast.SLUG, typed["name"], typed["organisation"], typed["role"], typed["mandate"])
    assert [secret for secret in secrets if secret in headers] == []
    assert {name.lower() for name in message} & {"received", "x-mailer", "user-agent", "x-originating-ip", "bcc", "cc"} == set()


def test_a_mail_keeps_to_the_lines_of_smtp(site_on_sqlite: Site, post: Post) -> None:
    site_on_sqlite.publish()
    site_on_sqlite.browser.post(f"/ru{SIGN}", cast.individual())
    deliver_due(site_on_sqlite.database)
    (raw,) = post.raw
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert raw.isascii()


def test_many_mails_go_over_one_connection(site_on_sqlite: Site, post: Post) -> None:
    site_on_sqlite.publish()
    sign_many(site_on_sqlite, (cast.individual(email=f"person{n}@post-office.org") for n in range(15)))
    assert deliver_due(site_on_sqlite.database) == 15
    assert (len(post.raw), len(post.logins), len(set(post.ids()))) == (15, 1, 15)


def test_two_workers_at_once_send_each_mail_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    sign_many(site, (cast.individual(email=f"person{n}@post-office.org") for n in range(80)))
    with serving(Post()) as post:
        use_smtp(monkeypatch, plain(post))
        failures: list[BaseException] = []

        def work() -> None:
            try:
                while deliver_due(site.database):
                    pass
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while deliver_due(site.database):
            pass
        arrived = Counter(post.to())
    assert (failures, len(arrived), set(arrived.values())) == ([], 80, {1})
    assert {(mail.state, mail.payload) for mail in mails(site)} == {(MailState.SENT, None)}


def test_without_a_server_the_development_mailbox_keeps_what_would_be_sent(site: Site) -> None:
    site.publish()
    site.browser.post(SIGN, cast.individual())
    site.work()
    (row,) = mails(site)
    assert row.state is MailState.SENT
    page = site.browser.get("/dev/mailbox")
    assert EMAIL in page.text
    assert site.browser.get(f"/dev/mailbox/{row.id}").status_code == 200


def test_what_left_through_a_server_is_in_no_mailbox(site_on_sqlite: Site, post: Post) -> None:
    site_on_sqlite.publish()
    site_on_sqlite.browser.post(SIGN, cast.individual())
    site_on_sqlite.work()
    (row,) = mails(site_on_sqlite)
    assert EMAIL not in site_on_sqlite.browser.get("/dev/mailbox").text
    assert site_on_sqlite.browser.get(f"/dev/mailbox/{row.id}").status_code == 404


def test_recipient_and_content_wait_sealed(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    sign_many(site_on_sqlite, [cast.individual()])
    (row,) = mails(site_on_sqlite)
    assert row.payload
    assert EMAIL.encode() not in row.payload
    assert EMAIL not in str(row.model_dump(exclude={"payload"}))


@pytest.mark.parametrize("host", ["mail.site.example", "192.0.2.1", "localhost.site.example", "127.0.0.1.site.example", "0.0.0.0"])
def test_mail_without_tls_is_refused_for_a_host_elsewhere(host: str) -> None:
    with pytest.raises(ValidationError, match="tls=off is for a server on this machine only"):
        Settings(env="development", smtp_url=f"smtp://{host}:25?tls=off")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_mail_without_tls_is_accepted_for_this_machine(host: str) -> None:
    assert Settings(env="development", smtp_url=f"smtp://{host}:25?tls=off").smtp_url.get_secret_value()


def test_the_password_of_the_mail_server_is_in_no_print_of_the_settings(tmp_path: Path) -> None:
    found = Settings(
        env="development", data_dir=tmp_path, smtp_url="smtp://user:very-secret@mail.site.example:587", database_url="postgresql://u:very-secret@h/d"
    )
    assert "very-secret" not in repr(found) + str(found)


def test_a_row_of_the_outbox_is_written_with_its_cause_or_not_at_all(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("app.signatures.signing.enqueue_all", broken)
    assert site.browser.post(SIGN, cast.individual()).status_code == 500
    with site.database.reading() as session:
        assert session.exec(select(Mail)).all() == []
    assert site.rows() == []

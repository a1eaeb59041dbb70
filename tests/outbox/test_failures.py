"""A mail server that fails: nothing is lost, nothing that was refused is tried again, repeats are recognisable."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select
from structlog.testing import capture_logs

from app.clock import utcnow
from app.outbox import worker
from app.outbox.actions import drop_waiting, enqueue
from app.outbox.models import Mail, MailState
from app.outbox.worker import BACK_OFF, LEASE, deliver_due
from tests import cast
from tests.outbox.smtp import Papers, Post, free_port, papers, plain, secured, serving
from tests.signatures.hands import mails, move_clock, sign_many, use_smtp
from tests.site import Site

SECOND = timedelta(seconds=1)


def queue(site: Site, number: int = 1) -> None:
    site.publish()
    sign_many(site, (cast.individual(email=f"person{n}@post-office.org") for n in range(number)))


def waits(mail: Mail, before: datetime, nth: int = 0) -> bool:
    """Whether a mail waits as long as the back-off says, a fifth more or less."""
    after, rest = mail.due_at - before, timedelta(seconds=5)
    return BACK_OFF[nth] * 0.8 <= after <= BACK_OFF[nth] * 1.2 + rest


def run(site: Site, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    use_smtp(monkeypatch, plain(post))
    deliver_due(site.database)


@pytest.mark.parametrize(("command", "answer"), [("RCPT", "450 try later"), ("RCPT", "452 full"), ("DATA", "451 try later"), ("MAIL", "451 try later")])
def test_a_delayed_mail_is_tried_again_later(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, command: str, answer: str) -> None:
    queue(site_on_sqlite)
    before = datetime.now(UTC)
    with serving(Post(answers={command: [answer]})) as post:
        run(site_on_sqlite, post, monkeypatch)
        (row,) = mails(site_on_sqlite)
        assert (post.raw, row.state, row.attempts, row.leased_until) == ([], MailState.QUEUED, 1, None)
        assert waits(row, before)
        deliver_due(site_on_sqlite.database)
        assert post.raw == []
        move_clock(monkeypatch, timedelta(minutes=2))
        deliver_due(site_on_sqlite.database)
        assert (len(post.raw), mails(site_on_sqlite)[0].state) == (1, MailState.SENT)


@pytest.mark.parametrize(("command", "answer"), [("RCPT", "550 <ADDRESS> unknown here"), ("RCPT", "553 no"), ("DATA", "554 not wanted")])
def test_a_refused_mail_is_a_dead_letter_that_is_kept_and_not_tried_again(site: Site, monkeypatch: pytest.MonkeyPatch, command: str, answer: str) -> None:
    queue(site)
    with serving(Post(answers={command: [answer]})) as post:
        run(site, post, monkeypatch)
        move_clock(monkeypatch, timedelta(days=2))
        deliver_due(site.database)
        (row,) = mails(site)
        assert (post.raw, row.state, row.failure, post.said.count(command)) == ([], MailState.DEAD, f"refused {answer[:3]}", 1)
    assert row.payload
    assert row.finished_at


def test_a_refused_mail_holds_up_no_other(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite, 4)
    with serving(Post(answers={"RCPT": ["550 no", "450 later"]})) as post:
        run(site_on_sqlite, post, monkeypatch)
        assert len(post.raw) == 2
    assert sorted(mail.state for mail in mails(site_on_sqlite)) == [MailState.DEAD, MailState.QUEUED, MailState.SENT, MailState.SENT]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_takes_its_leave_at_one_mail_costs_the_others_no_try(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    queue(site_on_sqlite, 3)
    with serving(Post(answers={command: ["421 closing"]})) as post:
        use_smtp(monkeypatch, plain(post))
        assert (deliver_due(site_on_sqlite.database), deliver_due(site_on_sqlite.database)) == (0, 2)
        assert len(post.raw) == 2
    assert sorted((mail.attempts, mail.failure or "") for mail in mails(site_on_sqlite)) == [(0, ""), (0, ""), (1, "interrupted 421")]


def test_a_server_that_is_not_there_loses_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site, 5)
    post = Post(port=free_port())
    run(site, post, monkeypatch)
    assert {(mail.state, mail.attempts, mail.leased_until) for mail in mails(site)} == {(MailState.QUEUED, 0, None)}
    assert {mail.due_at - mail.created_at for mail in mails(site)} == {timedelta()}
    with serving(post):
        assert deliver_due(site.database) == 5
        assert sorted(post.to()) == [f"person{n}@post-office.org" for n in range(5)]


def test_a_connection_dropped_after_the_text_is_tried_again_under_the_same_id(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site)
    with serving(Post(answers={"DATA": ["drop"]})) as post:
        run(site, post, monkeypatch)
        assert mails(site)[0].state is MailState.QUEUED
        move_clock(monkeypatch, timedelta(minutes=2))
        deliver_due(site.database)
        first, second = post.raw
    assert len(set(post.ids())) == 1
    assert first.split(b"\r\n\r\n", 1)[0].split(b"boundary=")[0] == second.split(b"\r\n\r\n", 1)[0].split(b"boundary=")[0]
    assert mails(site)[0].state is MailState.SENT


def test_a_mail_that_is_to_wait_eight_times_over_two_days_is_a_dead_letter(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite)
    with serving(Post(answers={"RCPT": ["450 later"] * 8})) as post:
        use_smtp(monkeypatch, plain(post))
        for nth in range(len(BACK_OFF)):
            deliver_due(site_on_sqlite.database)
            (row,) = mails(site_on_sqlite)
            assert (row.state, row.attempts) == (MailState.QUEUED, nth + 1)
            assert waits(row, utcnow(), nth)
            with site_on_sqlite.database.transaction() as session:
                kept = session.get_one(Mail, row.id)
                kept.due_at, kept.expires_at = utcnow(), None
        deliver_due(site_on_sqlite.database)
    (row,) = mails(site_on_sqlite)
    assert (row.state, row.attempts, row.failure) == (MailState.DEAD, 8, "delayed 450")
    assert row.payload


def test_retries_of_many_mails_are_spread(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite, 40)
    with serving(Post(answers={"RCPT": ["450 later"] * 40})) as post:
        use_smtp(monkeypatch, plain(post))
        while deliver_due(site_on_sqlite.database):
            pass
    after = [(mail.due_at - mail.created_at).total_seconds() for mail in mails(site_on_sqlite)]
    assert max(after) - min(after) > 5


def die(*_: object) -> bool:
    raise SystemExit


@pytest.mark.parametrize(("step", "copies"), [("_deliver", 1), ("_mark", 2)])
def test_a_worker_killed_on_the_way_leaves_its_mail_to_the_next_after_the_lease(site: Site, monkeypatch: pytest.MonkeyPatch, step: str, copies: int) -> None:
    queue(site)
    with serving(Post()) as post:
        use_smtp(monkeypatch, plain(post))
        with monkeypatch.context() as killing:
            killing.setattr(worker, step, die)
            with pytest.raises(SystemExit):
                deliver_due(site.database)
        move_clock(monkeypatch, LEASE - SECOND * 5)
        assert deliver_due(site.database) == 0
        move_clock(monkeypatch, LEASE + SECOND)
        assert deliver_due(site.database) == 1
        assert (len(post.raw), len(set(post.ids()))) == (copies, 1)
    assert mails(site)[0].state is MailState.SENT


def refused_by_tls(site: Site, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    use_smtp(monkeypatch, secured(post))
    deliver_due(site.database)
    (row,) = mails(site)
    assert (post.said, post.logins, row.state, row.attempts) == ([], [], MailState.QUEUED, 0)
    assert (row.failure or "").startswith("unreachable")


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Papers]:
    made = {name: tmp_path_factory.mktemp(name) for name in ("good", "host", "old")}
    return {"good": papers(made["good"]), "host": papers(made["host"], "elsewhere.example"), "old": papers(made["old"], days=-1)}


def test_a_server_certified_by_nobody_known_gets_no_mail_and_no_password(
    site_on_sqlite: Site, strange: dict[str, Papers], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(site_on_sqlite)
    monkeypatch.setenv("SSL_CERT_FILE", str(strange["host"].authority))
    with serving(Post(), strange["good"].context) as post:
        refused_by_tls(site_on_sqlite, post, monkeypatch)


@pytest.mark.parametrize("name", ["host", "old"])
def test_a_server_with_the_certificate_of_another_or_an_old_one_gets_none_either(
    site_on_sqlite: Site, strange: dict[str, Papers], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    queue(site_on_sqlite)
    monkeypatch.setenv("SSL_CERT_FILE", str(strange[name].authority))
    with serving(Post(), strange[name].context) as post:
        refused_by_tls(site_on_sqlite, post, monkeypatch)


def test_a_server_that_offers_no_tls_gets_none_either(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite)
    with serving(Post()) as post:
        refused_by_tls(site_on_sqlite, post, monkeypatch)


class Stripped(Post):
    """Says that it has STARTTLS and then has none, like a line with somebody in it."""

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> list[str]:
        session.host_name = hostname
        return ["250-mail.site.example", "250-STARTTLS", "250 HELP"]


def test_a_server_whose_tls_fails_when_it_is_asked_for_gets_none_either(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite)
    with serving(Stripped()) as post:
        refused_by_tls(site_on_sqlite, post, monkeypatch)
        assert mails(site_on_sqlite)[0].failure == "unreachable SMTPResponseException"


def test_a_wrong_password_is_tried_again_later_and_loses_nothing(site_on_sqlite: Site, strange: dict[str, Papers], monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite, 3)
    monkeypatch.setenv("SSL_CERT_FILE", str(strange["good"].authority))
    with serving(Post(), strange["good"].context) as post:
        use_smtp(monkeypatch, secured(post, "letters%40site.example:wrong@"))
        deliver_due(site_on_sqlite.database)
        assert {(mail.state, mail.attempts) for mail in mails(site_on_sqlite)} == {(MailState.QUEUED, 0)}
        assert "unreachable SMTPAuthenticationError" in [mail.failure for mail in mails(site_on_sqlite)]
        use_smtp(monkeypatch, secured(post))
        assert deliver_due(site_on_sqlite.database) == 3
        assert len(post.raw) == 3


def test_a_password_that_smtp_cannot_say_costs_no_mail_a_try(site_on_sqlite: Site, strange: dict[str, Papers], monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite)
    monkeypatch.setenv("SSL_CERT_FILE", str(strange["good"].authority))
    with serving(Post(), strange["good"].context) as post:
        use_smtp(monkeypatch, secured(post, "letters%40site.example:%D0%BF@"))
        deliver_due(site_on_sqlite.database)
    assert [(mail.failure, mail.attempts) for mail in mails(site_on_sqlite)] == [("unreachable UnicodeEncodeError", 0)]


def test_an_address_beyond_ascii_is_given_up_at_a_server_that_takes_none(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site_on_sqlite.database.transaction() as session:
        for to in ("скрыня@post-office.org", "box@post-office.org"):
            enqueue(session, "waiting", to, "en", utcnow(), {"count": "3"})
    with serving(Post()) as post:
        run(site_on_sqlite, post, monkeypatch)
        assert post.to() == ["box@post-office.org"]
    assert [(mail.state, mail.failure) for mail in mails(site_on_sqlite)] == [(MailState.DEAD, "refused SMTPUTF8"), (MailState.SENT, None)]


def test_a_slow_server_holds_no_mail_longer_than_its_lease(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite, 5)
    hours = iter(range(0, 600, 2))
    monkeypatch.setattr(worker, "monotonic", lambda: next(hours) * 60.0)
    with serving(Post()) as post:
        use_smtp(monkeypatch, plain(post))
        assert (deliver_due(site_on_sqlite.database), len(post.raw)) == (2, 2)
        assert {mail.leased_until for mail in mails(site_on_sqlite)} == {None}
        assert deliver_due(site_on_sqlite.database) == 2


def test_a_mail_that_another_worker_has_meanwhile_is_left_to_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site, 3)
    other = utcnow() + LEASE * 2
    sent: list[str] = []

    def taken_over(_connection: object, message: EmailMessage) -> None:
        sent.append(message["To"])
        with site.database.transaction() as session:
            for mail in session.exec(select(Mail).where(Mail.state == MailState.QUEUED)):
                mail.leased_until = other

    monkeypatch.setattr("app.outbox.worker._send", taken_over)
    deliver_due(site.database)
    left = [mail.leased_until for mail in mails(site) if mail.state is MailState.QUEUED]
    assert (len(sent), left) == (1, [other, other])


def test_a_dead_letter_about_a_signature_that_its_owner_disowns_is_erased_too(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite)
    with serving(Post(answers={"RCPT": ["550 no"]})) as post:
        run(site_on_sqlite, post, monkeypatch)
    (row,) = mails(site_on_sqlite)
    assert (row.state, row.about is not None) == (MailState.DEAD, True)
    with site_on_sqlite.database.transaction() as session:
        drop_waiting(session, row.about or row.id)
    assert mails(site_on_sqlite) == []


def test_what_a_server_says_about_an_address_is_written_nowhere(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    queue(site_on_sqlite, 2)
    with serving(Post(answers={"RCPT": ["550 <ADDRESS> unknown", "450 <ADDRESS> later"]})) as post, capture_logs() as said:
        run(site_on_sqlite, post, monkeypatch)
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert "post-office.org" not in str(said)
    assert b"post-office.org" not in files


def test_a_mail_that_cannot_be_opened_holds_up_no_other(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site, 3)
    with Session(site.database.engine) as session:
        broken = session.get_one(Mail, mails(site)[0].id)
        broken.payload = (broken.payload or b"")[:-1] + b"\0"
        session.add(broken)
        session.commit()
    with serving(Post()) as post, capture_logs() as said:
        run(site, post, monkeypatch)
        assert len(post.raw) == 2
    assert [line["event"] for line in said] == ["mail cannot be composed"]
    assert sum(mail.state is MailState.QUEUED for mail in mails(site)) == 1


def test_a_mail_that_is_taken_back_while_it_is_on_its_way_holds_up_no_other(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    slug = site.publish()
    for number in range(2):
        site.new_browser().post(f"/statements/{slug}/sign", cast.individual(email=f"person{number}@post-office.org"))
    sent: list[str] = []

    def taken_back(_connection: object, message: EmailMessage) -> None:
        sent.append(message["To"])
        with site.database.transaction() as session:
            session.delete(session.exec(select(Mail).where(Mail.state == MailState.QUEUED).order_by(col(Mail.due_at)).limit(1)).one())

    monkeypatch.setattr("app.outbox.worker._send", taken_back)
    deliver_due(site.database)
    assert len(sent) == 2

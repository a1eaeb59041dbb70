"""A mail server that does not serve is left in peace for a while, and no mail pays for it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from app.clock import utcnow
from app.outbox.breaker import Breaker, breaker
from app.outbox.models import Mail, MailState
from app.outbox.worker import BACK_OFF, deliver_due
from tests import cast
from tests.outbox.smtp import Post, free_port, plain, serving
from tests.signatures.hands import mails, move_clock, sign_many, use_smtp
from tests.site import Site

DROPPED = "interrupted SMTPServerDisconnected"


def queue(site: Site, number: int) -> None:
    site.publish()
    sign_many(site, (cast.individual(email=f"person{n}@post-office.org") for n in range(number)))
    with site.database.transaction() as session:
        for mail in mails(site):
            session.merge(mail).expires_at = None


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """The breaker's clock goes on; moments of the day stay."""
    monkeypatch.setattr("app.outbox.breaker.monotonic", lambda: time.monotonic() + seconds)


@contextmanager
def rude(says: bytes = b"") -> Iterator[tuple[int, list[int]]]:
    """The port of a server that says one thing and hangs up, and its visitors."""
    visitors: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.05)
        closing = threading.Event()

        def serve() -> None:
            while not closing.is_set():
                try:
                    caller, _ = door.accept()
                except TimeoutError:
                    continue
                visitors.append(1)
                caller.sendall(says)
                caller.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield door.getsockname()[1], visitors
        closing.set()
        thread.join()


def knock(site: Site, times: int) -> None:
    for _ in range(times):
        assert deliver_due(site.database) == 0


def untouched(site: Site, before: list[Mail]) -> bool:
    """Whether every mail waits as it did, but for what was noted of the last failure."""
    now = [mail.model_dump(exclude={"failure"}) for mail in mails(site)]
    return now == [mail.model_dump(exclude={"failure"}) for mail in before]


@pytest.mark.parametrize("says", [b"", b"554 5.7.1 go away\r\n", b"421 not now\r\n", b"nonsense\r\n"])
def test_after_three_failures_in_a_row_it_stops_knocking_and_no_mail_pays_for_it(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, says: bytes) -> None:
    queue(site_on_sqlite, 25)
    before = mails(site_on_sqlite)
    with rude(says) as (port, visitors):
        use_smtp(monkeypatch, f"smtp://127.0.0.1:{port}?tls=off")
        knock(site_on_sqlite, 10)
        assert len(visitors) == 3
    assert untouched(site_on_sqlite, before)
    assert {mail.failure.split()[0] for mail in mails(site_on_sqlite) if mail.failure} == {"unreachable"}


def test_the_pauses_double_from_half_a_minute_to_ten_and_are_not_all_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.outbox.breaker.monotonic", lambda: 1000.0)
    found = []
    for _ in range(2):
        server, pauses = Breaker(), []
        for _ in range(40):
            server.failed("unreachable TimeoutError")
            pauses.append(server.pause.total_seconds())
        found.append(pauses)
    assert found[0][:2] == [0, 0]
    assert found[0] != found[1]
    wanted = [30, 60, 120, 240, 480, 600, 600]
    assert [round(pause) for pause, want in zip(found[0][2:], wanted, strict=False) if not want * 0.8 <= pause <= want * 1.2] == []
    assert max(found[0]) <= 720


def test_after_the_pause_it_knocks_once_and_the_first_success_ends_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site, 30)
    post = Post(port=free_port())
    use_smtp(monkeypatch, plain(post))
    knock(site, 4)
    later(monkeypatch, 37)
    knock(site, 2)
    assert breaker(plain(post)).failures == 4
    with serving(post):
        knock(site, 2)
        later(monkeypatch, 37 + 73)
        assert (deliver_due(site.database), deliver_due(site.database)) == (20, 10)
    assert (len(post.raw), breaker(plain(post))) == (30, Breaker())


@pytest.mark.parametrize("answer", ["450 later", "550 no"])
def test_a_server_that_refuses_a_mail_serves(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    queue(site_on_sqlite, 6)
    with serving(Post(answers={"RCPT": [answer] * 6})) as post:
        use_smtp(monkeypatch, plain(post))
        assert deliver_due(site_on_sqlite.database) == 6
        assert not breaker(plain(post)).pause


def test_two_days_without_a_server_cost_no_mail_a_try(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite, 3)
    before = mails(site_on_sqlite)
    post = Post(port=free_port())
    use_smtp(monkeypatch, plain(post))
    for minutes in range(0, 49 * 60, 15):
        later(monkeypatch, minutes * 60)
        move_clock(monkeypatch, timedelta(minutes=minutes))
        deliver_due(site_on_sqlite.database)
    assert untouched(site_on_sqlite, before)
    assert breaker(plain(post)).failures == 49 * 4


def test_mail_whose_link_runs_out_meanwhile_ends_and_keeps_no_address(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site, 45)
    with site.database.transaction() as session:
        for mail in mails(site)[:42]:
            session.merge(mail).expires_at = utcnow() + timedelta(hours=72)
    use_smtp(monkeypatch, plain(Post(port=free_port())))
    for hours, ended in ((71, 0), (73, 42)):
        later(monkeypatch, hours * 3600)
        move_clock(monkeypatch, timedelta(hours=hours))
        for _ in range(6):
            deliver_due(site.database)
        assert [(mail.failure, mail.payload) for mail in mails(site) if mail.state is MailState.DEAD] == [("expired", None)] * ended


@pytest.mark.parametrize(
    ("command", "answer", "code"),
    [("MAIL", "550 5.7.1 who are you", "interrupted 550"), ("MAIL", "451 later", "interrupted 451"), ("RCPT", "421 too many", "interrupted 421")],
)
def test_a_server_that_breaks_off_at_every_mail_for_days_kills_none(
    site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, command: str, answer: str, code: str
) -> None:
    queue(site_on_sqlite, 2)
    with serving(Post(answers={command: [answer] * 500})) as post:
        use_smtp(monkeypatch, plain(post))
        for hours in range(0, 100, 2):
            later(monkeypatch, hours * 3600)
            move_clock(monkeypatch, timedelta(hours=hours))
            deliver_due(site_on_sqlite.database)
        found = mails(site_on_sqlite)
        assert {(mail.state, mail.failure) for mail in found} == {(MailState.QUEUED, code)}
        assert sorted(mail.attempts for mail in found) == [0, 1]  # the first failure may have been that mail's own


def test_a_mail_at_which_the_server_breaks_off_lets_the_others_go_first(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite, 3)
    with serving(Post(answers={"RCPT": ["421 no"] * 2})) as post:
        use_smtp(monkeypatch, plain(post))
        knock(site_on_sqlite, 2)
        assert deliver_due(site_on_sqlite.database) == 1
        assert len(post.raw) == 1
    assert [mail.due_at > mail.created_at for mail in mails(site_on_sqlite) if mail.state is MailState.QUEUED] == [True, True]


def test_a_mail_that_the_server_breaks_at_while_it_serves_others_is_given_up_in_the_end(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite, 1)
    with serving(Post(answers={"RCPT": ["421 no"] * 8})) as post:
        use_smtp(monkeypatch, plain(post))
        for day in range(len(BACK_OFF) + 1):
            move_clock(monkeypatch, timedelta(days=2 * day))
            deliver_due(site_on_sqlite.database)
            breaker(plain(post)).served()
    (row,) = mails(site_on_sqlite)
    assert (row.state, row.attempts, row.failure) == (MailState.DEAD, 8, "interrupted 421")


def test_a_text_that_was_never_answered_is_copied_eight_times_at_most(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite, 1)
    with serving(Post(answers={"DATA": ["drop"] * 20})) as post:
        use_smtp(monkeypatch, plain(post))
        for day in range(20):
            later(monkeypatch, day * 3600)
            move_clock(monkeypatch, timedelta(days=2 * day))
            deliver_due(site_on_sqlite.database)
        assert (len(post.raw), len(set(post.ids()))) == (8, 1)
    assert (mails(site_on_sqlite)[0].state, mails(site_on_sqlite)[0].failure) == (MailState.DEAD, "unanswered SMTPServerDisconnected")


def test_a_pause_is_told_to_the_log_without_an_address(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite, 2)
    use_smtp(monkeypatch, plain(Post(port=free_port())))
    with capture_logs() as said:
        knock(site_on_sqlite, 5)
    (line,) = said
    assert (line["event"], line["failure"], line["times"]) == ("mail server fails", "unreachable ConnectionRefusedError", 3)
    assert set(line) == {"event", "failure", "times", "pause_seconds", "log_level"}


def test_another_server_has_a_breaker_of_its_own(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(site_on_sqlite, 2)
    use_smtp(monkeypatch, plain(Post(port=free_port())))
    knock(site_on_sqlite, 5)
    with serving(Post()) as post:
        use_smtp(monkeypatch, plain(post))
        assert deliver_due(site_on_sqlite.database) == 2


@pytest.mark.parametrize(
    ("break_it", "kept"),
    [(lambda mail: setattr(mail, "payload", b"\0" * 40), "broken InvalidTag"), (lambda mail: setattr(mail, "name", "nothing"), "broken TemplateNotFound")],
)
def test_a_mail_that_cannot_be_composed_says_nothing_about_the_server(
    site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch, break_it: Callable[[Mail], None], kept: str
) -> None:
    queue(site_on_sqlite, 1)
    with site_on_sqlite.database.transaction() as session:
        break_it(session.merge(mails(site_on_sqlite)[0]))
    server = breaker("smtp://127.0.0.1:9?tls=off")
    server.failed("unreachable TimeoutError")
    use_smtp(monkeypatch, "smtp://127.0.0.1:9?tls=off")
    with capture_logs():
        assert deliver_due(site_on_sqlite.database) == 1
    assert (mails(site_on_sqlite)[0].failure, mails(site_on_sqlite)[0].attempts, server.failures) == (kept, 1, 1)

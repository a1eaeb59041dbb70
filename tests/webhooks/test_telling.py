"""Addresses are told what happened to a list: at once, signed, again until it arrives, and never a name."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from app.accounts.models import Role
from app.clock import utcnow
from app.keys.rotation import rotate
from app.secretariat.shredding import shred
from app.signatures import listing
from app.signatures.models import Signature
from app.signatures.tallies import Tally
from app.statements.actions import close, unpublish
from app.statements.queries import get
from app.webhooks import actions, sending
from app.webhooks.models import Delivery, DeliveryState, Endpoint, Event, Standing
from app.webhooks.sending import BACK_OFF, send_due, sweep_log
from app.webhooks.signing import headers
from app.webhooks.telling import milestone, tell_due
from tests import cast
from tests.feeds.lists import AUTOMATIC
from tests.signatures.hands import sign_many, staff
from tests.site import Site
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Somebody on this machine to whom all messages go."""
    with receiving(tmp_path / "receiver") as one:
        monkeypatch.setattr(sending, "post", partial(sending.post, guard=one.guard, trusted=one.trusted))
        yield one


def hooked(site: Site, url: str, events: list[Event] | None = None) -> str:
    """The secret of a new webhook of the cast's statement, which is published."""
    site.publish(cast.statement(AUTOMATIC))
    with site.database.transaction() as session:
        return actions.add(session, get(session, cast.SLUG), url, events or list(Event), utcnow())[1]


def told(site: Site, receiver: Receiver) -> list[dict[str, Any]]:
    """What arrived since the last look, once both jobs have run."""
    before = len(receiver.came)
    tell_due(site.database)
    while send_due(site.database) + send_due(site.database, failing=True):
        pass
    return [json.loads(body) for _, body in receiver.came[before:]]


def only(site: Site, kind: type[Any]) -> Any:
    with site.database.reading() as session:
        return session.exec(select(kind)).one()


def test_each_thing_that_happens_is_told_once_and_without_a_name(site: Site, receiver: Receiver) -> None:
    hooked(site, receiver.url)
    assert told(site, receiver) == []
    site.signed()
    site.work()
    (published,) = told(site, receiver)
    assert (published["type"], published["data"]["counts"]) == ("signatures.published", {"organisations": 1, "individuals": 0, "withheld": 0})
    assert published["data"]["statement"].endswith(f"/statements/{cast.SLUG}")
    assert published["data"]["list_revision"] == site.browser.get(f"/statements/{cast.SLUG}/signatories.json").json()["list_revision"]
    assert datetime.fromisoformat(published["timestamp"]).tzinfo == UTC
    assert told(site, receiver) == []
    with site.database.transaction() as session:
        listing.withdraw(session, session.exec(select(Signature)).one(), utcnow())
    assert [one["type"] for one in told(site, receiver)] == ["signatures.withdrawn"]
    with site.database.transaction() as session:
        close(session, cast.SLUG, utcnow(), utcnow())
    assert [one["type"] for one in told(site, receiver)] == ["statement.closed"]
    assert told(site, receiver) == []
    said = b"".join(body for _, body in receiver.came)
    assert [word for word in ("Tamar", "Magalithidze", "Fictional", "rivers") if word.encode() in said] == []


def test_what_signers_typed_is_in_no_message(site_on_sqlite: Site, receiver: Receiver) -> None:
    hooked(site_on_sqlite, receiver.url)
    sign_many(site_on_sqlite, [cast.individual(name=f"Vera Erstmals {n}", email=f"v{n}@post-office.org") for n in range(3)])
    with site_on_sqlite.database.reading() as session:
        assert session.exec(select(Delivery)).all() == []
    assert told(site_on_sqlite, receiver) == []


def test_an_address_is_told_only_what_it_wants_to_know(site_on_sqlite: Site, receiver: Receiver) -> None:
    hooked(site_on_sqlite, receiver.url, [Event.CLOSED])
    site_on_sqlite.signed()
    site_on_sqlite.work()
    assert told(site_on_sqlite, receiver) == []


@pytest.mark.parametrize(
    ("before", "now", "goal", "reached"),
    [(0, 99, None, None), (99, 100, None, 100), (100, 100, None, None), (90, 5200, None, 5000), (0, 30, 25, 25), (480, 505, 501, 501), (500, 99, None, None)],
)
def test_milestones(before: int, now: int, goal: int | None, reached: int | None) -> None:
    assert milestone(before, now, goal) == reached


def test_a_reached_goal_is_told(site_on_sqlite: Site, receiver: Receiver) -> None:
    site_on_sqlite.publish(cast.statement(AUTOMATIC, goal="1"))
    with site_on_sqlite.database.transaction() as session:
        actions.add(session, get(session, cast.SLUG), receiver.url, [Event.MILESTONE], utcnow())
    site_on_sqlite.signed()
    site_on_sqlite.work()
    (found,) = told(site_on_sqlite, receiver)
    assert (found["type"], found["data"]["milestone"]) == ("statement.milestone", 1)


def valid(secret: str, one: tuple[dict[str, str], bytes]) -> bool:
    """Whether a message bears a signature by a secret: computed anew from the specification."""
    sent, body = one
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + body, hashlib.sha256).digest()).decode()
    return f"v1,{expected}" in sent["webhook-signature"].split()


def test_the_example_of_the_specification() -> None:
    secret, body = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), b'{"test": 2432232314}'
    found = headers([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_messages_are_signed_and_for_a_day_by_the_old_secret_too(site: Site, receiver: Receiver) -> None:
    old = hooked(site, receiver.url)
    with site.database.transaction() as session:
        new = actions.rotate(session, session.exec(select(Endpoint)).one(), utcnow())
    rotate(site.database, only(site, Endpoint).statement_id, utcnow(), lambda *_: None)
    site.signed()
    site.work()
    told(site, receiver)
    assert (valid(old, receiver.came[-1]), valid(new, receiver.came[-1]), valid("whsec_AAAA", receiver.came[-1])) == (True, True, False)
    with site.database.transaction() as session:
        session.exec(select(Endpoint)).one().old_until = utcnow() - timedelta(seconds=1)
    site.signed(email="second@post-office.org", organisation="Second Invented House", website="")
    site.work()
    told(site, receiver)
    assert (valid(old, receiver.came[-1]), valid(new, receiver.came[-1])) == (False, True)


def test_who_does_not_take_it_gets_it_again_with_the_same_id_until_it_is_given_up(site: Site, receiver: Receiver) -> None:
    hooked(site, receiver.url)
    site.signed()
    site.work()
    receiver.answers += [(500, {}), (302, {"Location": "/"}), *[(503, {})] * 20]
    told(site, receiver)
    for step in BACK_OFF:
        due = only(site, Delivery).due_at - utcnow()
        assert step * 0.95 <= due <= step * 1.25
        _make_due(site)
        told(site, receiver)
    found = only(site, Delivery)
    assert (found.state, found.attempts, found.outcome) == (DeliveryState.FAILED, len(BACK_OFF) + 1, "503")
    assert len({sent["webhook-id"] for sent, _ in receiver.came}) == 1
    assert len({body for _, body in receiver.came}) == 1


def _make_due(site: Site, host: str = "") -> None:
    with site.database.transaction() as session:
        waits = select(Delivery).join(Endpoint).where(Delivery.state == DeliveryState.QUEUED, col(Endpoint.url).contains(host))
        session.exec(waits).one().due_at = utcnow() - timedelta(seconds=1)


def test_a_sender_that_died_before_it_noted_the_answer_sends_again_under_the_same_id(site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    hooked(site, receiver.url)
    site.signed()
    site.work()
    tell_due(site.database)
    with monkeypatch.context() as dead:
        dead.setattr(sending, "_settle", _dies)
        with pytest.raises(MemoryError):
            send_due(site.database)
    assert send_due(site.database) == 0  # until the lease is over
    with site.database.transaction() as session:
        session.exec(select(Delivery)).one().leased_until = utcnow() - timedelta(seconds=1)
    assert send_due(site.database) == 1
    assert len(receiver.came) == 2
    assert len({sent["webhook-id"] for sent, _ in receiver.came}) == 1


def _dies(*_: object) -> None:
    raise MemoryError


@pytest.mark.parametrize(("answer", "since", "standing"), [(410, None, Standing.ENDED), (500, 6, Standing.ENDED), (500, 4, Standing.ACTIVE)])
def test_who_is_gone_or_fails_for_five_days_is_told_nothing_more(
    site_on_sqlite: Site, receiver: Receiver, answer: int, since: int | None, standing: Standing
) -> None:
    hooked(site_on_sqlite, receiver.url)
    with site_on_sqlite.database.transaction() as session:
        session.exec(select(Endpoint)).one().failing_since = utcnow() - timedelta(days=since) if since else None
    site_on_sqlite.signed()
    site_on_sqlite.work()
    receiver.answers += [(answer, {})]
    told(site_on_sqlite, receiver)
    assert only(site_on_sqlite, Endpoint).standing is standing


def test_one_slow_address_holds_up_no_other(site_on_sqlite: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a message gets the next one after it; and who fails is sent it in a turn of its own."""
    came = list[str]()

    def answered(url: str, *_: object) -> str:
        came.append(url)
        return "slow" if "slow" in url else "204"

    monkeypatch.setattr(sending, "post", answered)
    hooked(site_on_sqlite, "https://slow.example.org/")
    with site_on_sqlite.database.transaction() as session:
        actions.add(session, get(session, cast.SLUG), "https://quick.example.org/", list(Event), utcnow())
    for turn in range(3):
        site_on_sqlite.signed(email=f"n{turn}@post-office.org", organisation=f"Invented House {turn}", website="")
        site_on_sqlite.work()
        tell_due(site_on_sqlite.database)
        while send_due(site_on_sqlite.database):
            pass
    assert (came.count("https://quick.example.org/"), came.count("https://slow.example.org/")) == (3, 1)
    _make_due(site_on_sqlite, "slow")
    assert (send_due(site_on_sqlite.database), send_due(site_on_sqlite.database, failing=True)) == (0, 1)


def test_one_whose_secret_cannot_be_opened_holds_up_no_other(site_on_sqlite: Site, receiver: Receiver) -> None:
    hooked(site_on_sqlite, "https://broken.example.org/")
    with site_on_sqlite.database.transaction() as session:
        session.exec(select(Endpoint)).one().secret = b"x" * 60
        actions.add(session, get(session, cast.SLUG), receiver.url, list(Event), utcnow())
    site_on_sqlite.signed()
    site_on_sqlite.work()
    assert [one["type"] for one in told(site_on_sqlite, receiver)] == ["signatures.published"]


def test_with_the_keys_of_a_statement_its_secrets_go(site: Site, receiver: Receiver) -> None:
    hooked(site, receiver.url)
    site.signed()
    site.work()
    tell_due(site.database)
    with site.database.transaction() as session:
        close(session, cast.SLUG, utcnow(), utcnow())
    with site.database.transaction() as session:
        shred(session, cast.SLUG, utcnow())
    assert only(site, Endpoint).secret is None
    assert (send_due(site.database), receiver.came, only(site, Delivery).outcome) == (1, [], "broken")


def test_that_all_names_were_hidden_and_are_shown_again_is_told(site: Site, receiver: Receiver) -> None:
    hooked(site, receiver.url)
    site.signed()
    site.work()
    told(site, receiver)
    moderator = staff(site, Role.ADMINISTRATOR)
    assert moderator.post(f"/console/statements/{cast.SLUG}/panic/hide").status_code == 303
    assert [one["type"] for one in told(site, receiver)] == ["signatures.withdrawn"]


def test_a_milestone_is_reached_once(site_on_sqlite: Site, receiver: Receiver) -> None:
    hooked(site_on_sqlite, receiver.url, [Event.MILESTONE])
    found = []
    for count in (100, 99, 100, 99, 100):
        with site_on_sqlite.database.transaction() as session:
            tally = session.exec(select(Tally)).one()
            tally.individuals = count
            tally.turn(utcnow())
        found += told(site_on_sqlite, receiver)
    assert [one["data"]["milestone"] for one in found] == [100]


def test_a_statement_that_opens_again_is_told_of_its_second_end(site_on_sqlite: Site, receiver: Receiver) -> None:
    hooked(site_on_sqlite, receiver.url, [Event.CLOSED])
    ends: list[str] = []
    for at in (utcnow(), None, utcnow()):
        with site_on_sqlite.database.transaction() as session:
            get(session, cast.SLUG).closed_at = at
        ends += [one["type"] for one in told(site_on_sqlite, receiver)]
    assert ends == ["statement.closed"] * 2


def test_a_statement_that_was_taken_down_tells_nothing(site_on_sqlite: Site, receiver: Receiver) -> None:
    hooked(site_on_sqlite, receiver.url)
    site_on_sqlite.signed()
    site_on_sqlite.work()
    with site_on_sqlite.database.transaction() as session:
        unpublish(session, cast.SLUG, "It was forged.", utcnow())
    assert told(site_on_sqlite, receiver) == []


def test_the_log_forgets_after_thirty_days(site_on_sqlite: Site, receiver: Receiver) -> None:
    hooked(site_on_sqlite, receiver.url)
    site_on_sqlite.signed()
    site_on_sqlite.work()
    told(site_on_sqlite, receiver)
    with site_on_sqlite.database.transaction() as session:
        assert (sweep_log(session, utcnow() + timedelta(days=29)), sweep_log(session, utcnow() + timedelta(days=31))) == (0, 1)

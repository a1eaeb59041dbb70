"""The publisher: each approved signature becomes public once, under a number of its own, on every face at the same time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from app.accounts.models import Account
from app.accounts.queries import everyone
from app.clock import utcnow
from app.errors import Conflict
from app.i18n import fold
from app.moderation.actions import remove
from app.moderation.models import Removal
from app.publication import publisher
from app.publication.publisher import publish_due
from app.secretariat.queries import entered_first
from app.signatures.models import State
from app.signatures.tallies import SortKey, Tally
from tests import cast
from tests.feeds.lists import AUTOMATIC, LIST, approve, first, got, many, numbers, signature_of
from tests.site import Site
from tests.test_journeys import FACES

T = TypeVar("T")
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # the other lets only one write at a time
UNO, DUO, TRIA = ({"name": name} for name in ("Uno Unov", "Duo Duov", "Tria Triova"))


def tally(site: Site) -> Tally:
    with Session(site.database.engine) as session:
        return session.exec(select(Tally)).one()


def moved(site: Site) -> tuple[int, datetime]:
    """What tells readers that the list is another one."""
    found = tally(site)
    return found.list_revision, found.as_of


def at_once(acts: list[Callable[[], T]]) -> list[T | Exception]:
    """What several threads get that begin at the same moment."""
    gate = threading.Barrier(len(acts))
    results: list[T | Exception] = []

    def run(act: Callable[[], T]) -> None:
        gate.wait()
        try:
            results.append(act())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("kind", ["organisation", "individual"])
def test_an_approved_signature_is_on_every_face_after_one_run(site: Site, kind: str) -> None:
    slug, moderator = site.publish(), site.moderator()
    typed = cast.organisation() if kind == "organisation" else cast.individual()
    site.signed(kind=kind)
    moderator.post(f"/console/signatures/{site.rows()[0].id}/approve")
    shown = typed["organisation"] or typed["name"]
    assert [face for face in FACES if shown in site.browser.get(face.format(slug)).text] == []
    assert publish_due(site.database) == 1
    assert [face for face in FACES if shown not in site.browser.get(face.format(slug)).text] == []
    assert publish_due(site.database) == 0


def test_the_publisher_finds_nothing_to_do_in_an_empty_house(site: Site) -> None:
    assert publish_due(site.database) == 0


def test_a_number_is_never_used_again(site: Site) -> None:
    site.publish(cast.statement(front=first(UNO, DUO) + AUTOMATIC))
    moderator = site.moderator()
    site.signed(kind="individual")
    site.work()
    moderator.post(f"/console/signatures/{signature_of(site, number=3)}/remove", {"code": "on-request"})
    site.publish(cast.statement(front=first(UNO) + AUTOMATIC))
    site.signed(kind="individual", email="another@post-office.org")
    site.work()
    site.publish(cast.statement(front=first(UNO, DUO) + AUTOMATIC))
    assert numbers(site) == [1, 4, 5]
    taken = [row.number for row in site.rows() if row.number]
    assert sorted(taken) == [1, 2, 3, 4, 5]


def test_one_who_signs_again_after_a_removal_gets_a_new_number(site: Site) -> None:
    site.publish(cast.statement(front=AUTOMATIC))
    moderator = site.moderator()
    for _ in range(2):
        site.signed(kind="individual")
        site.work()
        (number,) = numbers(site)
        moderator.post(f"/console/signatures/{signature_of(site, number=number)}/remove", {"code": "on-request"})
    assert (numbers(site), sorted(row.number or 0 for row in site.rows())) == ([], [1, 2])


def test_first_signatories_are_numbered_in_the_order_of_the_file(site: Site) -> None:
    site.publish(cast.statement(front=many(30)))
    assert [item["name"] for item in got(site, LIST)["items"]] == [f"Person {n:03}" for n in range(1, 31)]


def test_others_are_numbered_in_the_order_of_approval(site: Site) -> None:
    site.publish()
    moderator = site.moderator()
    for number in range(3):
        site.signed(kind="individual", email=f"p{number}@post-office.org", name=f"Person {'ABC'[number]}")
    ids = [row.id for row in site.rows()]
    for place in (2, 0, 1):
        moderator.post(f"/console/signatures/{ids[place]}/approve")
    assert publish_due(site.database) == 3
    assert [item["name"] for item in got(site, LIST)["items"]] == ["Person C", "Person A", "Person B"]


def test_a_long_queue_is_published_in_batches_and_in_order(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()
    approve(site, 25)
    monkeypatch.setattr(publisher, "BATCH", 10)
    assert [publish_due(site.database) for _ in range(4)] == [10, 10, 5, 0]
    assert [item["name"] for item in got(site, LIST)["items"]] == [f"Approved {n:03}" for n in range(25)]
    assert tally(site).list_revision == 3


@pytest.mark.parametrize("count", [2, 4])
def test_publishers_at_once_publish_each_signature_once(site: Site, count: int) -> None:
    site.publish(cast.statement(front=first(UNO)))
    approve(site, 40)
    results = at_once([lambda: publish_due(site.database)] * count)
    assert [error for error in results if isinstance(error, Exception)] == []
    while publish_due(site.database):
        pass
    assert numbers(site) == list(range(1, 42))
    assert {row.state for row in site.rows()} == {State.PUBLISHED}
    found = tally(site)
    assert (found.organisations, found.individuals, found.last_number) == (0, 41, 41)


def test_a_publisher_and_a_removal_at_once_lose_no_count(site: Site) -> None:
    site.publish(cast.statement(front=many(10)))
    site.moderator()
    approve(site, 20)
    published = [row.id for row in site.rows() if row.state is State.PUBLISHED]

    def take(place: int) -> int:
        with site.database.transaction() as session:
            remove(session, published[place], _moderator(session), Removal.DUPLICATE, "", utcnow())
        return 0

    results = at_once([lambda: publish_due(site.database), lambda: take(0), lambda: take(1), lambda: publish_due(site.database)])
    assert [error for error in results if isinstance(error, Exception)] == []
    site.work()
    assert sum(got(site, LIST)["counts"].values()) == len(numbers(site)) == 28


def test_one_name_that_two_moderators_remove_at_once_is_counted_out_once(site: Site) -> None:
    site.publish(cast.statement(front=many(5)))
    site.moderator()
    chosen = next(row.id for row in site.rows() if row.number == 3)

    def take() -> bool:
        with site.database.transaction() as session:
            remove(session, chosen, _moderator(session), Removal.DUPLICATE, "", utcnow())
        return True

    results = at_once([take, take])
    assert {type(result) for result in results} == {bool, Conflict}
    assert sum(got(site, LIST)["counts"].values()) == len(numbers(site)) == 4


def _moderator(session: Session) -> Account:
    return everyone(session)[0]


@contextmanager
def in_the_middle_of_a_publication(patch: pytest.MonkeyPatch, act: Callable[[], object]) -> Iterator[None]:
    """Another node acts once the file's publication has read who was entered; one that has to wait for it goes on afterwards."""

    def run() -> None:
        with suppress(Conflict):
            act()

    other = threading.Thread(target=run)

    def meanwhile(*asked: Any, **named: Any) -> Any:
        found = entered_first(*asked, **named)
        other.start()
        other.join(1)
        return found

    patch.setattr("app.secretariat.actions.entered_first", meanwhile)
    yield
    other.join()
    patch.undo()


@on_postgresql
@pytest.mark.parametrize("again", [(UNO, DUO), (DUO,), (UNO | {"role": "chair"},)], ids=["one comes", "one goes", "one is corrected"])
def test_a_file_published_while_the_publisher_works_loses_nobody(site: Site, monkeypatch: pytest.MonkeyPatch, again: tuple[dict[str, str], ...]) -> None:
    site.publish(cast.statement(front=first(UNO)))
    approve(site, 3)
    with in_the_middle_of_a_publication(monkeypatch, lambda: publish_due(site.database)):
        site.publish(cast.statement(front=first(*again)))
    site.work()
    listed = [item["name"] for item in got(site, LIST)["items"]]
    assert sorted(listed) == sorted(["Approved 001", "Approved 002", "Approved 003", *(one["name"] for one in again)])
    assert sum(got(site, LIST)["counts"].values()) == len(listed)
    whole = got(site, f"{LIST}?since=1")
    assert {"Approved 001", "Approved 002", "Approved 003"} <= {item["name"] for item in whole["items"]}


@on_postgresql
@pytest.mark.parametrize("again", [(DUO,), (UNO | {"role": "chair"}, DUO)], ids=["the file drops them too", "the file corrects them"])
def test_one_removed_while_a_file_is_published_is_removed_once(site: Site, monkeypatch: pytest.MonkeyPatch, again: tuple[dict[str, str], ...]) -> None:
    site.publish(cast.statement(front=first(UNO, DUO)))
    site.moderator()
    chosen = next(row.id for row in site.rows() if row.number == 1)

    def take() -> None:
        with site.database.transaction() as session:
            remove(session, chosen, _moderator(session), Removal.ON_REQUEST, "", utcnow())

    with in_the_middle_of_a_publication(monkeypatch, take), suppress(Conflict):
        site.publish(cast.statement(front=first(*again)))
    assert (numbers(site), sum(got(site, LIST)["counts"].values())) == ([2], 1)
    removed = next(row for row in site.rows() if row.id == chosen)
    assert (removed.state, removed.name, removed.role) == (State.REMOVED, None, None)


def test_a_publisher_that_fails_half_way_leaves_nothing_half_done(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    slug = site.publish(cast.statement(front=first(UNO)))
    approve(site, 3)
    before, calls = moved(site), iter("ok!")

    def failing(text: str) -> str:
        if next(calls) == "!":
            raise RuntimeError
        return fold(text)

    monkeypatch.setattr("app.signatures.finding.fold", failing)
    with pytest.raises(RuntimeError):
        publish_due(site.database)
    assert moved(site) == before
    assert [face for face in FACES if "Approved" in site.browser.get(face.format(slug)).text] == []
    monkeypatch.undo()
    assert publish_due(site.database) == 3
    assert numbers(site) == [1, 2, 3, 4]


def test_the_list_moves_on_when_somebody_comes_is_corrected_or_goes(site: Site) -> None:
    site.publish(cast.statement(front=first(UNO)))
    moderator, seen = site.moderator(), [moved(site)]
    approve(site, 1)
    publish_due(site.database)
    seen.append(moved(site))
    site.publish(cast.statement(front=first(UNO | {"role": "chair"})))
    seen.append(moved(site))
    moderator.post(f"/console/signatures/{signature_of(site, number=1)}/remove", {"code": "on-request"})
    seen.append(moved(site))
    assert [revision for revision, _ in seen] == [1, 2, 3, 4]
    assert sorted({moment for _, moment in seen}) == [moment for _, moment in seen]


def test_the_list_stays_as_it_is_when_no_face_changes(site: Site) -> None:
    slug = site.publish(cast.statement(front=first(UNO, DUO)))
    moderator, before = site.moderator(), moved(site)
    faces = [site.browser.get(face.format(slug)).content for face in FACES]
    site.signed(kind="individual", visibility="withheld")
    site.signed(kind="organisation")
    site.browser.post(f"/statements/{slug}/sign", cast.individual(email="unconfirmed@post-office.org"))
    hidden, declined = (row for row in site.rows() if row.state is State.CONFIRMED)
    moderator.post(f"/console/signatures/{hidden.id}/approve")
    moderator.post(f"/console/signatures/{declined.id}/reject", {"reason": "Unknown at this address."})
    site.work()
    assert next(row for row in site.rows() if row.id == hidden.id).state is State.PUBLISHED
    moderator.post(f"/console/signatures/{hidden.id}/remove", {"code": "on-request"})
    site.publish(cast.statement(front=first(UNO, DUO)))
    assert moved(site) == before
    assert [site.browser.get(face.format(slug)).content for face in FACES] == faces


def test_news_beside_the_text_do_not_move_the_list(site: Site) -> None:
    site.publish(cast.statement(front=first(UNO)))
    before = moved(site)
    site.publish(cast.statement(front=first(UNO) + "news:\n  - {date: 2026-11-20, title: A hearing}\n"))
    assert moved(site) == before


def test_a_founding_signatory_who_goes_moves_nobody_else(site: Site) -> None:
    site.publish(cast.statement(front=first(UNO, DUO, TRIA)))
    revision, _ = moved(site)
    site.publish(cast.statement(front=first(DUO, TRIA)))
    page = got(site, f"{LIST}?since={revision}")
    assert ([item["name"] for item in page["items"]], page["withdrawn"]) == ([], [1])
    assert moved(site)[0] == revision + 1


def test_another_order_of_the_founding_signatories_is_another_page(site: Site) -> None:
    slug = site.publish(cast.statement(front=first(UNO, DUO)))
    before, page = moved(site), site.browser.get(f"/statements/{slug}")
    site.publish(cast.statement(front=first(DUO, UNO)))
    assert moved(site) > before
    assert site.browser.get(f"/statements/{slug}").headers["etag"] != page.headers["etag"]


def test_counts_are_what_the_list_holds_after_many_changes(site: Site) -> None:
    site.publish(cast.statement(front=many(12)))
    for front in (many(7), many(20), first(UNO), many(9)):
        site.publish(cast.statement(front=front))
        items, counts = got(site, LIST)["items"], got(site, LIST)["counts"]
        kinds = [item["kind"] for item in items]
        assert (counts["organisations"], counts["individuals"]) == (kinds.count("organisation"), kinds.count("individual"))


def test_a_removed_name_is_nowhere_in_the_public_columns_nor_in_the_order_of_names(site: Site) -> None:
    site.publish(cast.statement(front=AUTOMATIC))
    moderator = site.moderator()
    site.signed()
    site.work()
    moderator.post(f"/console/signatures/{signature_of(site, number=1)}/remove", {"code": "on-request"})
    (row,) = site.rows()
    kept = ("name", "role", "organisation", "website", "domain", "country", "language", "folded")
    assert {getattr(row, column) for column in kept} == {None}
    with Session(site.database.engine) as session:
        assert session.exec(select(sa.func.count()).select_from(SortKey)).one() == 0, "a sort key is the name in other letters"


@on_postgresql
def test_a_signature_waits_while_another_node_is_publishing(site: Site) -> None:
    """The one that does not get the lock stands back and tries again."""
    site.publish()
    approve(site, 1)
    with site.database.engine.connect() as other, other.begin():
        other.execute(sa.select(sa.func.pg_advisory_xact_lock(publisher._LOCK)))
        assert publish_due(site.database) == 0
    assert publish_due(site.database) == 1

"""Statement files with long or odd lists, and steps that tests of the faces share."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import col, select

from app.clock import utcnow
from app.rows import insert_all
from app.signatures.admission import Admission
from app.signatures.forms import SignForm
from app.signatures.models import Kind, Origin, Signature, State, Visibility
from app.signatures.signing import Post, sign_all
from app.signatures.tallies import Tally
from app.statements.queries import get, revision
from app.tokens import hash_token
from tests import cast
from tests.site import Site

Json = dict[str, Any]
LIST = f"/statements/{cast.SLUG}/signatories.json"
AUTOMATIC = "moderation: {organisations: automatic, individuals: automatic}\n"


def first(*signatories: Mapping[str, str]) -> str:
    """The lines of a statement file for its first signatories."""
    return "first_signatories:\n" + "".join(f"  - {json.dumps(dict(one), ensure_ascii=False)}\n" for one in signatories)


def many(count: int) -> str:
    """So many invented first signatories, organisations and people in turn, of three countries and none."""
    countries = ("BY", "GE", "", "FR")
    return first(*(_one(n, countries[n % 4]) for n in range(1, count + 1)))


def _one(n: int, country: str) -> dict[str, str]:
    found = {"name": f"Person {n:03}", "role": "member"} if n % 2 else {"organisation": f"House {n:03}", "name": f"Person {n:03}"}
    return found | ({"country": country} if country else {})


def got(site: Site, path: str) -> Json:
    """The JSON at an address of ours, full or relative."""
    answer = site.browser.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def pages(site: Site, path: str, following: str) -> Iterator[Json]:
    """The JSON at `path` and at every address that its key `following` leads to."""
    asked: set[str] = set()
    address: str | None = path
    while address:
        assert address not in asked, "the pages turn in a circle"
        asked.add(address)
        page = got(site, address)
        yield page
        address = page.get(following)


def numbers(site: Site, path: str = LIST) -> list[int]:
    """The numbers of everybody in the list, page by page."""
    return [item["number"] for page in pages(site, path, "next") for item in page["items"]]


def signature_of(site: Site, **columns: object) -> str:
    """The id of the only signature with these public columns."""
    (found,) = [row for row in site.rows() if all(getattr(row, name) == value for name, value in columns.items())]
    return str(found.id)


def approve(site: Site, count: int, **changes: str) -> None:
    """So many signatures from the form, confirmed and approved, waiting for the publisher."""
    with site.database.transaction() as session:
        statement = get(session, cast.SLUG)
        known = set(session.exec(select(Signature.id)))
        for number in range(len(known), len(known) + count):
            typed = cast.individual(email=f"approved-{number}@post-office.org", name=f"Approved {number:03}")
            sign_all(session, [Post(statement.id, SignForm.model_validate({**typed, **changes}), "en", hash_token(str(number)), Admission())], utcnow())
        for row in session.exec(select(Signature).where(Signature.state == State.PENDING).order_by(col(Signature.created_at))):
            row.confirm(utcnow())
            row.approve(utcnow())


def crowd(site: Site, names: Sequence[str]) -> None:
    """So many named signatures of these names, whatever stands in them, an organisation after each two people; rows alone, since feeds need no sort keys."""
    with site.database.transaction() as session:
        statement = get(session, cast.SLUG)
        text, tally, now = revision(session, statement).id, session.get_one(Tally, statement.id), utcnow()
        same = {"statement_id": statement.id, "revision_id": text, "state": State.PUBLISHED, "visibility": Visibility.PUBLIC, "source": Origin.FORM}
        same |= {
            "page_language": "en",
            "listed_revision": tally.turn(now),
            "first": False,
            "position": 0,
            "consent_version": "",
            "flags": "",
            "evidence": "declared",
        }
        rows = []
        for name in names:
            number = tally.next_number()
            at = now - timedelta(days=number % 300, seconds=number)
            kind = Kind.INDIVIDUAL if number % 3 else Kind.ORGANISATION
            own = {"organisation": f"{name} ({number})" if kind is Kind.ORGANISATION else None, "country": ("BY", "GE", None)[number % 3], "language": None}
            rows.append(
                {
                    **same,
                    **own,
                    "id": uuid4(),
                    "kind": kind,
                    "number": number,
                    "name": name,
                    "role": "member",
                    "website": None,
                    "folded": name,
                    "created_at": at,
                    "published_at": at,
                }
            )
        insert_all(session, Signature, rows)
        organisations = sum(row["kind"] is Kind.ORGANISATION for row in rows)
        tally.organisations += organisations
        tally.individuals += len(rows) - organisations

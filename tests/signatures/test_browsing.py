"""The list in every order and under every filter: what is walked and what is sorted is the same list, each name once."""

from collections import Counter
from itertools import product

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app import jobs
from app.clock import utcnow
from app.i18n import fold, language
from app.signatures import browsing
from app.signatures.listing import hide, show
from app.signatures.models import Kind, Signature
from app.signatures.queries import particulars
from app.signatures.tallies import CountryCount, SortKey
from app.statements.queries import get
from tests import cast
from tests.feeds.lists import first
from tests.site import Site

COUNTRIES = ("", "BY", "GE", "FR", "BY", "XK", "international", "BY")
NAMES = ("王伟", "Vũ Thị Hoa", "Ўладзя Ёлкіна", "Żaneta Łuk", "Ann_a O'Neil", "Ян Прыклад", "100% Ada", 'Bo "Bee" Birch')
SOUGHT = ("", "王", "伟", "v", "vũ", "ЛКІ", "ел", "luk", "o’n", "_", "0%", '"bee"', "nobody here", "ann_a o", "э")


def crowd(site: Site, count: int) -> None:
    """Invented people and houses, names and countries in an order that repeats late."""
    people = [{"name": f"{NAMES[n % 8]} {n // 8 or ''}".strip(), "country": COUNTRIES[n * n % 8]} for n in range(count)]
    houses = [{"organisation": f"House {NAMES[n % 8]} {n}", "country": COUNTRIES[n % 8]} for n in range(count // 2)]
    listed = [one for pair in zip(people, houses + people[: count - count // 2], strict=True) for one in pair]
    unique = {repr(one): {key: value for key, value in one.items() if value} for one in listed}
    site.publish(cast.statement(front=first(*unique.values())))


def matches(row: Signature, q: str) -> bool:
    """A part of a name; one or two characters only where a word, a sign or an ideograph begins."""
    names, sought = [fold(row.name or ""), fold(row.organisation or "")], fold(q)
    begins = [(name, at) for name in names for at, sign in enumerate(name) if sign in "王伟" or not (sign.isalnum() and name[at - 1 : at].isalnum())]
    return any(sought in name for name in names) if len(sought) > 2 else any(name.startswith(sought, at) for name, at in begins)


def expected(rows: list[Signature], kind: Kind, q: str, country: str, order: str, code: str) -> list[int | None]:
    words = language(code)
    keys = {
        "signed": lambda row: (row.number,),
        "name": lambda row: (words.sort_key((row.organisation if kind is Kind.ORGANISATION else row.name) or ""), row.number),
        "country": lambda row: (not row.country, words.sort_key(words.country(row.country)), row.number),
    }
    chosen = [row for row in rows if row.kind is kind and country in {"", row.country} and (not q or matches(row, q))]
    return [row.number for row in sorted(chosen, key=keys[order])]


def read(session: Session, chosen: browsing.Asked, code: str) -> list[int | None]:
    """Page by page."""
    found, after = [], None
    while True:
        page = browsing.page(session, chosen, language(code), after, 5)
        found += [row.number for row in page.rows]
        if (after := page.after) is None:
            return found


@pytest.mark.parametrize("few", [0, 4, 5000])
def test_every_order_and_filter_gives_the_same_list_by_every_way(site: Site, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(site, 40)
    monkeypatch.setattr(browsing, "FEW", few)
    monkeypatch.setattr(browsing, "COUNTED", few)
    with site.database.reading() as session:
        statement, rows = get(session, cast.SLUG), list(session.exec(select(Signature)))
        for code, kind, order, country, q in product(("en", "be"), Kind, browsing.ORDERS, ("", "BY", "AD"), SOUGHT):
            chosen = browsing.asked(session, statement.id, kind, q, country, order)
            wanted = expected(rows, kind, q, country, order, code)
            assert read(session, chosen, code) == wanted, (code, kind, order, country, q)
            assert browsing.count(session, chosen) in {len(wanted), None if q and few < 5000 else len(wanted)}


def test_another_list_is_never_searched(site: Site) -> None:
    crowd(site, 8)
    other = site.publish(cast.statement(front=first({"name": "Vũ Else"}), slug="another-appeal"))
    with site.database.reading() as session:
        asked = product((cast.SLUG, other), Kind)
        found = [len(browsing.asked(session, get(session, slug).id, kind, "vũ", "", "signed").numbers or ()) for slug, kind in asked]
        assert found == [1, 1, 0, 1]


def test_who_is_hidden_leaves_index_keys_and_counts_and_comes_back(site: Site) -> None:
    crowd(site, 8)

    def found() -> tuple[int, int, dict[str, int]]:
        with site.database.reading() as session:
            statement = get(session, cast.SLUG).id
            chosen = browsing.asked(session, statement, Kind.INDIVIDUAL, "ЛКІ", "", "signed")
            keys = session.exec(select(sa.func.count()).select_from(SortKey)).one()
            return len(chosen.numbers or ()), keys, browsing.by_country(session, statement, Kind.INDIVIDUAL)

    before = found()
    with site.database.transaction() as session:
        signature = session.exec(select(Signature).where(col(Signature.name).contains("Ёлкіна"), Signature.kind == Kind.INDIVIDUAL)).one()
        typed, country = particulars(session, signature), signature.country or ""
        hide(session, signature, utcnow())
    less = before[2] | {country: before[2][country] - 1}
    assert found() == (before[0] - 1, before[1] - 3, {code: count for code, count in less.items() if count})
    with site.database.transaction() as session:
        assert typed
        show(session, session.get_one(Signature, signature.id), typed, utcnow())
    assert found() == before


def test_the_counts_of_countries_equal_a_recount(site: Site) -> None:
    crowd(site, 24)
    with site.database.reading() as session:
        counted = {(row.kind, row.country): row.signatories for row in session.exec(select(CountryCount)) if row.signatories}
        named = session.exec(select(Signature).where(col(Signature.folded).is_not(None)))
        assert counted == Counter((row.kind, row.country or "") for row in named)


def test_nothing_of_a_name_that_left_stays_in_the_index_of_names(site_on_sqlite: Site) -> None:
    crowd(site_on_sqlite, 20)  # with more of them FTS5 may have written its index anew by itself

    def kept(session: Session) -> int:
        return int(session.execute(sa.text("SELECT sum(length(block)) FROM signatory_text_data")).scalar_one())

    with site_on_sqlite.database.transaction() as session:
        before = kept(session)
        for row in session.exec(select(Signature)):
            hide(session, row, utcnow())
    steps = jobs._compact(site_on_sqlite.database)
    with site_on_sqlite.database.reading() as session:
        assert (kept(session) < before // 10, steps > 0) == (True, True)
    assert jobs._compact(site_on_sqlite.database) == 0, "where nothing left, nothing is written"

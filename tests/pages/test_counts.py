"""Who has signed, as a sentence; and withheld signers, whom no step of a count betrays."""

import re
from itertools import pairwise

import pytest
from sqlmodel import Session, select

from app.signatures.models import Visibility
from app.signatures.tallies import Tally
from tests import cast
from tests.feeds.lists import AUTOMATIC, approve, got
from tests.site import Site
from tests.web.markup import parse

S = f"/statements/{cast.SLUG}"
FACES = (S, f"{S}/signatories", f"{S}.json", f"{S}/signatories.json", f"{S}/signatories.csv", f"{S}/feed.json", f"{S}/feed.atom", f"/embed/{cast.SLUG}")
ORGANISATIONS = {
    "en": (
        "Nobody has signed yet.",
        "1 organisation has signed.",
        *(f"{n} organisations have signed." for n in (2, 5, 21, 22, 25)),
    ),
    "be": (
        "Подпісаў пакуль няма.",
        "Падпісала 1 арганізацыя.",
        "Падпісалі 2 арганізацыі.",
        "Падпісалі 5 арганізацый.",
        "Падпісала 21 арганізацыя.",
        "Падпісалі 22 арганізацыі.",
        "Падпісалі 25 арганізацый.",
    ),
    "ru": (
        "Пока никто не подписал.",
        "Подписала 1 организация.",
        "Подписали 2 организации.",
        "Подписали 5 организаций.",
        "Подписала 21 организация.",
        "Подписали 22 организации.",
        "Подписали 25 организаций.",
    ),
}
PEOPLE = {
    "en": ("Nobody has signed yet.", "1 person has signed.", *(f"{n} people have signed." for n in (2, 5, 21, 22, 25))),
    "be": (
        "Подпісаў пакуль няма.",
        "Падпісаў 1 чалавек.",
        "Падпісалі 2 чалавекі.",
        "Падпісалі 5 чалавек.",
        "Падпісаў 21 чалавек.",
        "Падпісалі 22 чалавекі.",
        "Падпісалі 25 чалавек.",
    ),
    "ru": (
        "Пока никто не подписал.",
        "Подписал 1 человек.",
        "Подписали 2 человека.",
        "Подписали 5 человек.",
        "Подписал 21 человек.",
        "Подписали 22 человека.",
        "Подписали 25 человек.",
    ),
}
BOTH = {
    "en": {(1, 1): "1 organisation and 1 person have signed.", (214, 3120): "214 organisations and 3,120 people have signed."},
    "be": {(1, 2): "Падпісалі 1 арганізацыя і 2 чалавекі.", (22, 3121): "Падпісалі 22 арганізацыі і 3 121 чалавек."},
    "ru": {(5, 1): "Подписали 5 организаций и 1 человек.", (21, 3122): "Подписали 21 организация и 3 122 человека."},
}
WITHHELD = {
    "en": {5: "5 more are counted and not named", 21: "21 more are counted and not named"},
    "be": {5: "Яшчэ 5 подпісаў", 21: "Яшчэ 21 подпіс ", 22: "Яшчэ 22 подпісы"},
    "ru": {5: "Ещё 5 подписей", 21: "Ещё 21 подпись", 22: "Ещё 22 подписи"},
}


def count(site: Site, **counts: int) -> None:
    """Set the tally of the only statement."""
    with Session(site.database.engine) as session:
        tally = session.exec(select(Tally)).one()
        for name, value in counts.items():
            setattr(tally, name, value)
        session.add(tally)
        session.commit()


def sentences(site: Site, code: str) -> set[str]:
    """The sentence as each page has it."""
    letter, listed, embed = (parse(site.browser.get(f"/{code}{path}").text) for path in (S, f"{S}/signatories", f"/embed/{cast.SLUG}"))
    bar = letter.one(class_="toolbar").one("span")
    return {letter.one("h2", id="signatories").text, listed.one("p", class_="lede").text, embed.one("p", class_="count").text, bar.text}


@pytest.mark.parametrize("code", ["en", "be", "ru"])
def test_the_count_is_a_right_sentence_in_every_language(site_on_sqlite: Site, code: str) -> None:
    site_on_sqlite.publish()
    for number, said in zip((0, 1, 2, 5, 21, 22, 25), ORGANISATIONS[code], strict=True):
        count(site_on_sqlite, organisations=number, individuals=0)
        assert sentences(site_on_sqlite, code) == {said}
    for number, said in zip((0, 1, 2, 5, 21, 22, 25), PEOPLE[code], strict=True):
        count(site_on_sqlite, organisations=0, individuals=number)
        assert sentences(site_on_sqlite, code) == {said}
    for (organisations, people), said in BOTH[code].items():
        count(site_on_sqlite, organisations=organisations, individuals=people)
        assert sentences(site_on_sqlite, code) == {said}


@pytest.mark.parametrize("code", ["en", "be", "ru"])
def test_those_who_are_not_named_are_said_beside_it(site_on_sqlite: Site, code: str) -> None:
    site_on_sqlite.publish()
    for number, said in WITHHELD[code].items():
        count(site_on_sqlite, withheld=number, withheld_shown=number)
        for path in (S, f"{S}/signatories", f"/embed/{cast.SLUG}"):
            assert said in parse(site_on_sqlite.browser.get(f"/{code}{path}").text).one("p", class_="asof").text
    count(site_on_sqlite, withheld=4, withheld_shown=0)
    assert not re.search("safety|бяспекі|безопасности", parse(site_on_sqlite.browser.get(f"/{code}{S}").text).one("p", class_="asof").text)


def shown(site: Site) -> int:
    """How many unnamed signers every face admits; the same on all."""
    counts = [got(site, f"{S}.json")["counts"], got(site, f"{S}/signatories.json")["counts"], got(site, f"{S}/feed.json")["_undersigned"]["counts"]]
    found = {one["withheld"] for one in counts}
    for path in (S, f"{S}/signatories", f"/embed/{cast.SLUG}"):
        said = re.search(r"(\d+) more (?:is|are) counted and not named", parse(site.browser.get(path).text).text)
        found.add(int(said[1]) if said else 0)
    assert len(found) == 1, found
    return int(found.pop())


def faces(site: Site) -> dict[str, bytes]:
    """Every public byte about the statement, in every language."""
    return {prefix + path: site.browser.get(prefix + path).content for prefix in ("", "/be") for path in FACES}


def withhold(site: Site, number: int) -> None:
    """One more signer who must not be named; organisations and people in turn."""
    kind = "organisation" if number % 3 == 0 else "individual"
    house = f"Geheimhaus {number}" if kind == "organisation" else ""
    email = f"geheim-{number}@post-office.org"
    site.signed(kind=kind, email=email, visibility="withheld", website="", name=f"Vera Geheim {number}", organisation=house, role="Geheimrat")
    site.work()


def test_unnamed_signers_come_in_groups_of_five_and_go_in_groups(site_on_sqlite: Site) -> None:
    site = site_on_sqlite
    site.publish(cast.statement(front=cast.FIRST + AUTOMATIC))
    moderator = site.moderator()
    before, seen = faces(site), [0]
    for number in range(1, 13):
        withhold(site, number)
        seen.append(shown(site))
        after = faces(site)
        assert [path for path, text in after.items() if b"Geheim" in text] == []
        if seen[-1] == seen[-2]:
            assert [path for path in after if after[path] != before[path]] == [], "a face betrays that somebody came"
        before = after
    assert seen == [0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10, 10]
    going = [seen[-1]]
    for row in [row for row in site.rows() if row.visibility is Visibility.WITHHELD]:
        assert moderator.post(f"/console/signatures/{row.id}/remove", {"code": "on-request"}).status_code == 303
        going.append(shown(site))
    steps = [before - after for before, after in pairwise(going) if before != after]
    assert min(steps) >= 5
    assert going[-1] == 0


def test_an_unnamed_signer_is_found_by_no_search_and_has_no_number(site_on_sqlite: Site) -> None:
    site = site_on_sqlite
    site.publish(cast.statement(front=cast.FIRST + AUTOMATIC))
    for number in range(1, 7):
        withhold(site, number)
    site.signed(kind="individual")
    site.work()
    for query in ("q=Geheim", "q=vera", "kind=individual", "kind=organisation&order=name", "order=country", "country=BY"):
        assert [row.text for row in parse(site.browser.get(f"{S}/signatories?{query}").text).all("li") if "Geheim" in row.text] == []
    assert [item["number"] for item in got(site, f"{S}/signatories.json")["items"]] == [1, 2, 3, 4]
    hidden = [row for row in site.rows() if row.visibility is Visibility.WITHHELD]
    kept = ("number", "name", "role", "organisation", "website", "domain", "country", "language", "folded", "listed_revision")
    assert {getattr(row, column) for row in hidden for column in kept} == {None}


def test_a_named_signer_between_unnamed_ones_moves_only_the_named_count(site: Site) -> None:
    site.publish(cast.statement(front=AUTOMATIC))
    for number in range(1, 5):
        withhold(site, number)
    site.signed()
    site.work()
    assert got(site, f"{S}.json")["counts"] == {"organisations": 1, "individuals": 0, "withheld": 0}


def test_many_unnamed_signers_published_at_once_enter_in_a_group(site: Site) -> None:
    site.publish()
    approve(site, 4, visibility="withheld", name="Vera Geheim")
    site.work()
    assert shown(site) == 0
    approve(site, 3, visibility="withheld", name="Vera Geheim")
    site.work()
    assert shown(site) in {5, 7}
    assert b"Geheim" not in b"".join(faces(site).values())

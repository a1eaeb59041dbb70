"""Real names of the world are taken and shown unbroken; hostile ones are refused with a sentence."""

import csv
import io
import json
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import regex
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app import names
from app.i18n import fold
from app.names import ORGANISATION_LIMIT, PERSON_LIMIT, NameProblem, check_name
from app.signatures.forms import SignForm
from app.web.forms import check
from tests import cast
from tests.site import Site
from tests.statements.tree import tree

DATA = Path(__file__).parent / "data"
REAL = [(line[0], line[2:]) for line in (DATA / "real_names.txt").read_text(encoding="utf-8").splitlines()]
HOSTILE: list[dict[str, str]] = json.loads((DATA / "hostile_names.json").read_text(encoding="utf-8"))
LIST = f"/statements/{cast.SLUG}/signatories"
AUTOMATIC = "moderation: {organisations: automatic, individuals: automatic}\n"


def shown(name: str) -> str:
    """What the list must carry."""
    return unicodedata.normalize("NFC", name)


def typed(kind: str, name: str) -> dict[str, str]:
    return cast.organisation(organisation=name) if kind == "o" else cast.individual(name=name)


def as_first_signatories(names: list[tuple[str, str]]) -> str:
    entries = [{"organisation" if kind == "o" else "name": name} for kind, name in names]
    return cast.statement(front=yaml.safe_dump({"first_signatories": entries}, allow_unicode=True, width=10_000))


def test_the_corpora_are_whole() -> None:
    assert (len(REAL), len({name for _, name in REAL}), {kind for kind, _ in REAL}) == (500, 500, {"p", "o"})
    assert (len(HOSTILE), len({entry["value"] for entry in HOSTILE})) == (200, 200)


def test_every_real_name_is_taken_as_it_is() -> None:
    changed = []
    for kind, name in REAL:
        try:
            kept = check_name(name, ORGANISATION_LIMIT if kind == "o" else PERSON_LIMIT)
        except NameProblem as refused:
            kept = str(refused)
        if kept != shown(name):
            changed.append((name, kept))
    assert changed == []


def test_every_real_name_passes_the_form_in_any_composition() -> None:
    refused = []
    for kind, name in REAL:
        for form in ("NFC", "NFD"):
            found = check(SignForm, typed(kind, unicodedata.normalize(form, name)))
            kept = found.data and (found.data.organisation if kind == "o" else found.data.name)
            if kept != shown(name):
                refused.append((form, name, kept, found.problems))
    assert refused == []


def test_every_real_name_stands_unbroken_in_list_json_csv_and_feeds(site: Site) -> None:
    site.publish(as_first_signatories(REAL))
    wanted = [shown(name) for _, name in REAL]
    assert names_in_json(site) == wanted
    assert names_in_csv(site) == wanted
    assert sorted(names_on_pages(site)) == sorted(wanted)
    first = tree(site.browser.get(f"/statements/{cast.SLUG}").text).one("ul", "first")
    assert [item.one("b").raw for item in first.all("li")] == wanted


def names_in_json(site: Site) -> list[str]:
    found: list[str] = []
    url: str | None = f"{LIST}.json"
    while url:
        page: dict[str, Any] = site.browser.get(url).json()
        found += [item["organisation"] if item["kind"] == "organisation" else item["name"] for item in page["items"]]
        url = page["next"]
    return found


def names_in_csv(site: Site) -> list[str]:
    lines = csv.DictReader(io.StringIO(site.browser.get(f"{LIST}.csv").content.decode("utf-8-sig"), newline=""))
    cells = [line["organisation"] or line["name"] for line in lines]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    return [cell[1:] if cell[:1] == "'" and cell[1:2] in "=+-@" else cell for cell in cells]


def names_on_pages(site: Site) -> list[str]:
    found: list[str] = []
    for kind in ("organisation", "individual"):
        url: str | None = f"{LIST}?kind={kind}"
        while url:
            answer = site.browser.get(url)
            page = tree(answer.text)
            found += [item.one("b").raw for item in page.one("ol", "signatories").all("li")]
            url = next((link.attrs["href"] for link in page.all("a") if link.attrs.get("rel") == "next"), None)
    return found


def test_every_real_name_is_on_some_page_of_the_alphabetical_list(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(as_first_signatories(REAL))
    wanted = sorted(shown(name) for kind, name in REAL if kind == "p")
    found: list[str] = []
    url = f"{LIST}?kind=individual&order=name"
    for _ in range(3):
        page = tree(site_on_sqlite.browser.get(url).text)
        found += [item.one("b").raw for item in page.one("ol", "signatories").all("li")]
        url = next((link.attrs["href"] for link in page.all("a") if link.attrs.get("rel") == "next"), "")
    assert (sorted(found), url) == (wanted, "")


def test_capitals_make_no_difference_to_the_search() -> None:
    assert [name for _, name in REAL if fold(name.upper()) != fold(name)] == []


def test_every_real_name_is_found_by_the_search(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(as_first_signatories(REAL))
    missed = []
    for kind, name in REAL[::20]:
        page = tree(site_on_sqlite.browser.get(LIST, params={"q": name.upper(), "kind": "organisation" if kind == "o" else "individual"}).text)
        if shown(name) not in [item.one("b").raw for node in page.all("ol", "signatories") for item in node.all("li")]:
            missed.append(name)
    assert missed == []


def test_real_names_walk_from_the_form_through_the_mail_to_the_list(site: Site) -> None:
    site.publish(cast.statement(front=AUTOMATIC))
    sample = REAL[3::25]
    for number, (kind, name) in enumerate(sample):
        browser = site.new_browser(f"203.0.{number}.7")
        form = typed(kind, name) | {"email": f"signer-{number}@post-office.org"}
        assert browser.post(f"/statements/{cast.SLUG}/sign", form).status_code == 303
        link, _ = site.link_and_code(form["email"])
        page = browser.get(link)
        assert shown(name) in tree(page.text).raw
        assert browser.submit(page, press="confirm").status_code == 200
    site.work()
    assert names_in_json(site) == [shown(name) for _, name in sample]
    assert [row.organisation if row.kind == "organisation" else row.name for row in site.rows()] == [shown(name) for _, name in sample]
    assert sorted(names_on_pages(site)) == sorted(shown(name) for _, name in sample)


@pytest.mark.parametrize("limit", [PERSON_LIMIT, ORGANISATION_LIMIT])
def test_every_hostile_name_is_refused_with_a_sentence(limit: int) -> None:
    for entry in HOSTILE:
        with pytest.raises(NameProblem) as refused:
            check_name(entry["value"], limit)
        assert len(str(refused.value)) > 20, entry["why"]


@pytest.mark.parametrize("kind", ["p", "o"])
def test_every_hostile_name_gets_a_sentence_beside_its_field(kind: str) -> None:
    field = "organisation" if kind == "o" else "name"
    problems = {entry["why"]: check(SignForm, typed(kind, entry["value"])).problems for entry in HOSTILE}
    assert [why for why, found in problems.items() if list(found) != [field]] == []
    assert [why for why, found in problems.items() if not (found[field].sentence % found[field].values).strip()] == []


@pytest.mark.parametrize("prefix", ["", "/be"])
def test_a_hostile_name_is_answered_422_with_the_sentence_and_what_was_typed(site_on_sqlite: Site, prefix: str) -> None:
    site_on_sqlite.publish()
    sample = HOSTILE[::8]
    assert len(sample) == 25
    for number, entry in enumerate(sample):
        browser = site_on_sqlite.new_browser(f"203.0.{number}.7")
        answer = browser.post(f"{prefix}/statements/{cast.SLUG}/sign", cast.individual(name=entry["value"]))
        assert answer.status_code == 422, entry["why"]
        page = tree(answer.text)
        said = [node for node in page.all("p", "problem") if node.attrs.get("id") == "name-problem"]
        assert len(said) == 1, entry["why"]
        assert len(said[0].text) > 20, entry["why"]
        field = next(node for node in page.all("input") if node.attrs.get("id") == "name")
        assert (field.attrs["aria-describedby"], field.attrs["aria-invalid"]) == ("name-problem", "true")
        assert next(node for node in page.all("input") if node.attrs.get("name") == "email").attrs["value"] == "mikola@post-office.org"
        assert page.all("script", "") == [node for node in page.all("script") if urlsplit(node.attrs.get("src", "")).path.startswith("/static/")]
    assert (site_on_sqlite.rows(), site_on_sqlite.letters()) == ([], [])


@pytest.mark.parametrize("field", ["name", "role", "organisation", "website", "mandate", "country", "email", "kind", "visibility"])
def test_no_hostile_value_in_any_field_is_a_failure_of_ours(site_on_sqlite: Site, field: str) -> None:
    site_on_sqlite.publish()
    worst = [HOSTILE[place] for place in (0, 69, 91, 136, 145, 196, 198, 199)]
    answers = {
        entry["why"]: site_on_sqlite.new_browser(f"203.0.{number}.7").post(f"/statements/{cast.SLUG}/sign", cast.organisation(**{field: entry["value"]}))
        for number, entry in enumerate(worst)
    }
    assert [why for why, answer in answers.items() if answer.status_code not in {413, 422}] == []
    assert [why for why, answer in answers.items() if not answer.headers["content-type"].startswith("text/html")] == []
    assert site_on_sqlite.rows() == []


def test_hostile_words_in_a_search_are_an_ordinary_page(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish(cast.statement(front=cast.FIRST))
    for entry in HOSTILE[::8]:
        answer = site_on_sqlite.browser.get(LIST, params={"q": entry["value"]})
        assert answer.status_code in {200, 422}, entry["why"]


@given(st.text(st.sampled_from("aZ9éЯІў'’-, .:/@$(<{\u0301\u200d\u115f\u1160\u00a0\u3000가王"), max_size=40))
def test_the_quick_look_at_usual_names_lets_nothing_through_that_the_long_ones_refuse(text: str) -> None:
    quick = _checked(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(names, "_USUAL", regex.compile("(?!)"))
        assert _checked(text) == quick


def _checked(text: str) -> str:
    try:
        return check_name(text, 20)
    except NameProblem as refused:
        return f"refused: {refused}"

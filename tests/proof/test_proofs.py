"""The long proofs, small; and the paper that `make proof` writes."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.proof import __main__ as command
from tests.proof import campaigns, confirms, desk, flood, lists, readers, timing, victim
from tests.proof.__main__ import Proof, proved, written
from tests.proof.figures import at_least, exactly, failed
from tests.proof.places import POSTGRESQL, SQLITE, server, three
from tests.site import Site


def test_a_victim_whose_address_is_typed_in_every_spelling_gets_one_mail(site: Site) -> None:
    assert failed(victim.run(site, 200), victim.EXPECTED) == {}


def test_links_and_proofs_of_work_count_once_and_guesses_find_nothing(site: Site) -> None:
    figures = confirms.run(site, tokens=20, parallel=20, guesses=1000, pages=100, replays=100)
    assert failed(figures, confirms.EXPECTED) == {}
    assert figures["confirmations"] == 20


def test_a_flood_publishes_nothing_and_keeps_to_the_cap_while_people_get_their_mail(tmp_path: Path) -> None:
    with server(tmp_path, SQLITE) as flooded:
        figures = flood.run(flooded, forms=1500, networks=75, people=15, seconds_after=5)
    assert set(failed(figures, flood.EXPECTED)) <= {flood.SLOWEST}  # a time, and this machine may be busy


@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
def test_no_answer_tells_that_an_address_signed(tmp_path: Path, kind: str) -> None:
    with server(tmp_path, kind) as asked:
        assert timing.run(asked, 60)[timing.DIFFERENT] == 0


def test_a_day_at_the_desk_leaves_nothing_undecided(site: Site) -> None:
    assert set(failed(desk.day(site, 300, 6), desk.EXPECTED)) <= {desk.MEDIAN}  # a time, and this machine may be busy


def test_two_moderators_at_one_signature_make_one_decision(site: Site) -> None:
    assert failed(desk.races(site, 12), desk.RACES_EXPECTED) == {}


def test_a_removal_campaign_finds_removes_and_restores_exactly_whom_it_is_about(site: Site) -> None:
    assert set(failed(campaigns.run(site, 2500, 5), campaigns.EXPECTED)) <= {campaigns.SLOWEST, campaigns.MEMORY}  # this machine may be busy


@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
def test_a_list_is_read_in_every_way_at_every_size(tmp_path: Path, kind: str) -> None:
    with three(tmp_path, kind) as grown:
        assert set(failed(lists.run(grown, 120, 300, 600), lists.EXPECTED)) <= {lists.PAGE, lists.SEARCH, lists.PUBLISHED}  # times


@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
def test_readers_never_read_two_moments_of_a_list_in_one_answer(tmp_path: Path, kind: str) -> None:
    with server(tmp_path, kind) as read:
        assert set(failed(readers.run(read, 500, 1000), readers.EXPECTED)) <= {readers.RATE}  # this machine may be busy


def test_a_proof_that_fails_is_said_in_the_paper_and_beside_those_of_other_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = tmp_path / "reliability.md"

    def run(folder: Path, people: int) -> dict[str, object]:
        """Everybody gets a mail."""
        return {"mails": people}

    good = Proof(run, {"people": 1000}, {"mails": exactly(1000)})
    monkeypatch.setattr(command, "PROOFS", {"one": good, "other": Proof(good.run, good.size, {"mails": exactly(7), "letters": at_least(1)})})
    assert [proved(name, proof, paper) for name, proof in reversed(command.PROOFS.items())] == [False, True]
    rows = [line for line in paper.read_text(encoding="utf-8").splitlines() if line.startswith("| o")]
    assert [row.split(" | ")[:4] for row in rows] == [
        ["| one: mails", "1,000", "1,000", "1,000 people"],
        ["| other: mails", "**1,000 (failed)**", "7", "1,000 people"],
    ]
    assert written(paper.read_text(encoding="utf-8"), "one", ["| one: mails | 3 |"]).count("| one: ") == 1
    assert "- **other**: Everybody gets a mail." in paper.read_text(encoding="utf-8")


@pytest.mark.parametrize(("names", "code", "ran"), [([], 1, "abc"), (["a"], 0, "a"), (["b"], 1, "b"), (["c, SQLite"], 0, "c"), (["c"], 0, "c")])
def test_one_failure_is_told_by_the_exit_code_and_keeps_no_other_from_running(monkeypatch: pytest.MonkeyPatch, names: list[str], code: int, ran: str) -> None:
    began: list[str] = []

    def run(name: str, folder: Path) -> dict[str, object]:
        began.append(name[0])
        return {"lost": int(name == "b")}

    proofs: dict[str, Callable[[Path], dict[str, object]]] = {name: partial(run, name) for name in ("a", "b", "c, SQLite")}
    monkeypatch.setattr(command, "PROOFS", {name: Proof(one, {}, {"lost": exactly(0)}) for name, one in proofs.items()})
    monkeypatch.setattr(command, "proved", lambda name, proof: not failed(proof.run(Path()), proof.expected))
    assert (command.main(names), "".join(began)) == (code, ran)


def test_a_name_that_is_no_proof_is_answered_with_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "proved", lambda name, proof: pytest.fail("it ran"))
    with pytest.raises(SystemExit, match="no proof is called nothing; there are: crash, SQLite"):
        command.main(["timing", "nothing"])
